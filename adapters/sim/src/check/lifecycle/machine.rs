//! A lifecycle as a machine.
use super::{CallReport, Lifecycle, Outcome};
use crate::check::{invariant::Invariant, stages::Stage, states, trace::Note};
use byourside_proto::{Action, Machine, Monotonic, machine::Reply};
use std::mem;

impl Machine for Lifecycle {
    type Output = Box<CallReport>;

    fn poll(&mut self, now: Monotonic) -> Action<Box<CallReport>> {
        self.maybe_end_process(now);
        if let Some(pause) = self.lazy_pause(now) {
            return Action::Sleep(pause);
        }
        let clock = self.clock(now);
        if let Some(dirty_checks) = &mut self.history.dirty_checks
            && let Some(state) = states::of_stage(&self.stage, self.history.posts, clock)
        {
            dirty_checks.count_state(state);
        }
        loop {
            let outcome = match self.stage.poll(self.clock(now)) {
                Action::Send(request, slot) => return self.sent(now, request, slot),
                Action::Sleep(duration) => return Action::Sleep(duration),
                Action::Done(end) => self.next_stage(now, end),
            };
            if let Some(outcome) = outcome {
                self.history.reported_not_placed = outcome == Outcome::NotPlaced;
                // The simulation removes the program now.
                let gone = Lifecycle::new(self.history.intent.clone(), self.shared.clone()).history;
                let history = mem::replace(&mut self.history, gone);
                return Action::Done(Box::new(CallReport { outcome, history }));
            }
        }
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        let (reply, own) = self
            .shared
            .reply_router
            .borrow_mut()
            .route(self.history.intent.number, reply);
        let before = self.stage.next_wake();
        if let Some(reply) = reply {
            let clock = self.clock(now);
            self.stage.handle(clock, reply);
        }
        let accepted = self.stage.next_wake() != before;
        match (own, accepted) {
            (true, true) => {
                self.history.checks.accepted(now);
                if let (Some(dirty_checks), Stage::Waiting(_)) = (&mut self.history.dirty_checks, &self.stage) {
                    dirty_checks.accepted();
                }
            }
            (true, false) => {}
            (false, accepted) => {
                self.history.trace.note(now, Note::Misrouted);
                if accepted {
                    self.history
                        .checks
                        .breaks(Invariant::OwnReply, "it took the reply to another program's request");
                }
            }
        }
        self.inspect(now);
        self.check_status();
    }

    fn next_wake(&self) -> Option<Monotonic> {
        self.stage.next_wake()
    }
}
