//! Tests a program that places a call, receives its webhooks with axum and waits for the end: under faults, with 50
//! seeds.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use axum::{Router, body::Body, body::Bytes, http::HeaderMap, http::StatusCode, routing::post};
use byourside_proto::client::{Client, ClientOptions, Transport};
use byourside_proto::webhook::{Event, SIGNATURE_HEADER, Verifier, WebhookSecret};
use byourside_proto::{Api, PlaceCall, UnixTime, client::CallError, machine::wait::FinishedCall};
use byourside_sim::{Profile, Service, TokioService};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The app's webhook receiver, which passes on every event that the service signed.
fn receiver<N: Fn() -> UnixTime + Clone + Send + Sync + 'static>(events: UnboundedSender<Event>, now: N) -> Router {
    let verifier = Verifier::new(WebhookSecret::new("whsec_simulated").unwrap());
    let receive = async move |headers: HeaderMap, body: Bytes| {
        let header = headers.get(SIGNATURE_HEADER).ok_or(StatusCode::BAD_REQUEST)?;
        let verified = verifier.verify(header, &body, now());
        let event = verified.ok().and_then(|delivery| delivery.event().ok());
        // Acknowledged even if nobody waits for the event any more.
        let _unheard = events.send(event.ok_or(StatusCode::BAD_REQUEST)?);
        Ok::<(), StatusCode>(())
    };
    Router::new().route("/hook", post(receive))
}

/// The app: places a call, and waits for its end by GETs and by webhooks.
async fn ask<T: Transport>(
    client: &Client<T>,
    mut events: UnboundedReceiver<Event>,
) -> Result<FinishedCall, CallError> {
    let call = PlaceCall::new("+14155550123", "Ask.")?.webhook_url("https://app.example.com/hook")?;
    let id = client.place_call(&call).await?.call_id().unwrap();
    let events = futures_util::stream::poll_fn(move |context| events.poll_recv(context));
    let options = client.options().wait;
    Ok(client.wait_for_call_with_events(&id, options, events).await?)
}

#[tokio::test(start_paused = true)]
async fn app_rings_a_phone_at_most_once_and_soon_knows_the_end() {
    let api = Api::with_key("bys_ak_example").unwrap();
    let mut ended = 0;
    for seed in 0..50 {
        let sim = TokioService::new(Service::new(seed), Profile::Harsh.faults(seed));
        let (sender, events) = unbounded_channel();
        let clock = sim.clone();
        sim.deliver_to::<Body, _>(receiver(sender, move || clock.unix_now()));

        let client = Client::with_transport(api.clone(), ClientOptions::default(), sim.clone());
        let result = ask(&client, events).await;
        assert!(sim.service().placed() <= 1, "seed {seed}");
        if result.is_ok() {
            // A delivery is on its way for up to three seconds. Asking alone takes up to nine, or more after a failure.
            let late = sim
                .now()
                .since(sim.service().calls().next().unwrap().ends_at().unwrap());
            assert!(late <= Duration::from_millis(3_002), "seed {seed}: {late:?}");
            ended += 1;
        }
    }
    assert!(ended >= 30, "only {ended} calls were seen to end");
}
