//! Establishes connections: directly or through a proxy, with or without TLS, within the connect timeout.
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

/// The URL schemes of the proxies that are supported.
pub(crate) const PROXY_SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
const SOCKS_PORT: u16 = 1080;

type BoxError = Box<dyn Error + Send + Sync>;
type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;
type Socket = TokioIo<TcpStream>;

/// Establishes connections to the service, TLS included, within the connect timeout.
#[derive(Clone, Debug)]
pub(crate) struct Connector {
    /// Shared, because hyper clones its connector for every request, and most requests need no new connection.
    https: Arc<HttpsConnector<RouteConnector>>,
    connect_timeout: Duration,
}

/// Establishes the connection below the service's TLS: direct, or a tunnel through a proxy.
#[derive(Clone, Debug)]
struct RouteConnector {
    http: HttpConnector,
    to_proxy: HttpsConnector<HttpConnector>,
    proxies: Arc<Proxies>,
}

impl Connector {
    pub(crate) fn new(mut tls: ClientConfig, proxies: Proxies, connect_timeout: Duration) -> Self {
        // hyper-rustls sets the protocols, and panics if there are any.
        tls.alpn_protocols.clear();
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls.clone());
        let to_proxy = builder.https_or_http().enable_http1().wrap_connector(http.clone());
        let route = RouteConnector {
            http,
            to_proxy,
            proxies: Arc::new(proxies),
        };
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls);
        Self {
            https: Arc::new(builder.https_or_http().enable_all_versions().wrap_connector(route)),
            connect_timeout,
        }
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<MaybeHttpsStream<Socket>>;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // hyper's connectors are always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let mut https = HttpsConnector::clone(&self.https);
        let connecting = timeout(self.connect_timeout, https.call(uri));
        Box::pin(async { connecting.await.map_err(|_| "connecting timed out")? })
    }
}

impl Service<Uri> for RouteConnector {
    type Response = MaybeHttpsStream<Socket>;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let Self { http, to_proxy, .. } = self.clone();
        match self.proxies.of(&uri) {
            None => connect(http, uri),
            Some(proxy) => match proxy.uri().scheme_str() {
                Some(scheme @ ("socks5" | "socks5h")) => {
                    let mut socks = SocksV5::new(socks_address(&proxy), http).local_dns(scheme == "socks5");
                    if let Some((user, password)) = proxy.raw_auth() {
                        socks = socks.with_auth(user.to_owned(), password.to_owned());
                    }
                    connect(socks, uri)
                }
                Some(scheme @ ("socks4" | "socks4a")) => connect(
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

fn connect<C>(mut connector: C, uri: Uri) -> Connecting<MaybeHttpsStream<Socket>>
where
    C: Service<Uri, Response = Socket, Error: Into<BoxError>, Future: Send> + Send + 'static,
{
    Box::pin(async move {
        let socket = connector.call(uri).await.map_err(Into::into)?;
        Ok(MaybeHttpsStream::Http(socket))
    })
}

/// The address of a SOCKS proxy with its port: without one, hyper-util would use that of HTTP.
fn socks_address(proxy: &Intercept) -> Uri {
    let uri = proxy.uri();
    match (uri.port(), uri.host()) {
        (None, Some(host)) => {
            let authority = format!("{host}:{SOCKS_PORT}");
            let with_port = Uri::builder().scheme("socks").authority(authority).path_and_query("/");
            with_port.build().unwrap_or_else(|_| uri.clone())
        }
        _ => uri.clone(),
    }
}
