//! Injects the faults of a `Dirt` into requests and deliveries.
use super::{Event, Program, ProgramId, Simulation, Step};
use crate::{
    DeliveryTicket, Fault, Received, Site, Target,
    dirt::{self, ActiveFaults, injected_deliveries, target},
    faults::{LATENCY, received},
};
use byourside_proto::{Monotonic, machine::ReplySlot};
use http::Request;
use std::time::Duration;

/// The latency of the answer to a POST that an event overtakes.
const OVERTAKEN_LATENCY: Duration = Duration::from_secs(2);

/// The faults of one request, and the latency of its answer.
pub(super) struct RequestFaults {
    active: ActiveFaults,
    back: Duration,
}

/// Counters and state of the faults of one program.
#[derive(Default)]
pub(super) struct FaultState {
    /// How many targets of each kind there were.
    counts: [u32; Target::COUNT],
    /// The program is stopped or suspended until then.
    away_until: Option<Monotonic>,
    /// No connection can be made until then.
    outage_until: Option<Monotonic>,
    late_bodies: u32,
    /// The faults of the program's start.
    start: ActiveFaults,
}

impl FaultState {
    /// When the program runs again, if it is stopped or suspended.
    pub(super) fn away(&self, now: Monotonic) -> Option<Monotonic> {
        self.away_until.filter(|until| now < *until)
    }

    fn next(&mut self, program: u64, target: Target) -> Site {
        let nth = &mut self.counts[target as usize];
        *nth += 1;
        Site::new(program, target, *nth)
    }
}

impl<P: Program> Simulation<P> {
    /// The faults at the next target of this kind of a program, or of the program that is added next.
    pub(crate) fn inject(&mut self, program: usize, target: Target) -> ActiveFaults {
        let number = ProgramId::of(program).number();
        let site = match self.entry_mut(program) {
            Some(entry) => entry.fault_state.next(number, target),
            None => Site::new(number, target, 1),
        };
        let now = self.now;
        self.dirt.as_mut().map(|dirt| dirt.at(now, site)).unwrap_or_default()
    }

    /// Makes every connection of this program fail until then.
    pub(crate) fn disconnect(&mut self, id: ProgramId, until: Monotonic) {
        if let Some(entry) = self.entry_mut(id.index()) {
            entry.fault_state.outage_until = Some(until);
        }
    }

    /// Sets the faults of this program's start, which apply to all its requests.
    pub(crate) fn set_start_faults(&mut self, id: ProgramId, active: ActiveFaults) {
        if let Some(entry) = self.entry_mut(id.index()) {
            entry.fault_state.start = active;
        }
    }

    /// How many request bodies of this program left after their attempt timeout, by the wall clock.
    pub(crate) fn late_bodies(&self, id: ProgramId) -> u32 {
        let entry = self.programs.get(id.index()).and_then(Option::as_ref);
        entry.map_or(0, |entry| entry.fault_state.late_bodies)
    }

    /// The service, to place calls in the background.
    pub(crate) fn service_mut(&mut self) -> &mut crate::Service {
        &mut self.service
    }

    /// Removes a program, whatever it is doing.
    pub(crate) fn remove(&mut self, id: ProgramId) -> Option<P> {
        let entry = self.programs.get_mut(id.index())?.take()?;
        Some(entry.program)
    }

    /// Crashes the process at this poll, if a fault says so.
    pub(super) fn may_crash(&mut self, id: usize) {
        if self.dirt.is_none() {
            return;
        }
        let pause = self.inject(id, Target::Poll).within(Fault::Crash, 100, 20_000);
        let now = self.now;
        if let (Some(pause), Some(entry)) = (pause, self.entry_mut(id)) {
            entry.program.crash(now, Duration::from_millis(pause));
        }
    }

    pub(super) fn send_with_faults(&mut self, id: usize, request: Request<Vec<u8>>, slot: ReplySlot) {
        let active = self.inject(id, target(&request));
        let now = self.now;
        let Some(entry) = self.entry_mut(id) else {
            return;
        };
        let active = match target(&request) {
            Target::List => active.with_standing(&entry.fault_state.start),
            _ => active,
        };
        let stopped = active.within(Fault::HostStopped, 1, 3600).map(Duration::from_secs);
        let suspended = active.within(Fault::HostSuspended, 1, 3600).map(Duration::from_secs);
        let away = stopped.unwrap_or_default().max(suspended.unwrap_or_default());
        let leaves = now.after(away);
        if away > Duration::ZERO {
            entry.fault_state.away_until = Some(leaves);
            entry.rests_until = leaves;
            entry.program.away(now, away, suspended.is_some());
        }
        let back = match active.within(Fault::Slow, 0, 20_000) {
            _ if active.has(Fault::EventEarly) => OVERTAKEN_LATENCY,
            Some(slow) => Duration::from_millis(slow),
            None => LATENCY,
        };
        let no_connection =
            active.has(Fault::NoConnection) || entry.fault_state.outage_until.is_some_and(|until| now < until);
        // As the adapters do, which measure by the monotonic clock: nothing is sent after the attempt timeout.
        let held_back = suspended.is_none() && away >= slot.timeout();
        if suspended.is_some() && away >= slot.timeout() {
            entry.fault_state.late_bodies += 1;
        }
        let round_trip = leaves.after(LATENCY).after(back);
        if held_back {
            self.schedule
                .push(leaves, Event::Answer(id, Box::new((Received::Silence, slot))));
        } else if no_connection {
            self.schedule
                .push(round_trip, Event::Answer(id, Box::new((Received::NoConnection, slot))));
        } else if active.has(Fault::RequestLost) {
            self.schedule
                .push(round_trip, Event::Answer(id, Box::new((Received::Closed, slot))));
        } else {
            let in_flight = Event::FaultedRequest(id, Box::new((request, slot, RequestFaults { active, back })));
            self.schedule.push(leaves.after(LATENCY), in_flight);
        }
        self.wake_at(id, now);
    }

    pub(super) fn arrive(
        &mut self,
        id: usize,
        in_flight: (Request<Vec<u8>>, ReplySlot, RequestFaults),
    ) -> Step<P::Output> {
        let (request, slot, RequestFaults { active, back }) = in_flight;
        let back = self.now.after(back);
        if let Some(seconds) = active.within(Fault::PlacedLate, 1, 3600) {
            let acts = self.now.after(Duration::from_secs(seconds));
            self.schedule.push(acts, Event::Late(id, Box::new(request)));
            return Step::Arrived(ProgramId::of(id));
        }
        let answer = dirt::handle(&mut self.service, self.now, &request, &active);
        match received(answer, &active) {
            // The slot is never filled: the program's own timeout ends the attempt.
            Received::Silence => {}
            received => self.schedule.push(back, Event::Answer(id, Box::new((received, slot)))),
        }
        Step::Arrived(ProgramId::of(id))
    }

    pub(super) fn deliver_with_faults(&mut self, id: usize, request: &Request<Vec<u8>>, ticket: DeliveryTicket) {
        let active = self.inject(id, Target::Event);
        let deliveries = injected_deliveries(request.body(), self.service.call_of_ticket(&ticket), &active);
        let mut ticket = Some(ticket);
        for delivery in deliveries {
            let signed = self.service.signed_like(request, delivery.body);
            let ticket = if delivery.awaited { ticket.take() } else { None };
            let arrives = self.now.after(LATENCY).after(delivery.after);
            self.schedule
                .push(arrives, Event::Delivery(id, Box::new((signed, ticket))));
        }
    }
}
