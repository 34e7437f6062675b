//! How a connection comes about: straight or through a proxy, with or without TLS, within its time.
use byourside_hyper::{Intercept, Proxies};
use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::{
    client::legacy::connect::{
        HttpConnector,
        proxy::{SocksV4, SocksV5, Tunnel},
    },
    rt::TokioIo,
};
use rustls::ClientConfig;
use std::{
    error::Error,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{net::TcpStream, time::timeout};
use tower_service::Service;

/// The kinds of proxy that a connection can go through.
pub(crate) const PROXY_SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
const SOCKS_PORT: u16 = 1080;

type BoxError = Box<dyn Error + Send + Sync>;
type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;
type Socket = TokioIo<TcpStream>;

/// Makes connections that are ready for a request, TLS included, each within its time.
#[derive(Clone, Debug)]
pub(crate) struct Connector {
    /// Shared: hyper clones its connector for every request, and most need no connection.
    https: Arc<HttpsConnector<Route>>,
    time: Duration,
}

/// Makes connections to the service as far as its TLS.
#[derive(Clone, Debug)]
struct Route {
    http: HttpConnector,
    to_proxy: HttpsConnector<HttpConnector>,
    proxies: Arc<Proxies>,
}

impl Connector {
    pub(crate) fn new(mut tls: ClientConfig, proxies: Proxies, time: Duration) -> Self {
        // Which protocols are offered is for the client to say.
        tls.alpn_protocols.clear();
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls.clone());
        let to_proxy = builder.https_or_http().enable_http1().wrap_connector(http.clone());
        let route = Route {
            http,
            to_proxy,
            proxies: Arc::new(proxies),
        };
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls);
        Self {
            https: Arc::new(builder.https_or_http().enable_all_versions().wrap_connector(route)),
            time,
        }
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<MaybeHttpsStream<Socket>>;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // No part of it is ever busy.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let mut https = HttpsConnector::clone(&self.https);
        let connecting = timeout(self.time, https.call(uri));
        Box::pin(async { connecting.await.map_err(|_| "connecting took too long")? })
    }
}

impl Service<Uri> for Route {
    type Response = MaybeHttpsStream<Socket>;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let Self { http, to_proxy, .. } = self.clone();
        match self.proxies.of(&uri) {
            None => plain(http, uri),
            Some(proxy) => match proxy.uri().scheme_str() {
                Some(scheme @ ("socks5" | "socks5h")) => {
                    let mut socks = SocksV5::new(socks_address(&proxy), http).local_dns(scheme == "socks5");
                    if let Some((user, password)) = proxy.raw_auth() {
                        socks = socks.with_auth(user.to_owned(), password.to_owned());
                    }
                    plain(socks, uri)
                }
                Some(scheme @ ("socks4" | "socks4a")) => plain(
                    SocksV4::new(socks_address(&proxy), http).local_dns(scheme == "socks4"),
                    uri,
                ),
                _ => {
                    let mut tunnel = Tunnel::new(proxy.uri().clone(), to_proxy);
                    if let Some(user) = proxy.basic_auth() {
                        tunnel = tunnel.with_auth(user.clone());
                    }
                    Box::pin(async move { Ok(tunnel.call(uri).await?) })
                }
            },
        }
    }
}

fn plain<C>(mut connector: C, uri: Uri) -> Connecting<MaybeHttpsStream<Socket>>
where
    C: Service<Uri, Response = Socket, Error: Into<BoxError>, Future: Send> + Send + 'static,
{
    Box::pin(async move {
        let socket = connector.call(uri).await.map_err(Into::into)?;
        Ok(MaybeHttpsStream::Http(socket))
    })
}

/// Without a port, hyper would take it for HTTP.
fn socks_address(proxy: &Intercept) -> Uri {
    let uri = proxy.uri();
    match (uri.port(), uri.host()) {
        (None, Some(host)) => {
            let authority = format!("{host}:{SOCKS_PORT}");
            let built = Uri::builder().scheme("socks").authority(authority).path_and_query("/");
            built.build().unwrap_or_else(|_| uri.clone())
        }
        _ => uri.clone(),
    }
}
