//! What a program says, whether or not anyone reads it: `println!` and `eprintln!` panic once the reader is gone.
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
/// As writing fails, when the reader is gone most likely.
pub fn say(line: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{line}")
}

/// Writes a line to standard error. A log that nobody reads stops nothing.
pub fn log(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Logs why a delivery is refused, and says what to answer.
#[must_use]
pub fn refused(refusal: Refusal) -> StatusCode {
    log(format_args!("refused: {refusal}"));
    StatusCode::BAD_REQUEST
}

/// Prints each event, on a thread of its own; dealing with an event may take as long as it likes there.
///
/// Where printing fails the program ends, with exit code 1: whatever it acknowledged from then on would be lost. What
/// was acknowledged and not dealt with is lost even so: who cannot afford that stores an event before the answer.
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
