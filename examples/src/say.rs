//! Printing that does not panic if the output is closed, as `println!` and `eprintln!` do.
use crate::line;
use byourside_proto::webhook::{Event, Refusal};
use http::StatusCode;
use std::{
    fmt::Display,
    io::{self, Write},
    process,
    sync::mpsc::Receiver,
    thread,
};

/// Writes a line to standard output.
///
/// # Errors
/// If writing fails, most likely because the output is closed.
pub fn say(line: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{line}")
}

/// Writes a line to standard error. Failure is ignored.
pub fn log(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Logs why a delivery is refused, and returns the status to answer with.
#[must_use]
pub fn refused(refusal: Refusal) -> StatusCode {
    log(format_args!("refused: {refusal}"));
    StatusCode::BAD_REQUEST
}

/// Prints each event on a thread of its own, where processing an event may take any time.
///
/// If printing fails, the program ends with exit code 1, since later events would be acknowledged and lost. Events that
/// were acknowledged but not yet processed are lost all the same; a program that cannot lose any stores an event before
/// it answers.
pub fn print_events(events: Receiver<Event>) {
    thread::spawn(move || {
        for event in events {
            if let Err(error) = say(line(&event)) {
                log(format_args!("events cannot be printed: {error}"));
                process::exit(1);
            }
        }
    });
}
