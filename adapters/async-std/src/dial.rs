//! Establishes connections: directly or through a proxy, with or without TLS.
use crate::hyper_io::HyperIo;
use async_std::net::TcpStream;
use byourside_hyper::{Intercept, Proxies, Relay, TrackedBody};
use futures_io::{AsyncRead, AsyncWrite};
use futures_rustls::TlsConnector;
use http::{HeaderValue, Method, Request, StatusCode, Uri, header, uri::Scheme};
use hyper::client::conn::http1;
use rustls::{ClientConfig, pki_types::ServerName};
use std::{error::Error, future::poll_fn, pin::pin, sync::Arc, task::Poll};

/// The URL schemes of the proxies that are supported.
pub(crate) const PROXY_SCHEMES: [&str; 2] = ["http", "https"];

type BoxError = Box<dyn Error + Send + Sync>;

/// A byte stream to the service, with or without TLS.
pub(crate) type Stream = Box<dyn Io>;

pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// Establishes connections, with the TLS configuration and the proxies of one transport.
pub(crate) struct Dialer {
    tls: TlsConnector,
    proxies: Proxies,
}

impl Dialer {
    pub(crate) fn new(mut tls: ClientConfig, proxies: Proxies) -> Self {
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let tls = TlsConnector::from(Arc::new(tls));
        Self { tls, proxies }
    }

    /// Connects to the service, TLS included.
    pub(crate) async fn dial(&self, uri: &Uri) -> Result<Stream, BoxError> {
        let stream = match self.proxies.of(uri) {
            None => connect(uri).await?,
            Some(proxy) => {
                let stream = self.secure(proxy.uri(), connect(proxy.uri()).await?).await?;
                tunnel(stream, &proxy, uri).await?
            }
        };
        self.secure(uri, stream).await
    }

    async fn secure(&self, uri: &Uri, stream: Stream) -> Result<Stream, BoxError> {
        if uri.scheme() != Some(&Scheme::HTTPS) {
            return Ok(stream);
        }
        let name = ServerName::try_from(bare_host(uri)?.to_owned())?;
        Ok(Box::new(self.tls.connect(name, stream).await?))
    }
}

async fn connect(uri: &Uri) -> Result<Stream, BoxError> {
    let stream = TcpStream::connect((bare_host(uri)?, port(uri))).await?;
    stream.set_nodelay(true)?;
    Ok(Box::new(stream))
}

/// Asks an HTTP proxy for a tunnel to the service, with `CONNECT`.
async fn tunnel(stream: Stream, proxy: &Intercept, uri: &Uri) -> Result<Stream, BoxError> {
    let target = format!("{}:{}", uri.host().ok_or("no host")?, port(uri));
    let mut request = Request::new(TrackedBody::new(Vec::new()).0);
    *request.method_mut() = Method::CONNECT;
    *request.uri_mut() = target.parse()?;
    request
        .headers_mut()
        .insert(header::HOST, HeaderValue::try_from(target)?);
    if let Some(user) = proxy.basic_auth() {
        request.headers_mut().insert(header::PROXY_AUTHORIZATION, user.clone());
    }
    let (mut requests, mut driver) = http1::handshake(HyperIo::new(stream, Relay::default())).await?;
    let mut response = pin!(requests.send_request(request));
    let mut running = true;
    let response = poll_fn(|context| {
        // The response future reports an error of the driver as well.
        running = running && driver.poll_without_shutdown(context).is_pending();
        response.as_mut().poll(context)
    })
    .await?;
    if response.status() != StatusCode::OK {
        return Err(format!("the proxy answered {}", response.status()).into());
    }
    poll_fn(|context| match running {
        true => driver.poll_without_shutdown(context),
        false => Poll::Ready(Ok(())),
    })
    .await?;
    let parts = driver.into_parts();
    if !parts.read_buf.is_empty() {
        return Err("the proxy sent data before the tunnel was used".into());
    }
    Ok(parts.io.into_inner())
}

fn bare_host(uri: &Uri) -> Result<&str, BoxError> {
    let host = uri.host().ok_or("no host")?;
    Ok(host.trim_start_matches('[').trim_end_matches(']'))
}

fn port(uri: &Uri) -> u16 {
    let default = if uri.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
    uri.port_u16().unwrap_or(default)
}
