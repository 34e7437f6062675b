//! Faults that strike single requests and deliveries.
use super::{Event, Program, ProgramId, Simulation, Step};
use crate::{
    DeliveryTicket, Fault, Received, Scene, Site,
    dirt::{self, Struck, forge, scene},
    faults::{LATENCY, received},
};
use byourside_proto::{Monotonic, machine::ReplySlot};
use http::Request;
use std::time::Duration;

/// How long the answer to a POST takes that an event is to overtake.
const OVERTAKEN: Duration = Duration::from_secs(2);

/// What strikes one request.
pub(super) struct Flight {
    struck: Struck,
    back: Duration,
}

/// What has become of one program's requests and deliveries until now.
#[derive(Default)]
pub(super) struct Trail {
    /// How many there were of each scene.
    counts: [u32; Scene::COUNT],
    /// It is stopped or suspended until then.
    away_until: Option<Monotonic>,
    /// Nothing connects until then.
    outage_until: Option<Monotonic>,
    late_bodies: u32,
    /// What struck its start.
    start: Struck,
}

impl Trail {
    /// When it is back, if it is stopped or suspended.
    pub(super) fn away(&self, now: Monotonic) -> Option<Monotonic> {
        self.away_until.filter(|until| now < *until)
    }

    fn next(&mut self, program: u64, scene: Scene) -> Site {
        let nth = &mut self.counts[scene as usize];
        *nth += 1;
        Site::new(program, scene, *nth)
    }
}

impl<P: Program> Simulation<P> {
    /// The faults of the next occasion of this kind for a program, or for the one that is to be added next.
    pub(crate) fn strike(&mut self, program: usize, scene: Scene) -> Struck {
        let number = ProgramId::of(program).number();
        let site = match self.resident(program) {
            Some(resident) => resident.trail.next(number, scene),
            None => Site::new(number, scene, 1),
        };
        let now = self.now;
        self.dirt.as_mut().map(|dirt| dirt.at(now, site)).unwrap_or_default()
    }

    /// Nothing connects for this program until then.
    pub(crate) fn disconnect(&mut self, id: ProgramId, until: Monotonic) {
        if let Some(resident) = self.resident(id.index()) {
            resident.trail.outage_until = Some(until);
        }
    }

    /// What struck the start of this program, and concerns all that it does.
    pub(crate) fn started_under(&mut self, id: ProgramId, struck: Struck) {
        if let Some(resident) = self.resident(id.index()) {
            resident.trail.start = struck;
        }
    }

    /// How many bodies of this program left after the time of their attempt, by the wall clock.
    pub(crate) fn late_bodies(&self, id: ProgramId) -> u32 {
        let resident = self.programs.get(id.index()).and_then(Option::as_ref);
        resident.map_or(0, |resident| resident.trail.late_bodies)
    }

    /// The service, to put calls into it that nobody here asked for.
    pub(crate) fn service_mut(&mut self) -> &mut crate::Service {
        &mut self.service
    }

    /// Takes a program out, whatever it is at.
    pub(crate) fn remove(&mut self, id: ProgramId) -> Option<P> {
        let resident = self.programs.get_mut(id.index())?.take()?;
        Some(resident.program)
    }

    /// The process may end whenever it is polled.
    pub(super) fn may_crash(&mut self, id: usize) {
        if self.dirt.is_none() {
            return;
        }
        let pause = self.strike(id, Scene::Poll).within(Fault::Crash, 100, 20_000);
        let now = self.now;
        if let (Some(pause), Some(resident)) = (pause, self.resident(id)) {
            resident.program.crash(now, Duration::from_millis(pause));
        }
    }

    pub(super) fn send_struck(&mut self, id: usize, request: Request<Vec<u8>>, slot: ReplySlot) {
        let struck = self.strike(id, scene(&request));
        let now = self.now;
        let Some(resident) = self.resident(id) else {
            return;
        };
        let struck = match scene(&request) {
            Scene::List => struck.with_standing(&resident.trail.start),
            _ => struck,
        };
        let stopped = struck.within(Fault::HostStopped, 1, 3600).map(Duration::from_secs);
        let suspended = struck.within(Fault::HostSuspended, 1, 3600).map(Duration::from_secs);
        let away = stopped.unwrap_or_default().max(suspended.unwrap_or_default());
        let leaves = now.after(away);
        if away > Duration::ZERO {
            resident.trail.away_until = Some(leaves);
            resident.rests_until = leaves;
            resident.program.away(now, away, suspended.is_some());
        }
        let back = match struck.within(Fault::Slow, 0, 20_000) {
            _ if struck.has(Fault::EventEarly) => OVERTAKEN,
            Some(slow) => Duration::from_millis(slow),
            None => LATENCY,
        };
        let no_connection =
            struck.has(Fault::NoConnection) || resident.trail.outage_until.is_some_and(|until| now < until);
        // What a transport does that goes by the monotonic clock: it sends nothing after the attempt's time.
        let held_back = suspended.is_none() && away >= slot.timeout();
        if suspended.is_some() && away >= slot.timeout() {
            resident.trail.late_bodies += 1;
        }
        let round_trip = leaves.after(LATENCY).after(back);
        if held_back {
            self.schedule
                .push(leaves, Event::Answer(id, Box::new((Received::Silence, slot))));
        } else if no_connection {
            self.schedule
                .push(round_trip, Event::Answer(id, Box::new((Received::NoConnection, slot))));
        } else if struck.has(Fault::RequestLost) {
            self.schedule
                .push(round_trip, Event::Answer(id, Box::new((Received::Closed, slot))));
        } else {
            let flight = Event::Struck(id, Box::new((request, slot, Flight { struck, back })));
            self.schedule.push(leaves.after(LATENCY), flight);
        }
        self.wake_at(id, now);
    }

    pub(super) fn arrive(&mut self, id: usize, flight: (Request<Vec<u8>>, ReplySlot, Flight)) -> Step<P::Output> {
        let (request, slot, Flight { struck, back }) = flight;
        let back = self.now.after(back);
        if let Some(seconds) = struck.within(Fault::PlacedLate, 1, 3600) {
            let acts = self.now.after(Duration::from_secs(seconds));
            self.schedule.push(acts, Event::Late(id, Box::new(request)));
            return Step::Arrived(ProgramId::of(id));
        }
        let answer = dirt::handle(&mut self.service, self.now, &request, &struck);
        match received(answer, &struck) {
            // Nobody will fill the slot: the program's own timeout ends the attempt.
            Received::Silence => {}
            received => self.schedule.push(back, Event::Answer(id, Box::new((received, slot)))),
        }
        Step::Arrived(ProgramId::of(id))
    }

    pub(super) fn deliver_struck(&mut self, id: usize, request: &Request<Vec<u8>>, ticket: DeliveryTicket) {
        let struck = self.strike(id, Scene::Event);
        let forged = forge(request.body(), self.service.told_of(&ticket), &struck);
        let mut ticket = Some(ticket);
        for delivery in forged {
            let signed = self.service.signed_like(request, delivery.body);
            let ticket = if delivery.awaited { ticket.take() } else { None };
            let arrives = self.now.after(LATENCY).after(delivery.after);
            self.schedule
                .push(arrives, Event::Delivery(id, Box::new((signed, ticket))));
        }
    }
}
