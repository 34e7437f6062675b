//! Verifying allocates nothing, accepted or refused. A counting allocator measures it.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use allocation_counter::measure;
use byourside_proto::{
    UnixTime,
    webhook::{Delivery, Refusal, Signer, Verifier, WebhookSecret},
};
use http::Request;

const NOW: UnixTime = UnixTime::new(1_760_000_000);

fn secret(text: &str) -> WebhookSecret {
    WebhookSecret::new(text).unwrap()
}

fn counted(verify: impl FnOnce() -> Result<(), Refusal>) -> (u64, Result<(), Refusal>) {
    let mut answer = None;
    let info = measure(|| answer = Some(verify()));
    (info.count_total, answer.unwrap())
}

fn forget(_: Delivery<'_>) {}

#[test]
fn allocation_counter_counts() {
    assert_eq!(measure(|| drop(std::hint::black_box(vec![0_u8; 16]))).count_total, 1);
}

#[test]
fn accepted_delivery_allocates_nothing() {
    let verifier = Verifier::new(secret("new")).with_additional_secret(secret("old"));
    for signed_with in ["new", "old"] {
        for length in [0, 256, 1_500, 16 * 1024, 1024 * 1024] {
            let body = vec![b'x'; length];
            let header = Signer::new(secret(signed_with)).sign(NOW, &body);
            assert_eq!(
                counted(|| verifier.verify(&header, &body, NOW).map(forget)),
                (0, Ok(()))
            );
            let request = Request::builder().header("x-bys-signature", header).body(body).unwrap();
            assert_eq!(
                counted(|| verifier.verify_request(&request, NOW).map(forget)),
                (0, Ok(()))
            );
        }
    }
}

#[test]
fn refused_delivery_allocates_nothing_for_any_reason() {
    let verifier = Verifier::new(secret("new")).with_additional_secret(secret("old"));
    let good = Signer::new(secret("new")).sign(NOW, b"body");
    let stale = Signer::new(secret("new")).sign(UnixTime::new(0), b"body");
    let early = Signer::new(secret("new")).sign(UnixTime::new(i64::MAX), b"body");
    let signature = &good[good.find("v1").unwrap()..];
    for (header, code) in [
        (String::new(), "no_timestamp"),
        ("t=1".into(), "no_signature"),
        ("t=x,v1=y".into(), "invalid_timestamp"),
        ("t=1,t=1".into(), "several_timestamps"),
        (stale, "stale"),
        (early, "too_early"),
        (format!("{good}0"), "no_signature"),
        (format!("{signature},").repeat(17), "too_many_signatures"),
        (format!("t=1760000000,v1={}", "0".repeat(64)), "wrong_signature"),
        ("x".repeat(1024 * 1024), "header_too_long"),
    ] {
        let (allocations, answer) = counted(|| verifier.verify(&header, b"body", NOW).map(forget));
        assert_eq!((allocations, answer.unwrap_err().code()), (0, code));
        let (allocations, answer) = counted(|| verifier.check_header(&header, NOW));
        assert_eq!(allocations, 0);
        // The only reason that needs the body.
        assert_eq!(answer.is_ok(), code == "wrong_signature");
    }
    let request = Request::new("body");
    assert_eq!(
        counted(|| verifier.verify_request(&request, NOW).map(forget)),
        (0, Err(Refusal::NoHeader))
    );
    let request = Request::builder()
        .header("x-bys-signature", &good)
        .header("X-BYS-Signature", &good)
        .body("body")
        .unwrap();
    assert_eq!(
        counted(|| verifier.verify_request(&request, NOW).map(forget)),
        (0, Err(Refusal::SeveralHeaders))
    );
}
