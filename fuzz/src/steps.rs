//! The steps of the driver.
use arbitrary::{Arbitrary, Result, Unstructured};
use byourside_proto::{
    UnixTime,
    webhook::{Event, Signer, Verifier, WebhookSecret},
};
use http::Response;

/// A step of the driver. One byte picks it, so that a short input gives many steps.
#[derive(Debug)]
pub(crate) enum Step<'a> {
    /// Time passes, in milliseconds.
    Pass(u16),
    /// The clock shows any time, including the past and the latest possible one.
    Jump(u64),
    /// Polls exactly at `next_wake`.
    Wake,
    /// Answers one of the held requests, even if it has timed out since.
    Answer { which: u8, given: Given<'a> },
    /// Reports one of the held requests as failed.
    Fail { which: u8, sent: bool },
    /// Drops one of the held requests.
    Forget(u8),
    /// A webhook event arrives, with the token of the intent, another token, or none.
    Hear { news: News, token: Option<bool> },
    /// Another process restores the machine after this many milliseconds, on a clock that shows this many.
    Restore { aged: u16, origin: u16 },
    /// Extends the wait by this many milliseconds.
    Extend(u16),
}

/// An answer. One byte holds the status, whether there is a `Retry-After`, and the kind of body.
#[derive(Debug)]
pub(crate) struct Given<'a> {
    status: u16,
    retry_after: Option<u16>,
    body: Body<'a>,
}

#[derive(Debug)]
enum Body<'a> {
    Record(u8),
    List(u8, u8),
    Refusal(u8),
    Bytes(&'a [u8]),
}

#[derive(Arbitrary, Debug)]
pub(crate) struct News {
    kind: u8,
    call: u8,
    status: Option<u8>,
}

/// The longest generated body, in bytes.
const MAX_BODY: usize = 64;

/// Statuses that machines decide by. Other values take a status from one or two more bytes.
const CODES: [u16; 13] = [200, 202, 302, 400, 401, 404, 408, 409, 429, 500, 502, 503, 504];

const STATUSES: [&str; 8] = [
    "queued",
    "in_progress",
    "completed",
    "no_answer",
    "voicemail",
    "declined",
    "failed",
    "odd",
];

const TOKENS: [&str; 7] = [
    "rate_limited",
    "over_minute_cap",
    "unauthorized",
    "not_found",
    "placement_failed",
    "store_error",
    "odd",
];

/// Number and objective of a record: absent, those of the placed call, or others.
const ABOUT: [&str; 3] = [
    "",
    r#","to":"+14155550123","objective":"Ask.""#,
    r#","to":"+14155550124","objective":"Ask.""#,
];

fn pick(words: &[&'static str], at: u8) -> &'static str {
    words[usize::from(at) % words.len()]
}

fn record(call: u8, at: u8) -> String {
    let (status, about) = (pick(&STATUSES, at), pick(&ABOUT, at >> 3));
    format!(r#"{{"id":"c{}","status":"{status}"{about}}}"#, call % 4)
}

impl<'a> Arbitrary<'a> for Step<'a> {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match u8::arbitrary(input)? % 16 {
            0..4 => Self::Wake,
            4..8 => Self::Answer {
                which: input.arbitrary()?,
                given: input.arbitrary()?,
            },
            8 => Self::Fail {
                which: input.arbitrary()?,
                sent: input.arbitrary()?,
            },
            9 => Self::Forget(input.arbitrary()?),
            10 => Self::Pass(input.arbitrary()?),
            11 | 12 => Self::Hear {
                news: input.arbitrary()?,
                token: input.arbitrary()?,
            },
            13 => Self::Restore {
                aged: input.arbitrary()?,
                origin: input.arbitrary()?,
            },
            14 => Self::Extend(input.arbitrary()?),
            _ => Self::Jump(input.arbitrary()?),
        })
    }
}

impl<'a> Arbitrary<'a> for Given<'a> {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        let head = u8::arbitrary(input)?;
        let status = match CODES.get(usize::from(head & 0xf)) {
            Some(status) => *status,
            None => 100 + u16::arbitrary(input)? % 900,
        };
        let retry_after = (head & 0x10 != 0).then(|| input.arbitrary()).transpose()?;
        let body = match head >> 5 {
            0..3 => Body::Record(input.arbitrary()?),
            3 | 4 => Body::List(input.arbitrary()?, input.arbitrary()?),
            5 => Body::Refusal(input.arbitrary()?),
            _ => {
                let most = input.len().min(MAX_BODY);
                let length = input.int_in_range(0..=most)?;
                Body::Bytes(input.bytes(length.min(input.len()))?)
            }
        };
        Ok(Self {
            status,
            retry_after,
            body,
        })
    }
}

impl Given<'_> {
    pub(crate) fn response(&self) -> Response<Vec<u8>> {
        let mut response = Response::new(self.body.bytes());
        if let Ok(status) = http::StatusCode::from_u16(self.status) {
            *response.status_mut() = status;
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(http::header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl Body<'_> {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Record(at) => record(1, *at).into(),
            Self::List(one, two) => {
                format!(r#"{{"calls":[{},{}]}}"#, record(*one, one >> 2), record(*two, two >> 2)).into()
            }
            Self::Refusal(at) => format!(r#"{{"error":"{}"}}"#, pick(&TOKENS, *at)).into(),
            Self::Bytes(bytes) => bytes.to_vec(),
        }
    }
}

impl News {
    /// The event. It is made through a signed delivery, since there is no other way.
    pub(crate) fn event(&self) -> Event {
        let (kind, call, about) = (pick(&STATUSES, self.kind), self.call % 4, pick(&ABOUT, self.call >> 2));
        let status = match self.status {
            Some(at) => format!(r#""{}""#, pick(&STATUSES, at)),
            None => "null".into(),
        };
        let body = format!(r#"{{"event":"call.{kind}","eventId":"e1","callId":"c{call}","status":{status}{about}}}"#);
        let now = UnixTime::new(1_760_000_000);
        let secret = WebhookSecret::new("whsec_fuzz").expect("it is not empty");
        let header = Signer::new(secret.clone()).sign(now, body.as_bytes());
        let delivery = Verifier::new(secret).verify(header, body.as_bytes(), now);
        delivery.expect("it is signed").event().expect("it is an event")
    }
}
