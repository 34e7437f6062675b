//! One connection of the local service.
use crate::server::Server;
use byourside_sim::Received;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{io, pin::pin, time::Duration};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};

const MAX_HEADERS: usize = 16 * 1024;
/// How much of a body is read even if the service accepts less, in bytes: most clients do not read an answer before
/// they have sent the whole body.
const DRAINED: usize = 1024 * 1024;
/// The timeout for the headers of the next request to arrive, and again for its body.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a connection lasts. A request in flight is still answered after that.
const LIFETIME: Duration = Duration::from_secs(300);
const LAST_ANSWER: Duration = Duration::from_secs(10);

pub(crate) async fn serve(stream: TcpStream, server: Server) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(READ_TIMEOUT)
        .max_header_size(MAX_HEADERS)
        .half_close(true)
        .serve_connection(
            TokioIo::new(stream),
            service_fn(move |request| answer(request, server.clone())),
        );
    let mut connection = pin!(connection);
    if timeout(LIFETIME, connection.as_mut()).await.is_err() {
        connection.as_mut().graceful_shutdown();
        let _ = timeout(LAST_ANSWER, connection).await;
    }
}

/// Answers a request. An error closes the connection without an answer.
async fn answer(request: Request<Incoming>, server: Server) -> io::Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let body = timeout(READ_TIMEOUT, read(body, server.max_body().max(DRAINED))).await??;
    match server.handle(&Request::from_parts(head, body)).await {
        Received::Response(response) => Ok(response.map(|body| Full::new(Bytes::from(body)))),
        // The connection was accepted already, so it can only be closed.
        Received::Closed | Received::NoConnection => Err(io::Error::other("the answer is lost")),
        Received::Silence => {
            sleep(LIFETIME).await;
            Err(io::Error::other("no answer ever came"))
        }
    }
}

/// Reads a body to its end, or until it is longer than `enough`. The service itself refuses a body that is too long.
async fn read(mut body: Incoming, enough: usize) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    while read.len() <= enough
        && let Some(frame) = body.frame().await
    {
        if let Some(data) = frame.map_err(io::Error::other)?.data_ref() {
            read.extend_from_slice(data);
        }
    }
    Ok(read)
}
