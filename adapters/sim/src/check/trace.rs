//! The last steps of one call, formatted only if an invariant breaks.
use crate::Received;
use byourside_proto::{Monotonic, webhook::EventKind};
use std::time::Duration;
use std::{collections::VecDeque, fmt};

const KEPT: usize = 16;

/// One step.
#[derive(Clone, Debug)]
pub enum Note {
    Began(&'static str),
    Sent { post: bool },
    Answered(u16),
    Failed(&'static str),
    Misrouted,
    ProcessEnded(Duration),
    ProcessStarted,
    Repeated,
    Event { kind: EventKind, own: bool },
}

/// The last steps.
#[derive(Clone, Debug, Default)]
pub struct Trace(VecDeque<(Monotonic, Note)>);

impl Trace {
    pub fn note(&mut self, now: Monotonic, note: Note) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back((now, note));
    }

    pub fn received(&mut self, now: Monotonic, received: &Received) {
        let note = match received {
            Received::Response(response) => Note::Answered(response.status().as_u16()),
            Received::Closed => Note::Failed("the connection closes"),
            Received::Silence => Note::Failed("silence"),
            Received::NoConnection => Note::Failed("no connection"),
        };
        self.note(now, note);
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, note) in &self.0 {
            write!(f, "{:10.3} s  ", at.since_origin().as_secs_f64())?;
            match note {
                Note::Began(what) => writeln!(f, "begins {what}"),
                Note::Sent { post: true } => writeln!(f, "sends the POST"),
                Note::Sent { post: false } => writeln!(f, "sends a GET"),
                Note::Answered(status) => writeln!(f, "is answered {status}"),
                Note::Failed(how) => writeln!(f, "receives nothing: {how}"),
                Note::Misrouted => writeln!(f, "is handed the reply to another program's request"),
                Note::ProcessEnded(pause) => writeln!(f, "ends with its process, for {:.3} s", pause.as_secs_f64()),
                Note::ProcessStarted => writeln!(f, "goes on in another process"),
                Note::Repeated => writeln!(f, "is told again what it was told"),
                Note::Event { kind, own: true } => writeln!(f, "is told {}", kind.as_str()),
                Note::Event { kind, own: false } => {
                    writeln!(f, "is told {}, of a call that it does not know", kind.as_str())
                }
            }?;
        }
        Ok(())
    }
}
