//! Machines under a driver that does anything in any order.
use arbitrary::{Arbitrary, Unstructured};
use byourside_proto::{
    Action, Api, ApiKey, BaseUrl, BuildError, CallId, CallWaiter, GetCall, Machine, Monotonic, PlaceCall, PlaceOptions,
    Placer, ReadOptions, Reader, ReplySlot, TransportFailure, WaitOptions, WaitSet, WaitSetOptions,
};
use core::{fmt::Debug, time::Duration};
use http::Response;

/// The most that a driver may do with one input.
const MAX_STEPS: usize = 400;
/// The most slots that it holds back.
const MAX_HELD: usize = 8;

/// What a driver does next.
#[derive(Arbitrary, Debug)]
enum Step<'a> {
    /// Time passes, in milliseconds.
    Pass(u16),
    /// The clock is read wrong: any moment, the past and the end of time included.
    Jump(u64),
    /// It wakes exactly when it should.
    Wake,
    /// It answers one of the requests that it holds, whatever became of it since.
    Answer {
        which: u8,
        status: u16,
        retry_after: Option<u16>,
        body: Body<'a>,
    },
    /// It reports one of them as failed.
    Fail { which: u8, sent: bool },
    /// It forgets one.
    Forget(u8),
}

#[derive(Arbitrary, Debug)]
enum Body<'a> {
    Record(u8),
    List(u8, u8),
    Refusal(u8),
    Bytes(&'a [u8]),
}

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

impl Body<'_> {
    fn bytes(&self) -> Vec<u8> {
        let status = |at: u8| STATUSES[usize::from(at) % STATUSES.len()];
        let record = |call: u8, at: u8| format!(r#"{{"id":"c{}","status":"{}"}}"#, call % 4, status(at));
        match self {
            Self::Record(at) => record(1, *at).into(),
            Self::List(one, two) => {
                format!(r#"{{"calls":[{},{}]}}"#, record(*one, one >> 2), record(*two, two >> 2)).into()
            }
            Self::Refusal(at) => format!(r#"{{"error":"{}"}}"#, TOKENS[usize::from(*at) % TOKENS.len()]).into(),
            Self::Bytes(bytes) => bytes.to_vec(),
        }
    }
}

/// The rules that every machine keeps, whatever its driver does. The first byte picks the machine.
pub(crate) fn machine(data: &[u8]) {
    let Some((which, rest)) = data.split_first() else {
        return;
    };
    let driven = match which % 3 {
        0 => waiter().map(|machine| drive(machine, rest, 1)),
        1 => placer().map(|machine| drive(machine, rest, 1)),
        _ => reader().map(|machine| drive(machine, rest, 1)),
    };
    if let Err(error) = driven {
        panic!("{error}");
    }
}

/// The same rules for the set of waiting calls, which may have several requests out.
pub(crate) fn wait_set(data: &[u8]) {
    match set() {
        Ok((set, in_flight)) => drive(set, data, in_flight),
        Err(error) => panic!("{error}"),
    }
}

fn drive<M: Machine<Output: PartialEq + Debug> + Clone + PartialEq + Debug>(
    mut machine: M,
    data: &[u8],
    in_flight: usize,
) {
    let mut input = Unstructured::new(data);
    let mut now = Monotonic::ORIGIN;
    let mut held: Vec<ReplySlot> = Vec::new();
    let mut sent: Vec<Monotonic> = Vec::new();
    let mut done: Option<M::Output> = None;
    let mut latest = now;
    for _ in 0..MAX_STEPS {
        let Ok(step) = Step::arbitrary(&mut input) else { break };
        match step {
            Step::Pass(millis) => now = now.after(Duration::from_millis(millis.into())),
            Step::Jump(nanos) => now = Monotonic::new(Duration::from_nanos(nanos)),
            Step::Wake => now = machine.next_wake().unwrap_or(now),
            Step::Answer {
                which,
                status,
                retry_after,
                body,
            } => {
                if let Some(slot) = take(&mut held, which) {
                    let mut response = Response::new(body.bytes());
                    if let Ok(status) = http::StatusCode::from_u16(100 + status % 900) {
                        *response.status_mut() = status;
                    }
                    if let Some(seconds) = retry_after {
                        response.headers_mut().insert(http::header::RETRY_AFTER, seconds.into());
                    }
                    machine.handle(now, slot.response(&response));
                }
            }
            Step::Fail { which, sent } => {
                if let Some(slot) = take(&mut held, which) {
                    let failure = if sent {
                        TransportFailure::maybe_sent("reset")
                    } else {
                        TransportFailure::not_sent("refused")
                    };
                    machine.handle(now, slot.failed(failure));
                }
            }
            Step::Forget(which) => drop(take(&mut held, which)),
        }
        latest = latest.max(now);
        let wake = machine.next_wake();
        match machine.poll(now) {
            Action::Send(request, slot) => {
                assert!(done.is_none(), "a request after the end");
                assert!(wake.is_some_and(|wake| wake <= latest), "a request before its time");
                assert!(!format!("{request:?}{slot:?}").contains("bys_ak_fuzz"));
                sent.push(latest);
                if held.len() < MAX_HELD {
                    held.push(slot);
                }
                if in_flight == 1 {
                    assert!(matches!(machine.poll(now), Action::Sleep(_)), "handed out twice");
                }
            }
            Action::Sleep(duration) => {
                assert!(!duration.is_zero());
                assert_eq!(
                    machine.next_wake(),
                    Some(latest.after(duration)),
                    "the wake-up is not the sleep's end"
                );
                assert!(wake.is_none_or(|wake| wake > latest), "asleep past its time");
                let mut early = machine.clone();
                assert!(
                    matches!(early.poll(now), Action::Sleep(again) if again == duration),
                    "polling changes it"
                );
                let end = latest.after(duration);
                // A set may wake to give up one of several requests, and go on waiting for the others.
                if in_flight == 1 && end.since(latest) == duration {
                    assert!(!matches!(early.poll(end), Action::Sleep(_)), "two sleeps in a row");
                }
            }
            Action::Done(output) => {
                assert_eq!(machine.next_wake(), None);
                assert!(done.as_ref().is_none_or(|before| *before == output), "another end");
                done = Some(output);
            }
        }
        assert!(!format!("{machine:?}").contains("bys_ak_fuzz"));
    }
    // At most a hundred a second: no hundred-and-first within one.
    for window in sent.windows(102) {
        assert!(
            window[101].since(window[0]) >= Duration::from_secs(1),
            "a request storm"
        );
    }
}

fn take(held: &mut Vec<ReplySlot>, which: u8) -> Option<ReplySlot> {
    (!held.is_empty()).then(|| held.swap_remove(usize::from(which) % held.len()))
}

fn api() -> Result<Api, BuildError> {
    Ok(Api::new(BaseUrl::default(), ApiKey::new("bys_ak_fuzz")?))
}

fn waiter() -> Result<CallWaiter, BuildError> {
    let options = WaitOptions {
        settle: 2,
        ..WaitOptions::default()
    };
    Ok(CallWaiter::new(api()?, CallId::new("c1")?, options, Monotonic::ORIGIN))
}

fn placer() -> Result<Placer, BuildError> {
    let call = PlaceCall::new("+14155550123", "Ask.")?;
    Ok(Placer::new(api()?, call, PlaceOptions::default(), Monotonic::ORIGIN))
}

fn reader() -> Result<Reader<GetCall>, BuildError> {
    let get = GetCall(CallId::new("c1")?);
    Ok(Reader::new(api()?, get, ReadOptions::default(), Monotonic::ORIGIN))
}

fn set() -> Result<(WaitSet, usize), BuildError> {
    let options = WaitSetOptions {
        max_in_flight: 3,
        timeout: Duration::from_secs(30),
        ..WaitSetOptions::default()
    };
    let mut set = WaitSet::new(api()?, options, Monotonic::ORIGIN);
    for id in ["c0", "c1", "c2"] {
        set.add(&CallId::new(id)?, Monotonic::ORIGIN);
    }
    Ok((set, options.max_in_flight))
}
