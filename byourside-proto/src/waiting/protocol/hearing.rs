//! What a wait learns from events.
use super::{Output, Waiting};
use crate::{
    Call, Ended, EventEnd, Heard, LearntBy, Monotonic, Status,
    machine::{Stage, Turn},
    waiting::Reason,
    webhook::Event,
};

impl Waiting {
    pub(in crate::waiting) fn hear(
        &mut self,
        now: Monotonic,
        event: &Event,
        stage: Stage<'_, Output>,
    ) -> (Heard, Turn<Output>) {
        let nothing = (Heard::Nothing, Turn::Nothing);
        let Some(record) = event.record().filter(|_| event.call_id() == Some(self.get.0.as_str())) else {
            return nothing;
        };
        let Some(status) = event.kind().status() else {
            return nothing;
        };
        // An event whose own members disagree proves neither. The record will tell.
        if let Some(claimed) = event.status().filter(|claimed| *claimed != status) {
            let over = event.is_terminal() || claimed.is_terminal();
            if !over || now < self.unhurried_until || !matches!(stage, Stage::Open) {
                return (Heard::Conflict(claimed), Turn::Nothing);
            }
            self.unhurried_until = now.after(self.options.interval);
            return (Heard::Conflict(claimed), Turn::Hurry(self.quiet_until));
        }
        let told = matches!(stage, Stage::Told(_));
        let ended = match stage {
            Stage::Open | Stage::Told(Err(_)) => self.ended.as_mut(),
            Stage::Untold(Ok(ended)) => Some(ended),
            Stage::Untold(output) if event.is_terminal() => {
                self.report(&status);
                let counts = self.counts;
                *output = Ok(Ended::new(record.with_status(&status), LearntBy::Event, counts));
                return (Heard::Ended, Turn::Nothing);
            }
            Stage::Untold(_) => None,
            Stage::Told(Ok(ended)) if event.is_terminal() && ended.call.status() != Some(status.clone()) => {
                return (Heard::Conflict(status), Turn::Nothing);
            }
            Stage::Told(Ok(_)) => return nothing,
        };
        match ended {
            // Terminal is sticky, and `in_progress` after it is no more than late.
            Some(ended) if event.is_terminal() && ended.call.status() != Some(status.clone()) => {
                ended.conflict = Some(status.clone());
                (Heard::Conflict(status), Turn::Nothing)
            }
            Some(_) => nothing,
            None if event.is_terminal() => {
                self.keep_the_end(record, status);
                (Heard::Ended, if told { Turn::Nothing } else { self.go_to_the_end(now) })
            }
            None if told => nothing,
            None => self.heard_a_change(status),
        }
    }

    /// `call.in_progress` is of a call that was queued at most: after another status it is no more than late.
    fn heard_a_change(&mut self, status: Status) -> (Heard, Turn<Output>) {
        if !matches!(self.status, None | Some(Status::Queued)) {
            return (Heard::Nothing, Turn::Nothing);
        }
        self.change = Some(status.clone());
        self.status = Some(status);
        (Heard::Changed, Turn::Nothing)
    }

    /// The call is over. A wait that was told to have failed finishes with it once it is extended.
    fn keep_the_end(&mut self, record: Call, status: Status) {
        let record = record.with_status(&status);
        self.report(&status);
        self.fetching = self.options.event_end == EventEnd::ThenGet;
        let complete = !self.fetching && record.has_results();
        self.settling = if complete {
            0
        } else {
            self.options.settle.max(u32::from(self.fetching))
        };
        self.outdated = true;
        self.ended = Some(Ended::new(record, LearntBy::Event, self.counts));
    }

    fn go_to_the_end(&mut self, now: Monotonic) -> Turn<Output> {
        if self.settling > 0 && now < self.deadline {
            self.reason = Reason::Settling { left: self.settling };
            return Turn::Hurry(self.quiet_until);
        }
        self.finish().map_or(Turn::Nothing, Turn::Finish)
    }
}
