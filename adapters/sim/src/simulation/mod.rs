//! Any number of programs, a network and one service in virtual time.
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

/// The base of the programs' webhook URLs; each program's number is appended.
const WEBHOOK_BASE: &str = "https://hooks.example.com/";
/// The shortest time between two polls of a program that sends or sleeps, so that time advances even for a program that
/// never pauses.
const MIN_STEP: Duration = Duration::from_micros(1);
/// The last moment of a [`Monotonic`], which is never reached.
const END: Monotonic = Monotonic::new(Duration::MAX);

/// A discrete-event simulation: any number of programs, one service and a network between them, in virtual time.
///
/// Time jumps from one event to the next: a program wakes, a request arrives at the service, an answer or a webhook
/// delivery arrives at a program. Each message has its own latency, so messages overtake each other. [`Faults`] decide
/// which ones arrive. The same programs, seeds and options give the same steps.
///
/// ```text
/// program ── request ──▶ outcome ──▶ service        there: latency, loss, errors before it acted
///         ◀── answer ─── outcome ◀──                back:  latency, loss, errors after it acted
///         ◀── delivery ──────────                as its options say, and latency
/// ```
///
/// A program is a [`Machine`](byourside_proto::Machine) that implements [`Program`].
///
/// ```
/// use byourside_sim::{Profile, Service, Simulation};
/// use byourside_proto::{Api, Monotonic, PlaceCall, machine::place::{PlaceOptions, Placer}};
/// use std::time::Duration;
///
/// let api = Api::with_key("bys_ak_example")?;
/// let mut simulation = Simulation::new(Service::new(7), Profile::Mild.faults(7));
/// for number in 0..100 {
///     let call = PlaceCall::new("+14155550123", format!("Call {number}."))?;
///     simulation.add(Placer::new(api.clone(), call, PlaceOptions::default(), simulation.now()));
/// }
/// let ended = simulation.run(Monotonic::new(Duration::from_secs(60)));
/// assert_eq!(ended.len(), 100);
/// assert!(simulation.service().calls().count() <= 100);
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
pub struct Simulation<P: Program> {
    service: Service,
    plan: FaultPlan,
    dirt: Option<Dirt>,
    now: Monotonic,
    /// By number. A program that has ended leaves `None`.
    programs: Vec<Option<Box<Entry<P>>>>,
    schedule: Schedule<Event>,
}

/// One step of a simulation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<T> {
    /// A program was polled and went back to sleep.
    Woke(ProgramId),
    /// A program sent a request.
    Sent(ProgramId),
    /// A request arrived at the service, or was lost on the way.
    Arrived(ProgramId),
    /// A program received an answer, or learnt that there is none.
    Received(ProgramId),
    /// A webhook delivery arrived at a program, or at a program that has ended.
    Told(ProgramId),
    /// The service received a program's answer to a delivery, with this status.
    Acknowledged(ProgramId, StatusCode),
    /// A program ended with this output, and was removed.
    Finished(ProgramId, T),
}

struct Entry<P> {
    program: P,
    /// When the program is woken next. Any other wake-up in the schedule is out of date.
    wake: Option<Monotonic>,
    /// The program is not woken before this time.
    rests_until: Monotonic,
    /// Counters and state for faults that are injected at sites.
    fault_state: FaultState,
}

impl<P: Program> Simulation<P> {
    /// A simulation with this service and these network faults, starting at [`Monotonic::ORIGIN`].
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

    /// A simulation with this service into which these faults are injected. The latency is 50 ms unless a fault changes
    /// it.
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

    /// The injected faults and their log, if the simulation was made [`with_dirt`](Self::with_dirt).
    #[must_use]
    pub fn dirt(&self) -> Option<&Dirt> {
        self.dirt.as_ref()
    }

    /// Adds a program, which is polled at the current time.
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

    /// Adds a program with this number, which must be above all earlier ones.
    pub(crate) fn add_numbered(&mut self, number: usize, program: P) -> ProgramId {
        while self.programs.len() < number {
            self.programs.push(None);
        }
        self.add(program)
    }

    /// The `webhookUrl` of the next program to be added. A query may be appended to it.
    ///
    /// ```
    /// use byourside_sim::{Faults, Service, Simulation};
    /// use byourside_proto::{Api, PlaceCall, machine::place::{PlaceOptions, Placer}};
    ///
    /// let api = Api::with_key("bys_ak_example")?;
    /// let mut simulation = Simulation::new(Service::new(7), Faults::default());
    /// let call = PlaceCall::new("+14155550123", "Ask.")?.webhook_url(simulation.next_webhook_url())?;
    /// simulation.add(Placer::new(api, call, PlaceOptions::default(), simulation.now()));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn next_webhook_url(&self) -> String {
        format!("{WEBHOOK_BASE}{}", self.programs.len())
    }

    /// The current virtual time.
    #[must_use]
    pub fn now(&self) -> Monotonic {
        self.now
    }

    /// The service, to inspect.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// The programs that have not ended, in the order in which they were added.
    pub fn programs(&self) -> impl Iterator<Item = (ProgramId, &P)> {
        let numbered = self.programs.iter().enumerate();
        numbered.filter_map(|(id, entry)| Some((ProgramId::of(id), &entry.as_ref()?.program)))
    }

    /// One program, if it has not ended.
    #[must_use]
    pub fn program(&self, id: ProgramId) -> Option<&P> {
        let entry = self.programs.get(id.index())?;
        entry.as_ref().map(|entry| &entry.program)
    }

    /// Replaces the network faults for later requests. A request in flight keeps its outcome.
    pub fn set_faults(&mut self, faults: Faults) {
        self.plan = FaultPlan::new(faults);
    }

    /// The time of the next step at the latest; `None` if nothing is scheduled.
    #[must_use]
    pub fn next_step(&self) -> Option<Monotonic> {
        let next = match (self.schedule.next(), self.service.next_wake()) {
            (Some(event), Some(delivery)) => event.min(delivery),
            (next, None) | (None, next) => next?,
        };
        Some(next.max(self.now))
    }

    /// Takes the next step, if it is due at `until`. `None` means that nothing more happens by then. The last moment of
    /// a [`Monotonic`] is never reached.
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

    /// Takes steps until `until`, and returns the outputs of the programs that ended, in that order.
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
