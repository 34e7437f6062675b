//! A scripted server on loopback that misbehaves on command.
mod http2;
mod identity;
mod listener;
mod log;
mod received;
mod serve;
mod step;

pub(crate) use http2::{Http2, Http2Step};
pub(crate) use identity::{Identity, authority, untrusted_authority};
pub(crate) use log::Log;
pub(crate) use received::Received;
pub(crate) use step::{Opening, Step, answer, head, json};

use listener::Listener;
use std::{io, sync::Arc};

/// Returns the steps to take after a request was read.
pub(crate) type Script = Arc<dyn Fn(&Received) -> Vec<Step> + Send + Sync>;

/// A running server. Dropping it closes its port and its connections.
pub(crate) struct Server {
    listener: Listener,
    scheme: &'static str,
}

impl Server {
    /// Starts a server that answers each request as the script says.
    pub(crate) fn start(script: impl Fn(&Received) -> Vec<Step> + Send + Sync + 'static) -> io::Result<Self> {
        Self::opening(Opening::Serve, script)
    }

    /// Starts a server that begins each connection with this opening.
    pub(crate) fn opening(
        opening: Opening,
        script: impl Fn(&Received) -> Vec<Step> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let script: Script = Arc::new(script);
        let listener = Listener::start(move |socket, nth, shared| serve::plain(socket, nth, opening, &script, shared))?;
        Ok(Self {
            listener,
            scheme: "http",
        })
    }

    /// Starts a server over TLS with this certificate.
    pub(crate) fn tls(
        identity: &Identity,
        script: impl Fn(&Received) -> Vec<Step> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let script: Script = Arc::new(script);
        let config = identity.config(&[b"http/1.1"])?;
        let listener = Listener::start(move |socket, nth, shared| serve::tls(socket, nth, &config, &script, shared))?;
        Ok(Self {
            listener,
            scheme: "https",
        })
    }

    /// Starts a server with an `https` URL that does not speak TLS, but begins each connection with this opening.
    pub(crate) fn without_tls(opening: Opening) -> io::Result<Self> {
        let mut server = Self::opening(opening, |_| vec![Step::Close])?;
        server.scheme = "https";
        Ok(server)
    }

    /// The base URL. With TLS its host is `localhost`, which the certificates are for.
    pub(crate) fn url(&self) -> String {
        let host = match self.scheme {
            "https" => "localhost",
            _ => "127.0.0.1",
        };
        format!("{}://{host}:{}", self.scheme, self.listener.port())
    }

    /// The log so far.
    pub(crate) fn log(&self) -> &Log {
        self.listener.log()
    }
}
