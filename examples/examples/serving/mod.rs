//! Serves HTTP/1 with the limits that a receiver needs: the number of connections, and the time for a request's head.
use byourside_examples::READ_TIMEOUT;
use hyper::{
    Request, Response,
    body::{Body, Incoming},
    server::conn::http1,
    service::Service,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{convert::Infallible, error::Error, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Semaphore};

const MAX_CONNECTIONS: usize = 256;

/// Serves until the program ends. At the limit, the next connection is accepted when another one has ended.
pub async fn serve<S, B>(listener: TcpListener, service: S)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send> + Clone + Send + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let free = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    // The semaphore is never closed.
    while let Ok(permit) = free.clone().acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            // Most likely out of file descriptors. Connections will end and free some.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(READ_TIMEOUT)
            .serve_connection(TokioIo::new(stream), service.clone());
        tokio::spawn(async move {
            // If a connection breaks, the sender delivers the event again.
            let _ = connection.await;
            drop(permit);
        });
    }
}
