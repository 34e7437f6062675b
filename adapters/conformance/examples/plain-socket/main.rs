//! All checks on an adapter of your own: `cargo run -p byourside-conformance --example plain-socket`.
mod plain_socket;

use byourside_conformance::{Blocking, Subject};
use plain_socket::PlainSocket;
use std::{process::ExitCode, sync::Arc};

fn main() -> ExitCode {
    let mine: Arc<dyn Subject> = Arc::new(Blocking::new("plain-socket", PlainSocket::new));
    let report = byourside_conformance::run(&[mine]);
    println!("{report}");
    if report.passed() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
