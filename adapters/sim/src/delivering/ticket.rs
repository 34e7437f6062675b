//! The ticket of a delivery attempt, and its outcome.
use super::super::Uuid;
use byourside_proto::CallId;
use http::StatusCode;

/// Identifies one attempt of one delivery. It is not `Clone`, because an attempt has one outcome: pass it to
/// [`Service::delivered`](crate::Service::delivered).
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

/// The outcome of a delivery attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// The receiver answered with this status. A 2xx acknowledges the event; after any other status it is sent again.
    Answered(StatusCode),
    /// No answer came. The event is sent again.
    NoAnswer,
    /// The delivery was lost, because of [`DeliveryFaults::lost`](crate::DeliveryFaults::lost). The service learns
    /// nothing, and sends the event again after the attempt timeout.
    Lost,
}

impl DeliveryTicket {
    /// The event's kind as it is on the wire, such as `call.completed`.
    #[must_use]
    pub fn event(&self) -> &'static str {
        self.event
    }

    /// The event's id, which is the same for every attempt.
    #[must_use]
    pub fn event_id(&self) -> String {
        self.event_id.to_string()
    }

    /// The id of the call.
    #[must_use]
    pub fn call_id(&self) -> CallId {
        self.call_id.call_id()
    }

    /// The number of the attempt, from 1. The second arrival of a duplicated attempt has the number of the first.
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
