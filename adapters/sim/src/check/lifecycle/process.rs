//! The end of a process and the start of the next one.
use super::{Lifecycle, Outcome};
use crate::check::{invariant::Invariant, restarts::StoppedProcess, stages::Stage, trace::Note};
use byourside_proto::Monotonic;
use std::{mem, time::Duration};

impl Lifecycle {
    /// Ends the process at this poll, if the draw says so.
    pub(super) fn maybe_end_process(&mut self, now: Monotonic) {
        let pause = self.shared.restarts.borrow_mut().draw();
        if let Some(pause) = pause {
            self.end_process(now, pause);
        }
    }

    pub(super) fn end_process(&mut self, now: Monotonic, pause: Duration) {
        match StoppedProcess::of(&self.stage, &self.seen, self.clock(now), pause) {
            None => {}
            Some(Ok(down)) => {
                self.stage = Stage::Stopped(Box::new(down));
                self.history.restarts += 1;
                self.history.trace.note(now, Note::ProcessEnded(pause));
                self.history.checks.process_down(now, pause);
            }
            Some(Err((invariant, what))) => self.history.checks.breaks(invariant, what),
        }
    }

    pub(super) fn restart(&mut self, now: Monotonic) -> Option<Outcome> {
        let clock = self.clock(now);
        if let Stage::Stopped(down) = mem::replace(&mut self.stage, Stage::Scheduled(clock)) {
            match down.up(self.history.intent.api.clone(), clock) {
                Ok((stage, seen)) => (self.stage, self.seen) = (stage, seen),
                Err(error) => {
                    self.history.checks.breaks(Invariant::Restored, error.to_string());
                    return Some(Outcome::Unknown);
                }
            }
        }
        self.history.trace.note(now, Note::ProcessStarted);
        None
    }
}
