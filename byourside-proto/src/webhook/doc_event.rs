// Included by the examples of the clients' docs: an event from a delivery that is signed and verified.
use byourside_proto::{UnixTime, webhook::{Event, Signer, Verifier, WebhookSecret}};

fn delivered(body: &str) -> Event {
    let (secret, now) = (WebhookSecret::new("whsec_example").unwrap(), UnixTime::new(1_767_225_600));
    let header = Signer::new(secret.clone()).sign(now, body.as_bytes());
    let verifier = Verifier::new(secret);
    verifier.verify(&header, body.as_bytes(), now).unwrap().event().unwrap()
}
