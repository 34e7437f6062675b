//! Receives webhook events with hyper, and prints each event once.
//!
//! `BYOURSIDE_WEBHOOK_SECRET=whsec_example cargo run --example webhook-hyper -- 127.0.0.1:8080`; without an address
//! it picks a port. `webhook-sign` shows how to send an event.
mod serving;

use byourside_examples::{
    Inbox, MAX_BODY, READ_TIMEOUT, print_events, refused, say, unix_now, verifier_from_env, worth_reading,
};
use byourside_proto::webhook::Verifier;
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    service::service_fn,
};
use std::{convert::Infallible, error::Error, sync::Arc};
use tokio::{net::TcpListener, time::timeout};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".into());
    let (inbox, events) = Inbox::new(1000);
    let receiver = Arc::new((verifier_from_env()?, inbox));
    print_events(events);

    let listener = TcpListener::bind(address).await?;
    say(format_args!("listening on http://{}", listener.local_addr()?))?;
    let service = service_fn(move |request| {
        let receiver = receiver.clone();
        async move {
            let (verifier, inbox) = &*receiver;
            let mut response = Response::new(Empty::<Bytes>::new());
            *response.status_mut() = receive(verifier, inbox, request).await;
            Ok::<_, Infallible>(response)
        }
    });
    serving::serve(listener, service).await;
    Ok(())
}

async fn receive(verifier: &Verifier, inbox: &Inbox, request: Request<Incoming>) -> StatusCode {
    // The time before the body is read: a slow sender does not make the delivery older.
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
