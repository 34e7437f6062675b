//! Properties of webhook deliveries.
use byourside_proto::{
    UnixTime,
    webhook::{Delivery, Refusal, Signer, Verifier, WebhookSecret},
};

const NOW: UnixTime = UnixTime::new(1_760_000_000);
const BODY: &[u8] = b"{}";

/// Any header is refused unless it has the right signature.
pub(crate) fn signature_header(data: &[u8]) {
    let verifier = Verifier::new(secret());
    let right = Signer::new(secret()).sign(NOW, BODY);
    let answer = verifier.verify(data, BODY, NOW);
    check(&answer);
    if answer.is_ok() {
        let hex = right.split("v1=").last().unwrap_or_default().as_bytes();
        assert!(
            data.windows(hex.len()).any(|part| part == hex),
            "accepted without a signature"
        );
    }
    // An invalid part beside the right one must not hide it, and must not let anything else in.
    if data.iter().all(|byte| byte.is_ascii_alphanumeric()) {
        let header = [right.as_bytes(), b",", data].concat();
        assert!(verifier.verify(&header, BODY, NOW).is_ok());
    }
}

/// A header line, then the body: everything that is accepted was signed, and everything that was signed is accepted.
pub(crate) fn delivery(data: &[u8]) {
    let mut lines = data.splitn(2, |byte| *byte == b'\n');
    let (header, body) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let verifier = Verifier::new(secret());
    let answer = verifier.verify(header, body, NOW);
    check(&answer);
    let signed = Signer::new(secret()).sign(NOW, body);
    let Ok(delivery) = verifier.verify(&signed, body, NOW) else {
        panic!("what is signed is refused");
    };
    match delivery.event() {
        Ok(event) => {
            let _ = (event.kind(), event.event_id(), event.call_id(), event.call());
            let (Ok(came), Ok(kept)) = (
                serde_json::from_slice::<serde_json::Value>(body),
                serde_json::to_value(&event),
            ) else {
                panic!("an event is JSON");
            };
            assert_eq!(kept, came);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn secret() -> WebhookSecret {
    match WebhookSecret::new("whsec_fuzz") {
        Ok(secret) => secret,
        Err(error) => panic!("{error}"),
    }
}

fn check(answer: &Result<Delivery<'_>, Refusal>) {
    let shown = match answer {
        Ok(delivery) => format!("{delivery:?}"),
        Err(refusal) => format!("{refusal:?} {refusal}"),
    };
    assert!(!shown.contains("whsec_fuzz"));
}
