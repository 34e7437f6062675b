//! The machine that places one call.
use super::{options::PlaceOptions, outcome::Placement};
use crate::{
    api::{Api, Operation, PlaceCall},
    machine::{
        Action, Machine, Reply, Snapshot, SnapshotError,
        engine::{Effect, Engine, Next, Protocol, Stage, Wake},
        reply::Answer,
        snapshot::Persist,
    },
    types::Monotonic,
    webhook::Event,
};
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// Places one call, at most once, and ends with a [`Placement`]. The [module](super) shows its states.
///
/// ```
/// use byourside_proto::{Api, Monotonic, PlaceCall, drive_blocking};
/// use byourside_proto::machine::place::{PlaceOptions, Placement, Placer};
///
/// let api = Api::with_key("bys_ak_example")?;
/// let call = PlaceCall::new("+14155550123", "Confirm the appointment.")?;
/// let mut placer = Placer::new(api, call, PlaceOptions::default(), Monotonic::ORIGIN);
/// let server_error = |_, _| Ok(http::Response::builder().status(500).body("").unwrap());
/// let placement = drive_blocking(&mut placer, server_error, |_| {}, || Monotonic::ORIGIN);
/// assert!(matches!(placement, Placement::Unknown(_)));
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Placer(Engine<Placing>);

/// The protocol of a [`Placer`]: sends the POST, and decides whether to retry it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Placing {
    #[serde(with = "super::snapshot")]
    call: PlaceCall,
    options: PlaceOptions,
    /// How many retries there were.
    retried: u32,
    seed: u64,
}

impl Placer {
    /// Creates a machine that places `call`. It sends its first request at once.
    #[must_use]
    pub fn new(api: Api, call: PlaceCall, options: PlaceOptions, now: Monotonic) -> Self {
        let placing = Placing {
            call,
            options,
            retried: 0,
            seed: options.seed,
        };
        Self(Engine::new(placing, api, now))
    }

    /// Takes a verified webhook event, and returns whether it proves that the call was placed.
    ///
    /// `token` is the correlation token that [`correlation_token`](crate::api::correlation_token) reads from the URI of
    /// the delivery. An event that came with the token of this call is taken as proof: the machine ends as *placed*,
    /// with the record of the event, even if the answer to the POST never comes. Any other event changes nothing, and
    /// an outcome that [`poll`](Machine::poll) has already returned stays as it is ([rule 5](Machine#rules)).
    ///
    /// ```
    /// use byourside_proto::{Action, Api, Machine, Monotonic, PlaceCall};
    /// use byourside_proto::machine::place::{PlaceOptions, Placement, Placer};
    /// # use byourside_proto::{UnixTime, webhook::{Signer, Verifier, WebhookSecret}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let now = Monotonic::ORIGIN;
    /// # let body = br#"{"event":"call.in_progress","callId":"c1"}"#;
    /// # let (secret, received) = (WebhookSecret::new("whsec_example")?, UnixTime::new(1_767_225_600));
    /// # let header = Signer::new(secret.clone()).sign(received, body);
    /// # let verifier = Verifier::new(secret);
    /// let call = PlaceCall::new("+14155550123", "Ask.")?
    ///     .webhook_url("https://hooks.example/bys")?
    ///     .correlation("order-17")?;
    /// let mut placer = Placer::new(api, call, PlaceOptions::default(), now);
    /// let Action::Send(_request, _slot) = placer.poll(now) else { panic!() };
    ///
    /// let event = verifier.verify(&header, body, received)?.event()?;
    /// assert!(placer.on_event(now, &event, Some("order-17")));
    /// assert!(matches!(placer.poll(now), Action::Done(Placement::Placed(call)) if call.id() == Some("c1")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_event(&mut self, now: Monotonic, event: &Event, token: Option<&str>) -> bool {
        self.0.on_event(now, |placing, _now, stage| {
            let ours = token.is_some() && token == placing.call.correlation_token();
            let placed = event.record().filter(|_| ours).map(Placement::Placed);
            match (placed, stage) {
                (None, _) => (false, Effect::Nothing),
                (Some(placed), Stage::Open) => (true, Effect::Finish(placed)),
                (Some(placed), Stage::Unobserved(output)) => {
                    if !matches!(output, Placement::Placed(_)) {
                        *output = placed;
                    }
                    (true, Effect::Nothing)
                }
                (Some(_), Stage::Observed(_)) => (true, Effect::Nothing),
            }
        })
    }

    /// Takes a [`Snapshot`] of the machine, to be restored in another process. Take and store it after `poll` returned
    /// the POST, and before the POST is sent.
    #[must_use]
    pub fn snapshot(&self, now: Monotonic) -> Snapshot {
        self.0.snapshot(now)
    }

    /// Restores a machine from a snapshot.
    ///
    /// If the process ended while the POST was in flight, the restored machine ends as *unknown*, and the POST is not
    /// sent again.
    ///
    /// # Errors
    /// [`SnapshotError`] if another kind of machine or an incompatible version took the snapshot, or if it is
    /// malformed.
    ///
    /// ```
    /// use byourside_proto::{Action, Api, Machine, Monotonic, PlaceCall};
    /// use byourside_proto::machine::place::{PlaceOptions, Placement, Placer};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let call = PlaceCall::new("+14155550123", "Ask.")?;
    /// # let now = Monotonic::ORIGIN;
    /// let mut placer = Placer::new(api.clone(), call, PlaceOptions::default(), now);
    /// let Action::Send(_request, _slot) = placer.poll(now) else { panic!() };
    /// let mut restored = Placer::restore(api, placer.snapshot(now), now)?;
    /// assert!(matches!(restored.poll(now), Action::Done(Placement::Unknown(_))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn restore(api: Api, snapshot: Snapshot, now: Monotonic) -> Result<Self, SnapshotError> {
        Engine::restore(api, snapshot, now).map(Self)
    }
}

impl Placer {
    /// Whether `reply` is the reply to this machine's request in flight.
    pub(crate) fn awaits(&self, reply: &Reply) -> bool {
        self.0.awaits(reply)
    }

    pub(crate) fn is_in_flight(&self) -> bool {
        self.0.until().is_some_and(|(_, in_flight)| in_flight)
    }
}

impl Machine for Placer {
    type Output = Placement;

    fn poll(&mut self, now: Monotonic) -> Action<Placement> {
        self.0.poll(now)
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        self.0.handle(now, reply);
    }

    fn next_wake(&self) -> Option<Monotonic> {
        self.0.next_wake()
    }
}

impl Protocol for Placing {
    type Output = Placement;

    fn wake(&mut self, now: Monotonic, api: &Api) -> Wake<Placement> {
        Wake::Send(self.call.request(api), now.after(self.options.attempt_timeout))
    }

    fn answer(&mut self, now: Monotonic, answer: Answer) -> Next<Placement> {
        let placement = Placement::judge(&self.call, answer);
        match self.retry_pause(&placement) {
            Some(pause) => Next::Rest(now.after(pause)),
            None => Next::Finish(placement),
        }
    }
}

impl Persist for Placing {
    const NAME: &'static str = "placer";

    fn map_times(&mut self, _change: impl Fn(Monotonic) -> Monotonic) {}
}

impl Placing {
    /// How long to wait before a retry; `None` if the POST must not be sent again.
    fn retry_pause(&mut self, placement: &Placement) -> Option<Duration> {
        let Placement::NotPlaced(reason) = placement else {
            return None;
        };
        let retry_failed = self.options.retry_placement_failed && reason.code() == "placement_failed";
        if !(reason.can_be_retried() || retry_failed) || self.retried >= self.options.retries {
            return None;
        }
        self.retried += 1;
        let backoff = self.options.backoff.pause(self.retried, &mut self.seed);
        match reason.retry_after() {
            Some(retry_after) if retry_after > self.options.max_retry_after => None,
            Some(retry_after) => Some(retry_after.max(backoff)),
            None => Some(backoff),
        }
    }
}
