//! The scripted server over HTTP/2, on its own thread and runtime.
use super::{Identity, Log, Received};
use h2::{Reason, server::SendResponse};
use http::{Request, Response};
use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    sync::Arc,
    thread,
    time::Duration,
};
use tokio::{net::TcpStream, runtime, sync::oneshot, time::timeout};
use tokio_rustls::TlsAcceptor;

/// What the server does with a request over HTTP/2.
#[derive(Clone, Debug)]
pub(crate) enum Http2Step {
    /// Answers with this status and body.
    Answer(u16, Vec<u8>),
    /// Starts an answer with this part of a body, and then resets the stream.
    Cut(Vec<u8>),
    /// Resets the stream with this error code.
    Reset(u32),
    /// Closes the connection with `GOAWAY`.
    GoAway,
    /// Sends nothing.
    Silence,
}

/// A running server that offers `h2` and `http/1.1`, and serves only `h2`.
pub(crate) struct Http2 {
    port: u16,
    log: Arc<Log>,
    _stop: oneshot::Sender<()>,
}

impl Http2 {
    /// Starts a server that answers each request as the script says.
    pub(crate) fn start(
        identity: &Identity,
        script: impl Fn(&Received) -> Http2Step + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let acceptor = TlsAcceptor::from(identity.config(&[b"h2", b"http/1.1"])?);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let log = Arc::new(Log::default());
        let (stop, stopped) = oneshot::channel::<()>();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (shared, script) = (log.clone(), Arc::new(script));
        thread::spawn(move || {
            let accept = async {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                loop {
                    let (socket, _) = listener.accept().await?;
                    let nth = shared.connected();
                    tokio::spawn(connection(
                        socket,
                        nth,
                        acceptor.clone(),
                        script.clone(),
                        shared.clone(),
                    ));
                }
            };
            // Ends when the server drops the sender, which never sends.
            let _: Option<io::Result<()>> = runtime.block_on(async {
                tokio::select! {
                    end = accept => Some(end),
                    _ = stopped => None,
                }
            });
            runtime.shutdown_background();
        });
        Ok(Self { port, log, _stop: stop })
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }
}

async fn connection<S>(socket: TcpStream, nth: usize, acceptor: TlsAcceptor, script: Arc<S>, log: Arc<Log>)
where
    S: Fn(&Received) -> Http2Step + Send + Sync + 'static,
{
    let Ok(tls) = acceptor.accept(socket).await else { return };
    if tls.get_ref().1.alpn_protocol() != Some(b"h2") {
        return;
    }
    let Ok(mut h2) = h2::server::handshake(tls).await else {
        return;
    };
    while let Some(Ok((request, mut respond))) = h2.accept().await {
        log.began(request.method().as_str().as_bytes());
        let mut received = log.received(read_head(&request, nth));
        let mut body = request.into_body();
        match script(&received) {
            Http2Step::GoAway => h2.abrupt_shutdown(Reason::ENHANCE_YOUR_CALM),
            step => {
                tokio::spawn(async move {
                    while let Some(Ok(data)) = body.data().await {
                        let _ = body.flow_control().release_capacity(data.len());
                        received.body.extend_from_slice(&data);
                    }
                    answer(&mut respond, step).await;
                });
            }
        }
    }
}

fn read_head(request: &Request<h2::RecvStream>, connection: usize) -> Received {
    Received {
        connection,
        method: request.method().to_string(),
        target: request.uri().path().into(),
        headers: request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
            .collect(),
        ..Received::default()
    }
}

async fn answer(respond: &mut SendResponse<bytes::Bytes>, step: Http2Step) {
    match step {
        Http2Step::Answer(status, body) => {
            let mut response = Response::new(());
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
            if let Ok(mut stream) = respond.send_response(response, false) {
                let _ = stream.send_data(body.into(), true);
            }
        }
        Http2Step::Cut(body) => {
            if let Ok(mut stream) = respond.send_response(Response::new(()), false) {
                let _ = stream.send_data(body.into(), false);
                tokio::time::sleep(Duration::from_millis(50)).await;
                stream.send_reset(Reason::INTERNAL_ERROR);
            }
        }
        Http2Step::Reset(code) => respond.send_reset(code.into()),
        Http2Step::Silence => {
            let _ = timeout(Duration::from_secs(60), std::future::pending::<()>()).await;
        }
        Http2Step::GoAway => {}
    }
}
