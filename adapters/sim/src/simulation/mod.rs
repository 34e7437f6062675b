//! Programs, a network and one service in virtual time.
mod dirty;
mod events;
mod program;

pub use program::{Program, ProgramId};

use super::{Dirt, FaultPlan, Faults, Received, Service, schedule::Schedule};
use byourside_proto::Monotonic;
use dirty::FaultState;
use events::Event;
use http::StatusCode;
use std::{fmt, time::Duration};

/// Where the programs of a world take deliveries, each under its number.
const WEBHOOK_BASE: &str = "https://hooks.example.com/";
/// A program sends no more than one request in this time, so that even one that never rests cannot stop time.
const MIN_STEP: Duration = Duration::from_micros(1);
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
    programs: Vec<Option<Box<Entry<P>>>>,
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

struct Entry<P> {
    program: P,
    /// When it is to be woken. Any other wake-up that is scheduled for it is out of date.
    wake: Option<Monotonic>,
    /// Before this it is not woken, whatever comes.
    rests_until: Monotonic,
    /// What counts where single faults strike.
    fault_state: FaultState,
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
        let entry = Entry {
            program,
            wake: None,
            rests_until: self.now,
            fault_state: FaultState::default(),
        };
        self.programs.push(Some(Box::new(entry)));
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
        format!("{WEBHOOK_BASE}{}", self.programs.len())
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
        numbered.filter_map(|(id, entry)| Some((ProgramId::of(id), &entry.as_ref()?.program)))
    }

    /// One program, if it has not come to its end.
    #[must_use]
    pub fn program(&self, id: ProgramId) -> Option<&P> {
        let entry = self.programs.get(id.index())?;
        entry.as_ref().map(|entry| &entry.program)
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
                Some((_, event)) => self.apply(event),
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

    fn entry_mut(&mut self, id: usize) -> Option<&mut Entry<P>> {
        self.programs.get_mut(id)?.as_deref_mut()
    }

    fn wake_at(&mut self, id: usize, at: Monotonic) {
        let Some(entry) = self.entry_mut(id) else {
            return;
        };
        let at = at.max(entry.rests_until);
        if entry.wake != Some(at) {
            entry.wake = Some(at);
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
