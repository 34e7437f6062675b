//! What a wait learns from events.
use super::{
    options::OnTerminalEvent,
    outcome::{EndSource, EventEffect, FinishedCall},
    protocol::{Output, Waiting},
    status::Reason,
};
use crate::{
    machine::engine::{Effect, Stage},
    types::{Call, Monotonic, Status},
    webhook::Event,
};

impl Waiting {
    pub(super) fn hear(
        &mut self,
        now: Monotonic,
        event: &Event,
        stage: Stage<'_, Output>,
    ) -> (EventEffect, Effect<Output>) {
        let nothing = (EventEffect::Nothing, Effect::Nothing);
        let Some(record) = event.record().filter(|_| event.call_id() == Some(self.get.0.as_str())) else {
            return nothing;
        };
        let Some(status) = event.kind().status() else {
            return nothing;
        };
        // An event whose own members disagree proves neither. The record will tell.
        if let Some(claimed) = event.status().filter(|claimed| *claimed != status) {
            let over = event.is_terminal() || claimed.is_terminal();
            if !over || now < self.conflict_cooldown_until || !matches!(stage, Stage::Open) {
                return (EventEffect::Conflict(claimed), Effect::Nothing);
            }
            self.conflict_cooldown_until = now.after(self.options.interval);
            return (EventEffect::Conflict(claimed), Effect::WakeBy(self.retry_after_until));
        }
        let told = matches!(stage, Stage::Observed(_));
        let ended = match stage {
            Stage::Open | Stage::Observed(Err(_)) => self.ended.as_mut(),
            Stage::Unobserved(Ok(ended)) => Some(ended),
            Stage::Unobserved(output) if event.is_terminal() => {
                self.report(&status);
                let counts = self.counts;
                *output = Ok(FinishedCall::new(record.with_status(&status), EndSource::Event, counts));
                return (EventEffect::Ended, Effect::Nothing);
            }
            Stage::Unobserved(_) => None,
            Stage::Observed(Ok(ended)) if event.is_terminal() && ended.call.status() != Some(status.clone()) => {
                return (EventEffect::Conflict(status), Effect::Nothing);
            }
            Stage::Observed(Ok(_)) => return nothing,
        };
        match ended {
            // Terminal is sticky, and `in_progress` after it is no more than late.
            Some(ended) if event.is_terminal() && ended.call.status() != Some(status.clone()) => {
                ended.conflict = Some(status.clone());
                (EventEffect::Conflict(status), Effect::Nothing)
            }
            Some(_) => nothing,
            None if event.is_terminal() => {
                self.keep_the_end(record, status);
                (
                    EventEffect::Ended,
                    if told { Effect::Nothing } else { self.go_to_the_end(now) },
                )
            }
            None if told => nothing,
            None => self.heard_a_change(status),
        }
    }

    /// `call.in_progress` is of a call that was queued at most: after another status it is no more than late.
    fn heard_a_change(&mut self, status: Status) -> (EventEffect, Effect<Output>) {
        if !matches!(self.status, None | Some(Status::Queued)) {
            return (EventEffect::Nothing, Effect::Nothing);
        }
        self.change = Some(status.clone());
        self.status = Some(status);
        (EventEffect::Changed, Effect::Nothing)
    }

    /// The call is over. A wait that was told to have failed finishes with it once it is extended.
    fn keep_the_end(&mut self, record: Call, status: Status) {
        let record = record.with_status(&status);
        self.report(&status);
        self.fetching = self.options.on_terminal_event == OnTerminalEvent::Refetch;
        let complete = !self.fetching && record.has_results();
        self.settling = if complete {
            0
        } else {
            self.options.settle.max(u32::from(self.fetching))
        };
        self.outdated = true;
        self.ended = Some(FinishedCall::new(record, EndSource::Event, self.counts));
    }

    fn go_to_the_end(&mut self, now: Monotonic) -> Effect<Output> {
        if self.settling > 0 && now < self.deadline {
            self.reason = Reason::Settling { left: self.settling };
            return Effect::WakeBy(self.retry_after_until);
        }
        self.finish().map_or(Effect::Nothing, Effect::Finish)
    }
}
