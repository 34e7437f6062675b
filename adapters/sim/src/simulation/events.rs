//! The events of a simulation, and what each does when its time comes.
use super::{MIN_STEP, Program, ProgramId, Simulation, Step, WEBHOOK_BASE, dirty::RequestFaults};
use crate::{
    DeliveryOutcome, DeliveryTicket, NetworkOutcome, Received,
    dirt::{self, ActiveFaults},
};
use byourside_proto::{Action, machine::ReplySlot};
use http::{Request, StatusCode, Uri};

/// An event in the schedule. The large parts are boxed, because the heap moves events often.
pub(super) enum Event {
    Wake(usize),
    Request(usize, Box<(Request<Vec<u8>>, ReplySlot, NetworkOutcome)>),
    Answer(usize, Box<(Received, ReplySlot)>),
    /// A request that has faults of its own from a `Dirt`.
    FaultedRequest(usize, Box<(Request<Vec<u8>>, ReplySlot, RequestFaults)>),
    /// A request that was delayed on its way, and whose answer nobody waits for.
    Late(usize, Box<Request<Vec<u8>>>),
    Delivery(usize, Box<(Request<Vec<u8>>, Option<DeliveryTicket>)>),
    Acknowledgement(usize, Box<(DeliveryTicket, StatusCode)>),
}

impl<P: Program> Simulation<P> {
    pub(super) fn apply(&mut self, event: Event) -> Option<Step<P::Output>> {
        match event {
            Event::Wake(id) => self.wake(id),
            Event::Request(id, in_flight) => {
                let (request, slot, outcome) = *in_flight;
                let back = self.now.after(outcome.back());
                match outcome.apply(&mut self.service, self.now, &request) {
                    // The slot is never filled: the program's own timeout ends the attempt.
                    Received::Silence => {}
                    received => self.schedule.push(back, Event::Answer(id, Box::new((received, slot)))),
                }
                Some(Step::Arrived(ProgramId::of(id)))
            }
            Event::FaultedRequest(id, in_flight) => Some(self.arrive(id, *in_flight)),
            Event::Late(id, request) => {
                let _ = dirt::handle(&mut self.service, self.now, &request, &ActiveFaults::default());
                Some(Step::Arrived(ProgramId::of(id)))
            }
            Event::Answer(id, answer) => {
                let now = self.now;
                let entry = self.entry_mut(id)?;
                if let Some(back) = entry.fault_state.away(now) {
                    self.schedule.push(back, Event::Answer(id, answer));
                    return None;
                }
                let (received, slot) = *answer;
                entry.program.observe(now, &received);
                let result = received.into_result();
                entry.program.handle(now, slot.reply(result));
                self.wake_at(id, now);
                Some(Step::Received(ProgramId::of(id)))
            }
            Event::Delivery(id, delivery) => {
                let (request, ticket) = *delivery;
                let received = self.service.wall().unix(self.now);
                let now = self.now;
                let status = match self.entry_mut(id) {
                    // A stopped process does not answer: the service sends the event again after its timeout.
                    Some(entry) if entry.fault_state.away(now).is_some() => return None,
                    Some(entry) => entry.program.receive(now, received, &request),
                    // The web server goes on after its program has ended.
                    None => StatusCode::NO_CONTENT,
                };
                self.wake_at(id, self.now);
                if let Some(ticket) = ticket {
                    let back = self.now.after(self.plan.latency());
                    self.schedule
                        .push(back, Event::Acknowledgement(id, Box::new((ticket, status))));
                }
                Some(Step::Told(ProgramId::of(id)))
            }
            Event::Acknowledgement(id, acknowledgement) => {
                let (ticket, status) = *acknowledgement;
                self.service
                    .delivered(self.now, ticket, DeliveryOutcome::Answered(status));
                Some(Step::Acknowledged(ProgramId::of(id), status))
            }
        }
    }

    pub(super) fn wake(&mut self, id: usize) -> Option<Step<P::Output>> {
        let entry = self.programs.get_mut(id)?.as_mut()?;
        entry.wake.take_if(|wake| *wake == self.now)?;
        self.may_crash(id);
        let now = self.now;
        let entry = self.entry_mut(id)?;
        match entry.program.poll(now) {
            Action::Send(request, slot) => {
                entry.rests_until = now.after(MIN_STEP);
                if self.dirt.is_some() {
                    self.send_with_faults(id, request, slot);
                    return Some(Step::Sent(ProgramId::of(id)));
                }
                let outcome = self.plan.draw();
                let arrives = self.now.after(outcome.there());
                self.schedule
                    .push(arrives, Event::Request(id, Box::new((request, slot, outcome))));
                self.wake_at(id, self.now);
                Some(Step::Sent(ProgramId::of(id)))
            }
            Action::Sleep(duration) => {
                self.wake_at(id, self.now.after(duration.max(MIN_STEP)));
                Some(Step::Woke(ProgramId::of(id)))
            }
            Action::Done(output) => {
                self.programs[id] = None;
                Some(Step::Finished(ProgramId::of(id), output))
            }
        }
    }

    /// Sends one delivery over the network, if one is due. A delivery to a URL that is no program's is lost.
    pub(super) fn send_delivery(&mut self) {
        if let Some((request, ticket)) = self.service.poll_delivery(self.now)
            && let Some(id) = program_at(request.uri()).filter(|id| *id < self.programs.len())
        {
            if self.dirt.is_some() {
                self.deliver_with_faults(id, &request, ticket);
                return;
            }
            let arrives = self.now.after(self.plan.latency());
            self.schedule
                .push(arrives, Event::Delivery(id, Box::new((request, Some(ticket)))));
        }
    }
}

fn program_at(url: &Uri) -> Option<usize> {
    let origin = WEBHOOK_BASE.trim_end_matches('/').strip_prefix("https://")?;
    let here = url.scheme_str() == Some("https") && url.authority().is_some_and(|authority| authority == origin);
    url.path().strip_prefix('/').filter(|_| here)?.parse().ok()
}
