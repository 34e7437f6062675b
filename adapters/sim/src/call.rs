//! A call that the service has placed.
use super::{
    account::Account,
    destination::{End, Scenario},
    digits::{hexadecimal, text},
    order::{Field, Order},
    record::list_prefix,
};
use crate::dirt::{ActiveFaults, Background};
use crate::random;
use byourside_proto::{CallId, Monotonic, Status, types::PhoneNumber};
use http::Uri;
use std::fmt;

/// A placed call, as a test sees it inside the service, regardless of the account that placed it.
///
/// ```
/// use byourside_proto::{Api, Monotonic, Operation, PlaceCall, Status};
/// use byourside_sim::Service;
/// use std::time::Duration;
///
/// let mut service = Service::new(7);
/// let api = Api::with_key("bys_ak_example")?;
/// service.handle(Monotonic::ORIGIN, &PlaceCall::new("+14155550103", "Ask.")?.request(&api));
///
/// let call = service.calls().next().ok_or("no call")?;
/// assert_eq!((call.to().as_str(), call.objective()), ("+14155550103", "Ask."));
/// assert_eq!(call.placed_at(), Monotonic::ORIGIN);
/// assert_eq!(call.answered_at(), None);
/// assert_eq!(call.status_at(Monotonic::ORIGIN), Status::Queued);
/// assert_eq!(call.ends_at().map(|end| call.status_at(end)), Some(Status::Declined));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SimulatedCall {
    pub(crate) id: Uuid,
    pub(crate) account: Account,
    /// Decides the values that are made up for this call: extracted fields and event ids.
    pub(crate) seed: u64,
    pub(crate) to: PhoneNumber,
    pub(crate) objective: String,
    /// The members of its list entry that never change, as JSON without the closing brace.
    pub(crate) list_prefix: Vec<u8>,
    pub(crate) fields: Vec<Field>,
    pub(crate) caller_id: Option<PhoneNumber>,
    pub(crate) language: Option<String>,
    pub(crate) webhook_url: Option<Uri>,
    pub(crate) placed_at: Monotonic,
    pub(crate) readable_at: Monotonic,
    pub(crate) answered_at: Option<Monotonic>,
    pub(crate) end: Option<(Monotonic, End)>,
    /// The faults of the POST that placed it: they change how the service echoes its number and objective.
    pub(crate) echo: ActiveFaults,
    /// Why the call exists, if no simulated program asked for it.
    pub(crate) background: Option<Background>,
}

impl SimulatedCall {
    pub(crate) fn new(mut seed: u64, account: Account, order: Order, scenario: Scenario, now: Monotonic) -> Self {
        let id = Uuid::random(&mut seed);
        let timeline = scenario.timeline(&mut seed);
        Self {
            id,
            account,
            seed,
            list_prefix: list_prefix(id, order.to.as_str(), &order.objective),
            to: order.to,
            objective: order.objective,
            fields: order.fields,
            caller_id: order.caller_id,
            language: order.language,
            webhook_url: order.webhook_url,
            placed_at: now,
            readable_at: now.after(timeline.readable),
            answered_at: timeline.answered.map(|after| now.after(after)),
            end: timeline.ends.map(|(after, end)| (now.after(after), end)),
            echo: ActiveFaults::default(),
            background: None,
        }
    }

    /// The id that the service gave to the call.
    #[must_use]
    pub fn id(&self) -> CallId {
        self.id.call_id()
    }

    /// The number that is called.
    #[must_use]
    pub fn to(&self) -> &PhoneNumber {
        &self.to
    }

    /// The objective of the call.
    #[must_use]
    pub fn objective(&self) -> &str {
        &self.objective
    }

    /// When the service placed the call.
    #[must_use]
    pub fn placed_at(&self) -> Monotonic {
        self.placed_at
    }

    /// When the call is answered, which may be in the future; `None` if it never is.
    #[must_use]
    pub fn answered_at(&self) -> Option<Monotonic> {
        self.answered_at
    }

    /// When the call ends, which may be in the future; `None` if it never does.
    #[must_use]
    pub fn ends_at(&self) -> Option<Monotonic> {
        self.end.map(|(at, _)| at)
    }

    /// The status of the call at `now`.
    #[must_use]
    pub fn status_at(&self, now: Monotonic) -> Status {
        match self.end {
            Some((at, end)) if at <= now => end.status(),
            _ if self.answered_at.is_some_and(|at| at <= now) => Status::InProgress,
            _ => Status::Queued,
        }
    }
}

impl fmt::Debug for SimulatedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedCall")
            .field("id", &self.id)
            .field("to", &self.to)
            .field("placed_at", &self.placed_at)
            .field("answered_at", &self.answered_at)
            .field("ends_at", &self.ends_at())
            .finish_non_exhaustive()
    }
}

/// A call's or an event's id: a random UUID, RFC 9562 version 4.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Uuid(u128);

impl Uuid {
    pub(crate) fn random(seed: &mut u64) -> Self {
        let bits = u128::from(random::next(seed)) << 64 | u128::from(random::next(seed));
        let version = bits & !(0xf << 76) | 4 << 76;
        Self(version & !(0b11 << 62) | 0b10 << 62)
    }

    /// The id as a client's type.
    pub(crate) fn call_id(self) -> CallId {
        CallId::new(self.to_string()).expect("a UUID is none of what is refused")
    }

    /// Parses the form that is given out: lower case, with hyphens.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
        let mut bits = 0;
        for (at, byte) in text.iter().enumerate() {
            match (at, byte) {
                (8 | 13 | 18 | 23, b'-') => {}
                (8 | 13 | 18 | 23, _) => return None,
                (_, b'0'..=b'9') => bits = bits << 4 | u128::from(byte - b'0'),
                (_, b'a'..=b'f') => bits = bits << 4 | u128::from(byte - b'a' + 10),
                _ => return None,
            }
        }
        Some(Self(bits))
    }

    fn written(self) -> [u8; 36] {
        let (high, low) = ((self.0 >> 64) as u64, self.0 as u64);
        let mut text = [b'-'; 36];
        hexadecimal(&mut text[..8], high >> 32);
        hexadecimal(&mut text[9..13], high >> 16);
        hexadecimal(&mut text[14..18], high);
        hexadecimal(&mut text[19..23], low >> 48);
        hexadecimal(&mut text[24..], low);
        text
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(text(&self.written()))
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Uuid {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text(&self.written()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_is_a_uuid_that_parses_back() {
        for mut seed in 0..100 {
            let id = Uuid::random(&mut seed);
            let text = id.to_string();
            assert_eq!(Uuid::parse(&text), Some(id), "{text}");
            assert_eq!(text.as_bytes()[14], b'4');
            assert!(matches!(text.as_bytes()[19], b'8'..=b'b'));
        }
    }

    #[test]
    fn id_parses_in_the_form_that_is_given_out_only() {
        for text in [
            "",
            "f47ac10b58cc4372a5670e02b2c3d479",
            "F47AC10B-58CC-4372-A567-0E02B2C3D479",
            "f47ac10b-58cc-4372-a567-0e02b2c3d47",
            "f47ac10b-58cc-4372-a567-0e02b2c3d47é",
            "+47ac10b-58cc-4372-a567-0e02b2c3d479",
        ] {
            assert_eq!(Uuid::parse(text), None, "{text}");
        }
    }
}
