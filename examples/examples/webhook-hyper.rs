//! Receives events with hyper alone, and prints each one once.
//!
//! `BYOURSIDE_WEBHOOK_SECRET=whsec_example cargo run --example webhook-hyper -- 127.0.0.1:8080`; with no address it picks
//! a port. `webhook-sign` shows how to send it something.
use byourside_examples::{
    Inbox, MAX_BODY, READ_TIMEOUT, print_events, refused, say, unix_now, verifier_from_env, worth_reading,
};
use byourside_proto::webhook::Verifier;
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{convert::Infallible, error::Error, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Semaphore, time::timeout};

const MAX_CONNECTIONS: usize = 256;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".into());
    let (inbox, events) = Inbox::new(1000);
    let receiver = Arc::new((verifier_from_env()?, inbox));
    print_events(events);

    let listener = TcpListener::bind(address).await?;
    say(format_args!("listening on http://{}", listener.local_addr()?))?;
    let free = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let permit = free.clone().acquire_owned().await?;
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: connections end, and there are some again.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let receiver = receiver.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| async {
                let (verifier, inbox) = &*receiver;
                let mut response = Response::new(Empty::<Bytes>::new());
                *response.status_mut() = receive(verifier, inbox, request).await;
                Ok::<_, Infallible>(response)
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(READ_TIMEOUT)
                .serve_connection(TokioIo::new(stream), service);
            // A connection that breaks is the sender's affair: what was not acknowledged comes again.
            let _ = connection.await;
            drop(permit);
        });
    }
}

async fn receive(verifier: &Verifier, inbox: &Inbox, request: Request<Incoming>) -> StatusCode {
    // Now, before the body: a slow sender's delivery does not get older while it is read.
    let received = unix_now();
    if request.method() != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED;
    }
    if let Err(refusal) = worth_reading(verifier, request.headers(), received) {
        return refused(refusal);
    }
    let (head, body) = request.into_parts();
    let body = match timeout(READ_TIMEOUT, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return StatusCode::PAYLOAD_TOO_LARGE,
        Ok(Err(_)) => return StatusCode::BAD_REQUEST,
        Err(_) => return StatusCode::REQUEST_TIMEOUT,
    };
    inbox.receive(verifier, &Request::from_parts(head, body), received)
}
