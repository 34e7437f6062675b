//! No output shows a key, a webhook secret or a whole phone number, even if a hostile answer repeats them.
use crate::{
    answer::{Asks, Given},
    config,
    driver::{Run, What, case},
    subject::{Placing, Reading, Subject, Waiter},
    support::{KEY, PHONE, api, call, id, sign},
};
use byourside_proto::{
    Action, ApiKey, Call, Field, GetCall, ListCalls, Machine, Monotonic, Operation, TransportFailure, UnixTime, client,
    client::CallError,
    machine::{
        Error,
        place::{NotPlaced, PlaceError, Unknown},
        wait::{CallWaiter, WaitOptions},
    },
    types::PhoneNumber,
    webhook::{Deduplicator, SIGNATURE_HEADER, Signer, Verifier, WebhookSecret},
};
use core::{
    fmt::{Debug, Display},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use proptest::{prelude::*, sample::select};

const SECRET: &str = "whsec_SecretOfTheTests";
const CALLER: &str = "+442071838750";

fn hide(shown: &str) {
    let digits = |number: &'static str| number.trim_start_matches('+');
    for hidden in [
        KEY,
        SECRET,
        "OfTheTests",
        "SecretOfTheTests",
        digits(PHONE),
        digits(CALLER),
    ] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
}

fn hide_in(value: &impl Debug) {
    hide(&format!("{value:?}"));
    hide(&format!("{value:#?}"));
}

fn hide_in_error(error: &(impl Debug + Display)) {
    hide_in(error);
    hide(&format!("{error} {error:#}"));
}

/// Answers that repeat secrets of the request in any place, as a proxy or a hostile service may.
fn echo() -> impl Strategy<Value = Given> {
    let hidden = select(vec![
        KEY.to_owned(),
        format!("Bearer {KEY}"),
        PHONE.to_owned(),
        CALLER.to_owned(),
        SECRET.to_owned(),
        format!("{SECRET}{PHONE}{KEY}"),
    ]);
    let around = select(vec![
        r#"{"error": "@"}"#,
        r#"{"error": {"message": "@"}}"#,
        r#"{"id": "c1", "status": "queued", "to": "@", "summary": "@", "@": 1}"#,
        r#"{"id": "c1", "status": "completed", "to": "@", "extracted": {"@": "@"}}"#,
        r#"{"id": "c1", "status": "@"}"#,
        r#"{"calls": [{"id": "c1", "status": "@", "to": "@"}]}"#,
        "<html>authorization: @ to @</html>",
        "@",
    ]);
    let status = select(vec![200_u16, 200, 202, 302, 400, 401, 404, 408, 429, 500, 503]);
    (status, hidden, around).prop_map(|(status, hidden, around)| Given::Response {
        status,
        asks: Asks::Nothing,
        body: around.replace('@', &hidden).into_bytes(),
    })
}

fn nothing_shows<S: Subject>(setup: &S, start: Monotonic, script: &[crate::driver::Step], echoes: &[Given]) {
    let mut run = Run::new(setup, start);
    let mut echoes = echoes.iter().cycle();
    for step in script {
        let what = match &step.what {
            What::Answer(_) => What::Answer(echoes.next().unwrap().clone()),
            other => other.clone(),
        };
        run.perform(run.moment(&step.when), &what);
        hide_in(&run.time.machine);
        hide_in(&run.time.unanswered.iter().map(|held| &held.slot).collect::<Vec<_>>());
        let action = run.time.machine.clone().poll(run.clock);
        hide_in(&action);
        if let Action::Send(_, slot) = action {
            hide_in(&echoes.next().unwrap().through(slot));
        }
    }
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn machine_action_slot_and_reply_show_none_in_any_state(
        (waiter, start, script) in case::<Waiter>(),
        placer in Placing::any(),
        reader in Reading::any(),
        echoes in prop::collection::vec(echo(), 1..8),
    ) {
        nothing_shows(&waiter, start, &script, &echoes);
        nothing_shows(&placer, start, &script, &echoes);
        nothing_shows(&reader, start, &script, &echoes);
    }

    #[test]
    fn api_error_shows_none(given in echo()) {
        let Given::Response { status, body, .. } = given else { return Ok(()) };
        let status = StatusCode::from_u16(status).unwrap();
        let headers: HeaderMap = [KEY, PHONE, SECRET]
            .map(|hidden| (http::header::SET_COOKIE, HeaderValue::from_static(hidden)))
            .into_iter()
            .collect();
        for error in [
            call().parse(status, &headers, &body).err(),
            GetCall(id("c1")).parse(status, &headers, &body).err(),
            ListCalls::default().parse(status, &headers, &body).err(),
        ].into_iter().flatten() {
            hide(error.excerpt());
            hide_in_error(&error);
            hide_in_error(&Error::from(error.clone()));
            hide_in_error(&NotPlaced::Refused(error.clone()));
            hide_in_error(&Unknown::Answer(error.clone()));
            hide_in_error(&PlaceError::Unknown(Unknown::Answer(error.clone())));
            hide_in_error(&CallError::Place(PlaceError::NotPlaced(NotPlaced::Refused(error))));
        }
    }
}

#[test]
fn transport_failure_shows_none_of_its_reason() {
    let reason = format!("cannot send `authorization: Bearer {KEY}` for {PHONE}, {CALLER}: {SECRET}");
    for failure in [
        TransportFailure::not_sent(&reason),
        TransportFailure::maybe_sent(&reason),
    ] {
        hide_in_error(&failure);
        hide_in_error(&Error::from(failure.clone()));
        hide_in_error(&NotPlaced::NoConnection(failure.clone()));
        hide_in_error(&CallError::Place(PlaceError::Unknown(Unknown::Lost(failure))));
    }
}

#[test]
fn input_types_show_none() {
    let call = call()
        .caller_id(CALLER)
        .unwrap()
        .context(format!("Call {CALLER} back."))
        .webhook_url(format!("https://hooks.example/{SECRET}"))
        .unwrap()
        .fields(vec![Field {
            name: "n".into(),
            kind: None,
            description: None,
        }])
        .unwrap();
    let request = call.request(&api());
    hide(&format!("{:?} {:?}", request.uri(), request.headers()));
    hide_in(&call);
    hide_in(&api());
    hide_in(&ApiKey::new(KEY).unwrap());
    hide_in(&PhoneNumber::new(PHONE).unwrap());
    hide_in(&client::ClientOptions::default());
    let for_key = |key: &str| ApiKey::new(key).unwrap_err();
    hide_in_error(&for_key(&format!("{KEY} {PHONE}")));
}

#[test]
fn client_and_waiter_with_a_callback_show_none() {
    #[derive(Debug, Default)]
    struct Silent {
        seconds: AtomicU64,
    }
    impl client::blocking::Transport for Silent {
        fn send(&self, request: Request<Vec<u8>>, _: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
            Err(TransportFailure::maybe_sent(format!("{:?}", request.headers()) + KEY))
        }
        fn sleep(&self, _: Duration) {}
        fn now(&self) -> Monotonic {
            Monotonic::new(Duration::from_secs(self.seconds.fetch_add(1, Ordering::Relaxed)))
        }
        fn seed(&self) -> u64 {
            0
        }
    }
    let client = client::blocking::Client::with_transport(api(), client::ClientOptions::default(), Silent::default());
    hide_in(&client);
    hide_in_error(&client.place_and_wait(&call()).unwrap_err());

    let waiter = CallWaiter::new(api(), id("c1"), WaitOptions::default(), Monotonic::ORIGIN);
    let mut watched = waiter.with_callback(hide_in);
    if let Action::Send(request, slot) = watched.poll(Monotonic::ORIGIN) {
        hide_in(&request.headers());
        watched.handle(Monotonic::ORIGIN, slot.reply_ref(&Response::new(record())));
    }
}

#[test]
fn call_record_shows_none() {
    let call: Call = serde_json::from_str(&record()).unwrap();
    hide_in(&call);
    hide_in(&call.status());
}

#[test]
fn webhook_types_show_none() {
    let secret = WebhookSecret::new(SECRET).unwrap();
    let (signer, verifier) = (Signer::new(secret.clone()), Verifier::new(secret.clone()));
    let now = UnixTime::new(1_767_225_600);
    let body = record().replacen('{', r#"{"event": "call.completed", "eventId": "e1", "#, 1);
    let header = signer.sign(now, body.as_bytes());
    let delivery = verifier.verify(&header, body.as_bytes(), now).unwrap();
    let event = delivery.event().unwrap();
    let mut seen = Deduplicator::new(8);
    seen.first_time(event.event_id().unwrap());
    hide_in(&(secret, signer, &verifier));
    hide_in(&(delivery, &event, event.kind(), event.status(), seen));

    let unreadable = signed_event(PHONE).unwrap_err();
    hide_in_error(&unreadable);
    for header in [
        SECRET.to_owned(),
        format!("t={PHONE},v1={SECRET}"),
        format!("{header}0"),
        header.replace("t=", "t=9"),
    ] {
        hide_in_error(&verifier.verify(&header, body.as_bytes(), now).unwrap_err());
    }
    let request = Request::builder().header(SIGNATURE_HEADER, "t=1").body(body).unwrap();
    hide_in_error(&verifier.verify_request(&request, now).unwrap_err());
}

fn signed_event(body: &str) -> Result<byourside_proto::webhook::Event, byourside_proto::webhook::EventError> {
    let now = UnixTime::new(0);
    let (verifier, header) = sign(SECRET, now, body);
    verifier.verify(&header, body.as_bytes(), now).unwrap().event()
}

fn record() -> String {
    format!(
        r#"{{"callId": "c1", "status": "{KEY} {PHONE}", "to": "{PHONE}", "callerId": "{CALLER}", "summary": "{PHONE}",
            "transcript": "my key is {KEY}", "{SECRET}": "{SECRET}"}}"#
    )
}
