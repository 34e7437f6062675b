//! Answers of a service, a proxy or a broken network, as data. A reference model reads the data; the machine gets the
//! response that is built from it.
use byourside_proto::{
    TransportFailure,
    machine::{Reply, ReplySlot},
};
use core::time::Duration;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use proptest::{prelude::*, sample::select};
use serde_json::Value;

#[derive(Clone, Debug)]
pub enum Given {
    Response { status: u16, asks: Asks, body: Vec<u8> },
    NotSent,
    MaybeSent,
    TimedOut,
}

/// The `Retry-After` header of an answer.
#[derive(Clone, Debug)]
pub enum Asks {
    Nothing,
    Seconds(u64),
    /// A date this many seconds after the `Date` of the answer.
    Date(i32),
    DateWithoutOurs,
    Garbage(&'static str),
}

impl Given {
    pub fn new(status: u16, body: &str) -> Self {
        let (asks, body) = (Asks::Nothing, body.as_bytes().to_vec());
        Self::Response { status, asks, body }
    }

    /// An answer that ends any machine: a terminal record, the id of a placed call, and a list.
    pub fn the_end() -> Self {
        Self::new(200, r#"{"id": "c1", "status": "declined", "calls": []}"#)
    }

    pub fn through(&self, slot: ReplySlot) -> Reply {
        match self {
            Self::Response { status, asks, body } => {
                let mut response = Response::new(body.as_slice());
                *response.status_mut() = StatusCode::from_u16(*status).unwrap();
                *response.headers_mut() = asks.headers();
                slot.reply_ref(&response)
            }
            Self::NotSent => slot.reply(Err(TransportFailure::not_sent("connection refused"))),
            Self::MaybeSent => slot.reply(Err(TransportFailure::maybe_sent("connection reset"))),
            Self::TimedOut => slot.reply(Err(TransportFailure::timed_out())),
        }
    }

    pub fn status(&self) -> u16 {
        match self {
            Self::Response { status, .. } => *status,
            Self::NotSent | Self::MaybeSent | Self::TimedOut => 0,
        }
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status())
    }

    /// The body of a 2xx, if it is JSON.
    pub fn success(&self) -> Option<Value> {
        match self {
            Self::Response { body, .. } if self.is_success() => serde_json::from_slice(body).ok(),
            _ => None,
        }
    }

    /// The token of a refusal, if its body names one as a string that is not empty.
    pub fn token(&self) -> Option<String> {
        match self {
            Self::Response { body, .. } if !self.is_success() => serde_json::from_slice::<Value>(body)
                .ok()
                .and_then(|body| body.get("error")?.as_str().map(str::to_owned))
                .filter(|token| !token.is_empty()),
            _ => None,
        }
    }

    /// The error code, as in the official clients.
    pub fn code(&self) -> String {
        let Self::Response { body, .. } = self else {
            return "network_error".into();
        };
        let number = || {
            let body: Value = serde_json::from_slice(body).ok()?;
            let number = body.get("error")?.as_number()?.clone();
            (!self.is_success() && number.as_f64() != Some(0.0)).then(|| number.to_string())
        };
        self.token().or_else(number).unwrap_or("error".into())
    }

    pub fn asked(&self) -> Option<Duration> {
        match self {
            Self::Response { asks, .. } => asks.duration(),
            Self::NotSent | Self::MaybeSent | Self::TimedOut => None,
        }
    }

    /// Whether a read retries after this answer: it is transient, or a proxy's refusal without a token of the service.
    pub fn passes(&self) -> bool {
        match self.status() {
            408 | 425 | 499 => self.token().is_none(),
            429 => true,
            status => !(400..500).contains(&status),
        }
    }
}

impl Asks {
    fn duration(&self) -> Option<Duration> {
        match self {
            Self::Seconds(seconds) => Some(Duration::from_secs(*seconds)),
            Self::Date(ahead) => Some(Duration::from_secs(u64::try_from(*ahead).unwrap_or(0))),
            Self::Nothing | Self::DateWithoutOurs | Self::Garbage(_) => None,
        }
    }

    fn headers(&self) -> HeaderMap {
        let noon = 12 * 3600;
        let date = |at: i32| {
            format!(
                "Sun, 06 Nov 1994 {:02}:{:02}:{:02} GMT",
                at / 3600,
                at / 60 % 60,
                at % 60
            )
        };
        let (asked, ours) = match self {
            Self::Nothing => (None, None),
            Self::Seconds(seconds) => (Some(seconds.to_string()), None),
            Self::Date(ahead) => (Some(date(noon + ahead)), Some(date(noon))),
            Self::DateWithoutOurs => (Some(date(noon)), None),
            Self::Garbage(text) => (Some((*text).to_owned()), Some(date(noon))),
        };
        let value = |text: String| HeaderValue::from_str(&text).unwrap();
        let asked = asked.map(|asked| (header::RETRY_AFTER, value(asked)));
        let ours = ours.map(|ours| (header::DATE, value(ours)));
        asked.into_iter().chain(ours).collect()
    }
}

/// Any answer.
pub fn any_answer() -> impl Strategy<Value = Given> {
    prop_oneof![
        8 => (status(), asks(), body()).prop_map(|(status, asks, body)| Given::Response { status, asks, body }),
        3 => (prop_oneof![Just(200_u16), Just(202)], asks(), record())
            .prop_map(|(status, asks, body)| Given::Response { status, asks, body }),
        2 => passing(),
        1 => Just(Given::NotSent),
        1 => Just(Given::MaybeSent),
        1 => Just(Given::TimedOut),
    ]
}

/// Transient failures: a read retries after them, and none of them is a placed call.
pub fn passing() -> impl Strategy<Value = Given> {
    let status = select(vec![429_u16, 429, 500, 502, 503, 504, 302]);
    let body = select(vec!["", "<html>Bad Gateway</html>", r#"{"error": "rate_limited"}"#]);
    prop_oneof![
        4 => (status, asks(), body).prop_map(|(status, asks, body)| Given::Response {
            status,
            asks,
            body: body.into(),
        }),
        1 => Just(Given::new(200, r#"{"id": "c1", "status": "in_progress"#)),
        2 => Just(Given::NotSent),
    ]
}

/// Answers over the life of a call: not found yet, records, and transient failures.
pub fn lively() -> impl Strategy<Value = Given> {
    let record = record().prop_map(|body| Given::Response {
        status: 200,
        asks: Asks::Nothing,
        body,
    });
    prop_oneof![
        6 => record,
        2 => Just(Given::new(200, r#"{"id": "c1", "status": "completed", "summary": null}"#)),
        2 => Just(Given::new(404, r#"{"error": "not_found"}"#)),
        2 => passing(),
    ]
}

fn status() -> impl Strategy<Value = u16> {
    let usual = vec![
        200_u16, 201, 204, 301, 302, 400, 401, 402, 403, 404, 404, 408, 409, 422, 423, 425, 429, 429, 499, 500, 502,
        503, 504,
    ];
    prop_oneof![4 => select(usual), 1 => 100_u16..=999]
}

fn asks() -> impl Strategy<Value = Asks> {
    let garbage = vec!["", "-1", "1.5", "soon", "Sun, 99 Nov 1994 08:49:37 GMT", "0x10", "1e3"];
    prop_oneof![
        6 => Just(Asks::Nothing),
        2 => (0_u64..90).prop_map(Asks::Seconds),
        1 => prop_oneof![Just(u64::MAX), Just(86_400)].prop_map(Asks::Seconds),
        1 => (-3600..3600).prop_map(Asks::Date),
        1 => Just(Asks::DateWithoutOurs),
        1 => select(garbage).prop_map(Asks::Garbage),
    ]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let tokens = vec![
        r#""destination_blocked""#,
        r#""invalid_number""#,
        r#""rate_limited""#,
        r#""over_minute_cap""#,
        r#""unauthorized""#,
        r#""not_found""#,
        r#""placement_failed""#,
        r#""store_error""#,
        r#""error""#,
        r#""a_token_of_tomorrow""#,
        r#""""#,
        "7",
        "0",
        "null",
        r#"{"code": "rate_limited"}"#,
    ];
    let no_answers = vec![
        "",
        "null",
        "7",
        "[]",
        r#""text""#,
        "{",
        "<html>502 Bad Gateway</html>",
        "\u{feff}{}",
    ];
    prop_oneof![
        4 => select(tokens).prop_map(|token| format!(r#"{{"error": {token}}}"#).into_bytes()),
        3 => record(),
        1 => (record(), any::<prop::sample::Index>()).prop_map(|(body, at)| body[..at.index(body.len())].to_vec()),
        2 => select(no_answers).prop_map(Into::into),
        1 => select(vec![r#"{"calls": []}"#, r#"{"calls": null}"#, r#"{"calls": [{"id": "c1"}, 7]}"#])
            .prop_map(Into::into),
        1 => Just("[".repeat(10_000).into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..100),
    ]
}

/// A complete record, in which some members may be malformed.
fn record() -> impl Strategy<Value = Vec<u8>> {
    let id = vec![
        r#""id": "c1", "#,
        r#""id": "c1", "#,
        r#""callId": "c1", "#,
        r#""id": 7, "callId": "c2", "#,
        r#""id": "", "#,
        r#""id": "..", "#,
        "",
    ];
    let status = vec![
        r#""queued""#,
        r#""queued""#,
        r#""in_progress""#,
        r#""in_progress""#,
        r#""completed""#,
        r#""completed""#,
        r#""no_answer""#,
        r#""voicemail""#,
        r#""declined""#,
        r#""failed""#,
        r#""a_status_of_tomorrow""#,
        "null",
        "7",
    ];
    let results = vec![
        "",
        r#", "summary": null"#,
        r#", "summary": "done""#,
        r#", "extracted": {"n": 1}"#,
    ];
    (select(id), select(status), select(results))
        .prop_map(|(id, status, results)| format!(r#"{{{id}"status": {status}{results}}}"#).into_bytes())
}
