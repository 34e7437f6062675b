//! What webhook events change in a wait.
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
    pub(super) fn on_event(
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
        // The kind and the status of the event differ, so it proves neither. A GET shows which.
        if let Some(claimed) = event.status().filter(|claimed| *claimed != status) {
            let ends = event.is_terminal() || claimed.is_terminal();
            if !ends || now < self.conflict_cooldown_until || !matches!(stage, Stage::Open) {
                return (EventEffect::Conflict(claimed), Effect::Nothing);
            }
            self.conflict_cooldown_until = now.after(self.options.interval);
            return (EventEffect::Conflict(claimed), Effect::WakeBy(self.retry_after_until));
        }
        let observed = matches!(stage, Stage::Observed(_));
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
            // A terminal status is sticky. An `in_progress` that comes after it is only late.
            Some(ended) if event.is_terminal() && ended.call.status() != Some(status.clone()) => {
                ended.conflict = Some(status.clone());
                (EventEffect::Conflict(status), Effect::Nothing)
            }
            Some(_) => nothing,
            None if event.is_terminal() => {
                self.keep_end(record, status);
                (
                    EventEffect::Ended,
                    if observed {
                        Effect::Nothing
                    } else {
                        self.finish_or_refetch(now)
                    },
                )
            }
            None if observed => nothing,
            None => self.change_status(status),
        }
    }

    /// Applies `call.in_progress`, unless the status is already past `queued`: then the event is only late.
    fn change_status(&mut self, status: Status) -> (EventEffect, Effect<Output>) {
        if !matches!(self.status, None | Some(Status::Queued)) {
            return (EventEffect::Nothing, Effect::Nothing);
        }
        self.change = Some(status.clone());
        self.status = Some(status);
        (EventEffect::Changed, Effect::Nothing)
    }

    /// Keeps the end of the call. A wait that has already ended with an error finishes with it once it is extended.
    fn keep_end(&mut self, record: Call, status: Status) {
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

    /// Finishes with the record of the event, or sends further GETs if the options ask for them.
    fn finish_or_refetch(&mut self, now: Monotonic) -> Effect<Output> {
        if self.settling > 0 && now < self.deadline {
            self.reason = Reason::Settling { left: self.settling };
            return Effect::WakeBy(self.retry_after_until);
        }
        self.finish().map_or(Effect::Nothing, Effect::Finish)
    }
}
