//! A server on loopback that misbehaves on cue.
mod accept;
mod http2;
mod identity;
mod log;
mod received;
mod serve;
mod step;

pub(crate) use http2::{Http2, Http2Step};
pub(crate) use identity::{Identity, authority, stranger};
pub(crate) use log::Log;
pub(crate) use received::Received;
pub(crate) use step::{Opening, Step, answer, head, json};

use accept::Accepting;
use std::{io, sync::Arc};

/// What is done with a request once it was read.
pub(crate) type Script = Arc<dyn Fn(&Received) -> Vec<Step> + Send + Sync>;

/// A running server. Dropped, it lets go of its port and its connections.
pub(crate) struct Server {
    accepting: Accepting,
    scheme: &'static str,
}

impl Server {
    /// Answers every request as the script says.
    pub(crate) fn start(script: impl Fn(&Received) -> Vec<Step> + Send + Sync + 'static) -> io::Result<Self> {
        Self::opening(Opening::Serve, script)
    }

    /// Does this with each connection first.
    pub(crate) fn opening(
        opening: Opening,
        script: impl Fn(&Received) -> Vec<Step> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let script: Script = Arc::new(script);
        let accepting =
            Accepting::start(move |socket, nth, shared| serve::plain(socket, nth, opening, &script, shared))?;
        Ok(Self {
            accepting,
            scheme: "http",
        })
    }

    /// The same over TLS, as this identity.
    pub(crate) fn tls(
        identity: &Identity,
        script: impl Fn(&Received) -> Vec<Step> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let script: Script = Arc::new(script);
        let config = identity.config(&[b"http/1.1"])?;
        let accepting = Accepting::start(move |socket, nth, shared| serve::tls(socket, nth, &config, &script, shared))?;
        Ok(Self {
            accepting,
            scheme: "https",
        })
    }

    /// No HTTP at all: does this with each connection, where the client expects TLS.
    pub(crate) fn no_tls(opening: Opening) -> io::Result<Self> {
        let mut server = Self::opening(opening, |_| vec![Step::Close])?;
        server.scheme = "https";
        Ok(server)
    }

    /// The base URL, by name: certificates are for `localhost`.
    pub(crate) fn url(&self) -> String {
        let host = match self.scheme {
            "https" => "localhost",
            _ => "127.0.0.1",
        };
        format!("{}://{host}:{}", self.scheme, self.accepting.port())
    }

    /// What was seen so far.
    pub(crate) fn log(&self) -> &Log {
        self.accepting.log()
    }
}
