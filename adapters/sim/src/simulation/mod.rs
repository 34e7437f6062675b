//! Programs, a network and one service in virtual time.
mod dirty;
mod program;

pub use program::{Program, ProgramId};

use super::{
    DeliveryOutcome, DeliveryTicket, Dirt, FaultPlan, Faults, NetworkOutcome, Received, Service, schedule::Schedule,
};
use crate::dirt::{self, Struck};
use byourside_proto::{Action, Monotonic, machine::ReplySlot};
use dirty::{Flight, Trail};
use http::{Request, StatusCode, Uri};
use std::{fmt, time::Duration};

/// Where the programs of a world take deliveries, each under its number.
const HOOKS: &str = "https://hooks.example.com/";
/// A program sends no more than one request in this time, so that even one that never rests cannot stop time.
const BREATH: Duration = Duration::from_micros(1);
/// Where time stops, since nothing comes after it.
const END: Monotonic = Monotonic::new(Duration::MAX);

/// Any number of programs, a network in between, and one service, in virtual time.
///
/// Time jumps from one event to the next: a program wakes, a request arrives at the service, what comes back arrives at
/// the program, a delivery arrives there. Each message takes its own time, so they overtake each other; [`Faults`] decide
/// which arrive. The same programs, seeds and options give the same steps.
///
/// ```text
/// program ── request ──▶ outcome ──▶ service        there: latency, loss, errors before it acted
///         ◀── answer ─── outcome ◀──                back:  latency, loss, errors after it acted
///         ◀── delivery ──────────                as its options say, and latency
/// ```
///
/// A program is anything that is a [`Machine`](byourside_proto::Machine), and says so by implementing [`Program`].
///
/// ```
/// use byourside_sim::{Profile, Service, Simulation};
/// use byourside_proto::{Api, Monotonic, PlaceCall, machine::place::{PlaceOptions, Placer}};
/// use std::time::Duration;
///
/// let api = Api::with_key("bys_ak_example")?;
/// let mut world = Simulation::new(Service::new(7), Profile::Mild.faults(7));
/// for number in 0..100 {
///     let call = PlaceCall::new("+14155550123", format!("Call {number}."))?;
///     world.add(Placer::new(api.clone(), call, PlaceOptions::default(), world.now()));
/// }
/// let ended = world.run(Monotonic::new(Duration::from_secs(60)));
/// assert_eq!(ended.len(), 100);
/// assert!(world.service().calls().count() <= 100);
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
pub struct Simulation<P: Program> {
    service: Service,
    plan: FaultPlan,
    dirt: Option<Dirt>,
    now: Monotonic,
    /// By their numbers; one that came to its end leaves a gap.
    programs: Vec<Option<Box<Resident<P>>>>,
    schedule: Schedule<Event>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<T> {
    /// A program woke, and went back to sleep.
    Woke(ProgramId),
    /// A program sent a request.
    Sent(ProgramId),
    /// A request came to its end at the service, or on the way there.
    Arrived(ProgramId),
    /// A program received what came back.
    Received(ProgramId),
    /// A delivery arrived at a program, or where it used to be.
    Told(ProgramId),
    /// The service heard that a delivery was answered with this status.
    Acknowledged(ProgramId, StatusCode),
    /// A program came to its end, and is gone.
    Finished(ProgramId, T),
}

struct Resident<P> {
    program: P,
    /// When it is to be woken. Any other wake-up that is scheduled for it is out of date.
    wake: Option<Monotonic>,
    /// Before this it is not woken, whatever comes.
    rests_until: Monotonic,
    /// What counts where single faults strike.
    trail: Trail,
}

/// What the heap moves about, and so a small thing.
enum Event {
    Wake(usize),
    Request(usize, Box<(Request<Vec<u8>>, ReplySlot, NetworkOutcome)>),
    Answer(usize, Box<(Received, ReplySlot)>),
    /// A request under faults that strike it alone.
    Struck(usize, Box<(Request<Vec<u8>>, ReplySlot, Flight)>),
    /// A request that was held up on its way, and whose answer nobody waits for.
    Late(usize, Box<Request<Vec<u8>>>),
    Delivery(usize, Box<(Request<Vec<u8>>, Option<DeliveryTicket>)>),
    Acknowledgement(usize, Box<(DeliveryTicket, StatusCode)>),
}

impl<P: Program> Simulation<P> {
    /// A world with this service and these faults of the network, at the origin of time.
    #[must_use]
    pub fn new(service: Service, faults: Faults) -> Self {
        Self {
            service,
            plan: FaultPlan::new(faults),
            dirt: None,
            now: Monotonic::ORIGIN,
            programs: Vec::new(),
            schedule: Schedule::new(),
        }
    }

    /// A simulation with this service in which these faults strike. A message takes 50 ms unless a fault says otherwise.
    ///
    /// ```
    /// use byourside_sim::{Dirt, Fault, Service, Simulation, Site};
    /// use byourside_proto::{Api, CallId, Monotonic, machine::wait::{CallWaiter, WaitOptions}};
    /// use std::time::Duration;
    ///
    /// // The third GET gets a 503.
    /// let dirt = Dirt::scripted().with(Site::get(0, 3), Fault::ProxyBefore, 503);
    /// let mut simulation = Simulation::with_dirt(Service::new(7), dirt);
    /// let api = Api::with_key("bys_ak_example")?;
    /// simulation.add(CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), simulation.now()));
    /// simulation.run(Monotonic::new(Duration::from_secs(60)));
    /// assert_eq!(simulation.dirt().map(|dirt| dirt.log().len()), Some(1));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn with_dirt(service: Service, dirt: Dirt) -> Self {
        Self {
            dirt: Some(dirt),
            ..Self::new(service, Faults::default())
        }
    }

    /// What strikes in it, and has struck, if it was made [`with_dirt`](Self::with_dirt).
    #[must_use]
    pub fn dirt(&self) -> Option<&Dirt> {
        self.dirt.as_ref()
    }

    /// Adds a program, which wakes now.
    pub fn add(&mut self, program: P) -> ProgramId {
        let id = self.programs.len();
        let resident = Resident {
            program,
            wake: None,
            rests_until: self.now,
            trail: Trail::default(),
        };
        self.programs.push(Some(Box::new(resident)));
        self.wake_at(id, self.now);
        ProgramId::of(id)
    }

    /// Adds a program under a number of its own, above all before it.
    pub(crate) fn add_numbered(&mut self, number: usize, program: P) -> ProgramId {
        while self.programs.len() < number {
            self.programs.push(None);
        }
        self.add(program)
    }

    /// The `webhookUrl` at which the next program to be added will take deliveries; a query may be appended to it.
    ///
    /// ```
    /// use byourside_sim::{Faults, Service, Simulation};
    /// use byourside_proto::{Api, PlaceCall, machine::place::{PlaceOptions, Placer}};
    ///
    /// let api = Api::with_key("bys_ak_example")?;
    /// let mut world = Simulation::new(Service::new(7), Faults::default());
    /// let call = PlaceCall::new("+14155550123", "Ask.")?.webhook_url(world.next_webhook_url())?;
    /// world.add(Placer::new(api, call, PlaceOptions::default(), world.now()));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn next_webhook_url(&self) -> String {
        format!("{HOOKS}{}", self.programs.len())
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Monotonic {
        self.now
    }

    /// The service, to see inside.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// The programs that have not come to their end, in the order in which they were added.
    pub fn programs(&self) -> impl Iterator<Item = (ProgramId, &P)> {
        let numbered = self.programs.iter().enumerate();
        numbered.filter_map(|(id, resident)| Some((ProgramId::of(id), &resident.as_ref()?.program)))
    }

    /// One program, if it has not come to its end.
    #[must_use]
    pub fn program(&self, id: ProgramId) -> Option<&P> {
        let resident = self.programs.get(id.index())?;
        resident.as_ref().map(|resident| &resident.program)
    }

    /// From here on the network has these faults; what is on its way keeps its outcome.
    pub fn set_faults(&mut self, faults: Faults) {
        self.plan = FaultPlan::new(faults);
    }

    /// No later than this does the next thing happen; `None` if nothing ever will.
    #[must_use]
    pub fn next_step(&self) -> Option<Monotonic> {
        let next = match (self.schedule.next(), self.service.next_wake()) {
            (Some(event), Some(delivery)) => event.min(delivery),
            (next, None) | (None, next) => next?,
        };
        Some(next.max(self.now))
    }

    /// Lets the next thing happen, if it is due by `until`, and says what it was. `None`: nothing more happens by then.
    /// The last moment that a [`Monotonic`] can hold never comes.
    pub fn step(&mut self, until: Monotonic) -> Option<Step<P::Output>> {
        loop {
            self.now = self.next_step().filter(|next| *next <= until && *next < END)?;
            let happened = match self.schedule.pop(self.now) {
                Some((_, event)) => self.happen(event),
                None => {
                    self.send_delivery();
                    None
                }
            };
            if happened.is_some() {
                return happened;
            }
        }
    }

    /// Lets things happen until `until`, and returns what the programs ended with, in the order in which they did.
    pub fn run(&mut self, until: Monotonic) -> Vec<(ProgramId, P::Output)> {
        let mut ended = Vec::new();
        while let Some(step) = self.step(until) {
            if let Step::Finished(id, output) = step {
                ended.push((id, output));
            }
        }
        self.now = self.now.max(until);
        ended
    }

    fn happen(&mut self, event: Event) -> Option<Step<P::Output>> {
        match event {
            Event::Wake(id) => self.wake(id),
            Event::Request(id, flight) => {
                let (request, slot, outcome) = *flight;
                let back = self.now.after(outcome.back());
                match outcome.apply(&mut self.service, self.now, &request) {
                    // Nobody will fill the slot: the program's own timeout ends the attempt.
                    Received::Silence => {}
                    received => self.schedule.push(back, Event::Answer(id, Box::new((received, slot)))),
                }
                Some(Step::Arrived(ProgramId::of(id)))
            }
            Event::Struck(id, flight) => Some(self.arrive(id, *flight)),
            Event::Late(id, request) => {
                let _ = dirt::handle(&mut self.service, self.now, &request, &Struck::default());
                Some(Step::Arrived(ProgramId::of(id)))
            }
            Event::Answer(id, answer) => {
                let now = self.now;
                let resident = self.resident(id)?;
                if let Some(back) = resident.trail.away(now) {
                    self.schedule.push(back, Event::Answer(id, answer));
                    return None;
                }
                let (received, slot) = *answer;
                resident.program.observe(now, &received);
                let result = received.into_result();
                resident.program.handle(now, slot.reply(result));
                self.wake_at(id, now);
                Some(Step::Received(ProgramId::of(id)))
            }
            Event::Delivery(id, delivery) => {
                let (request, ticket) = *delivery;
                let received = self.service.wall().unix(self.now);
                let now = self.now;
                let status = match self.resident(id) {
                    // Nobody answers: the service's own timeout has it sent again.
                    Some(resident) if resident.trail.away(now).is_some() => return None,
                    Some(resident) => resident.program.receive(now, received, &request),
                    // The web server outlives what it served.
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

    fn wake(&mut self, id: usize) -> Option<Step<P::Output>> {
        let resident = self.programs.get_mut(id)?.as_mut()?;
        resident.wake.take_if(|wake| *wake == self.now)?;
        self.may_crash(id);
        let now = self.now;
        let resident = self.resident(id)?;
        match resident.program.poll(now) {
            Action::Send(request, slot) => {
                resident.rests_until = now.after(BREATH);
                if self.dirt.is_some() {
                    self.send_struck(id, request, slot);
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
                self.wake_at(id, self.now.after(duration.max(BREATH)));
                Some(Step::Woke(ProgramId::of(id)))
            }
            Action::Done(output) => {
                self.programs[id] = None;
                Some(Step::Finished(ProgramId::of(id), output))
            }
        }
    }

    /// Hands one delivery to the network, if one is due. One to anywhere else than to a program is lost there.
    fn send_delivery(&mut self) {
        if let Some((request, ticket)) = self.service.poll_delivery(self.now)
            && let Some(id) = listener(request.uri()).filter(|id| *id < self.programs.len())
        {
            if self.dirt.is_some() {
                self.deliver_struck(id, &request, ticket);
                return;
            }
            let arrives = self.now.after(self.plan.latency());
            self.schedule
                .push(arrives, Event::Delivery(id, Box::new((request, Some(ticket)))));
        }
    }

    fn resident(&mut self, id: usize) -> Option<&mut Resident<P>> {
        self.programs.get_mut(id)?.as_deref_mut()
    }

    fn wake_at(&mut self, id: usize, at: Monotonic) {
        let Some(resident) = self.resident(id) else {
            return;
        };
        let at = at.max(resident.rests_until);
        if resident.wake != Some(at) {
            resident.wake = Some(at);
            self.schedule.push(at, Event::Wake(id));
        }
    }
}

impl<P: Program> fmt::Debug for Simulation<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulation")
            .field("now", &self.now)
            .field("programs", &self.programs().count())
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

fn listener(url: &Uri) -> Option<usize> {
    let origin = HOOKS.trim_end_matches('/').strip_prefix("https://")?;
    let here = url.scheme_str() == Some("https") && url.authority().is_some_and(|authority| authority == origin);
    url.path().strip_prefix('/').filter(|_| here)?.parse().ok()
}
