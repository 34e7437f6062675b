//! All checks on every adapter of this workspace: `cargo test -p byourside-conformance` prints the table.
use byourside_async_std::AsyncStdTransport;
use byourside_conformance::{Asynchronous, Blocking, Setup, Subject};
use byourside_proto::client::ClientOptions;
use byourside_tokio::HyperTransport;
use byourside_ureq::UreqTransport;
use std::{io, process::ExitCode, sync::Arc, time::Instant};
use tokio::runtime::Runtime;

const ROOTS: &str = "valid roots";

fn main() -> io::Result<ExitCode> {
    let runtime = Runtime::new()?;
    let ureq = |setup: &Setup| UreqTransport::with_roots(&options(setup), &setup.roots).expect(ROOTS);
    let tokio = |setup: &Setup| HyperTransport::with_roots(&options(setup), &setup.roots).expect(ROOTS);
    let async_std = |setup: &Setup| AsyncStdTransport::with_roots(&options(setup), &setup.roots).expect(ROOTS);
    let subjects: [Arc<dyn Subject>; 3] = [
        Arc::new(Blocking::new("ureq", ureq)),
        Arc::new(Asynchronous::new("tokio", tokio, move |future| runtime.block_on(future)).http2()),
        Arc::new(Asynchronous::new("async-std", async_std, |future| {
            async_std::task::block_on(future)
        })),
    ];
    let began = Instant::now();
    let report = byourside_conformance::run(&subjects);
    println!("\n{report}in {:.1} s", began.elapsed().as_secs_f64());
    Ok(if report.passed() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn options(setup: &Setup) -> ClientOptions {
    ClientOptions {
        connect_timeout: setup.connect_timeout,
        max_body: setup.max_body,
        ..ClientOptions::default()
    }
}
