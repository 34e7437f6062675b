//! One connection, whoever is at its other end.
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
/// How much of a body is read even if that is too long for the service: most clients look at no answer before they have
/// sent all of it.
const DRAINED: usize = 1024 * 1024;
/// For the headers of the next request to arrive, and for its body.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a connection lasts. After it the request under way is still answered.
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

/// An error closes the connection without an answer.
async fn answer(request: Request<Incoming>, server: Server) -> io::Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let body = timeout(READ_TIMEOUT, read(body, server.max_body().max(DRAINED))).await??;
    match server.handle(&Request::from_parts(head, body)).await {
        Received::Response(response) => Ok(response.map(|body| Full::new(Bytes::from(body)))),
        // A connection is there already, so that it can only be closed.
        Received::Closed | Received::NoConnection => Err(io::Error::other("the answer is lost")),
        Received::Silence => {
            sleep(LIFETIME).await;
            Err(io::Error::other("no answer ever came"))
        }
    }
}

/// Reads a body to its end, or until it is longer than `enough`. The service says itself that it is too long.
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
