//! Receives webhook events with axum, and prints each event once.
//!
//! `BYOURSIDE_WEBHOOK_SECRET=whsec_example cargo run --example webhook-axum -- 127.0.0.1:8080`; without an address it
//! picks a port. `webhook-sign` shows how to send an event.
//!
//! axum's own server limits neither the number of connections nor the time for a request's head; `serving` limits both.
mod app;
#[path = "../serving/mod.rs"]
mod serving;

use byourside_examples::{Inbox, print_events, say, verifier_from_env};
use hyper_util::service::TowerToHyperService;
use std::{error::Error, sync::Arc};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".into());
    let (inbox, events) = Inbox::new(1000);
    let app = app::router(verifier_from_env()?, Arc::new(inbox));
    print_events(events);

    let listener = TcpListener::bind(address).await?;
    say(format_args!("listening on http://{}", listener.local_addr()?))?;
    serving::serve(listener, TowerToHyperService::new(app)).await;
    Ok(())
}
