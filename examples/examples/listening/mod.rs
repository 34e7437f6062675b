//! The webhook receiver of `webhook-axum` inside another program, on a thread of its own.
#[path = "../webhook-axum/app.rs"]
mod app;
#[path = "../serving/mod.rs"]
mod serving;

use byourside_examples::Inbox;
use byourside_proto::webhook::{Event, Verifier};
use hyper_util::service::TowerToHyperService;
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, mpsc::Receiver},
    thread,
};
use tokio::{net::TcpListener, runtime};

/// Listens on any free loopback port until the program ends. The other end of the inbox receives the events.
pub fn listen(verifier: Verifier) -> io::Result<(SocketAddr, Arc<Inbox>, Receiver<Event>)> {
    let (inbox, events) = Inbox::new(1000);
    let inbox = Arc::new(inbox);
    let app = app::router(verifier, inbox.clone());
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    let address = listener.local_addr()?;
    thread::spawn(move || runtime.block_on(serving::serve(listener, TowerToHyperService::new(app))));
    Ok((address, inbox, events))
}
