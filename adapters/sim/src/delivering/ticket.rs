//! Which delivery it is, and what came of it.
use super::super::Uuid;
use byourside_proto::CallId;
use http::StatusCode;

/// Which attempt of which delivery was handed out. It is not `Clone`: one attempt has one outcome.
///
/// ```
/// # use byourside_proto::{Api, Monotonic, Operation, PlaceCall};
/// # use byourside_sim::{DeliveryOutcome, Service};
/// # let mut service = Service::new(7);
/// # let api = Api::with_key("bys_ak_example")?;
/// # let call = PlaceCall::new("+14155550103", "Ask.")?.webhook_url("https://example.com/hook")?;
/// # service.handle(Monotonic::ORIGIN, &call.request(&api));
/// # let now = service.next_wake().ok_or("nothing to deliver")?;
/// let (_, ticket) = service.poll_delivery(now).ok_or("nothing to deliver")?;
/// assert_eq!((ticket.event(), ticket.attempt()), ("call.declined", 1));
/// assert!(service.call(&ticket.call_id()).is_some());
///
/// let event_id = ticket.event_id();
/// service.delivered(now, ticket, DeliveryOutcome::NoAnswer);
/// let again = service.next_wake().ok_or("given up")?;
/// let (_, ticket) = service.poll_delivery(again).ok_or("given up")?;
/// assert_eq!((ticket.event_id(), ticket.attempt()), (event_id, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
#[must_use = "say what came of it, or the service waits for the attempt's timeout"]
pub struct DeliveryTicket {
    pub(crate) key: (u64, u64),
    pub(crate) attempt: u32,
    pub(crate) call_id: Uuid,
    pub(crate) event_id: Uuid,
    pub(crate) event: &'static str,
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// The receiver answered; a 2xx acknowledges the event, anything else has it sent again.
    Answered(StatusCode),
    /// No answer came; it is sent again.
    NoAnswer,
    /// It never arrived, as [`DeliveryFaults::lost`](super::super::DeliveryFaults::lost) says. The service does not hear of
    /// it, and sends it again when the attempt's time is over.
    Lost,
}

impl DeliveryTicket {
    /// The event's kind, as it is on the wire: `call.completed`, ...
    #[must_use]
    pub fn event(&self) -> &'static str {
        self.event
    }

    /// The event's id, the same for every attempt.
    #[must_use]
    pub fn event_id(&self) -> String {
        self.event_id.to_string()
    }

    /// The call.
    #[must_use]
    pub fn call_id(&self) -> CallId {
        self.call_id.call_id()
    }

    /// Which attempt it is, from 1. The second arrival of a duplicated one has the number of the first.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }
}

impl DeliveryOutcome {
    pub(crate) fn is_acknowledged(self) -> bool {
        match self {
            Self::Answered(status) => status.is_success(),
            Self::NoAnswer | Self::Lost => false,
        }
    }
}
