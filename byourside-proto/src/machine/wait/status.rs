//! Why a wait waits.
use core::{fmt, time::Duration};
use serde::{Deserialize, Serialize};

/// What a wait is at, and for how long.
///
/// ```
/// use byourside_proto::{Api, CallId, Machine, Monotonic, machine::wait::{CallWaiter, Reason, WaitOptions}};
/// # let api = Api::with_key("bys_ak_example")?;
/// # let now = Monotonic::ORIGIN;
/// let mut waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), now);
/// # let byourside_proto::Action::Send(_, slot) = waiter.poll(now) else { panic!() };
/// # let asked = http::Response::builder().status(429).header("retry-after", "8").body("").unwrap();
/// // The service answers 429, and asks for 8 s.
/// waiter.handle(now, slot.reply_ref(&asked));
/// assert_eq!(waiter.status(now).to_string(), "8.0 s: the service asked for 8.0 s (Retry-After)");
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitStatus {
    /// How long, from now on, unless something comes before that.
    pub wait: Duration,
    /// Why.
    pub reason: Reason,
}

/// Why a wait waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Reason {
    /// It does not: its first GET is wanted.
    Start,
    /// A GET is out; this is how long its answer is waited for.
    Asking,
    /// The call goes on; the next GET is an interval after the last answer.
    Interval,
    /// What was asked failed, in a way that passes.
    Backoff {
        /// How often in a row.
        failures: u32,
    },
    /// The service asked to be left alone this long, capped by the options.
    RetryAfter(Duration),
    /// The service does not know the call yet, which has just been placed.
    NotReadableYet,
    /// The call has ended; what it brought may come a moment later.
    Settling {
        /// How many more GETs there may be.
        left: u32,
    },
    /// The last GET is sent at the deadline.
    LastGet,
    /// The wait is over.
    Over,
}

impl fmt::Display for WaitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", Seconds(self.wait), self.reason)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("the first GET is due"),
            Self::Asking => f.write_str("a GET is out, and waited for no longer"),
            Self::Interval => f.write_str("the call goes on, and is asked for once in an interval"),
            Self::Backoff { failures: 1 } => f.write_str("backing off after a failure"),
            Self::Backoff { failures } => write!(f, "backing off after {failures} failures in a row"),
            Self::RetryAfter(asked) => write!(f, "the service asked for {} (Retry-After)", Seconds(*asked)),
            Self::NotReadableYet => f.write_str("the call has just been placed, and is not readable yet"),
            Self::Settling { left } => write!(f, "the call has ended, and up to {left} more GETs are for its results"),
            Self::LastGet => f.write_str("the last GET is due at the deadline"),
            Self::Over => f.write_str("the wait is over"),
        }
    }
}

struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} s", self.0.as_secs(), self.0.subsec_millis() / 100)
    }
}
