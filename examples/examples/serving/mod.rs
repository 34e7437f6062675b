//! Serves HTTP/1 with the bounds that a receiver needs: how many connections there are, and how long a head may take.
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

/// Serves until the program ends. The next connection is not accepted before one of so many is over.
pub async fn serve<S, B>(listener: TcpListener, service: S)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send> + Clone + Send + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let free = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    // It is never closed.
    while let Ok(permit) = free.clone().acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: connections end, and there are some again.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(READ_TIMEOUT)
            .serve_connection(TokioIo::new(stream), service.clone());
        tokio::spawn(async move {
            // A connection that breaks is the sender's affair: what was not acknowledged comes again.
            let _ = connection.await;
            drop(permit);
        });
    }
}
