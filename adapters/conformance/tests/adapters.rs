//! Every adapter of the workspace against every check: `cargo test -p byourside-conformance` prints the table.
use byourside_conformance::{Blocking, Setup, Subject};
use byourside_ureq::{ClientOptions, UreqTransport};
use std::{process::ExitCode, sync::Arc, time::Instant};

fn main() -> ExitCode {
    let subjects: [Arc<dyn Subject>; 1] = [Arc::new(Blocking::new("ureq", |setup| {
        UreqTransport::with_roots(&options(setup), &setup.roots).expect("the roots are certificates")
    }))];
    let began = Instant::now();
    let report = byourside_conformance::run(&subjects);
    println!("\n{report}in {:.1} s", began.elapsed().as_secs_f64());
    if report.passed() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn options(setup: &Setup) -> ClientOptions {
    ClientOptions {
        connect_timeout: setup.connect_timeout,
        max_body: setup.max_body,
        ..ClientOptions::default()
    }
}
