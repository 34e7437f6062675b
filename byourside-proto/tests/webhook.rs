//! Signing and verifying through the public API.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use byourside_proto::{
    UnixTime,
    webhook::{Refusal, Signer, Verifier, WebhookSecret},
};
use http::Request;
use proptest::prelude::*;
use std::{error::Error, time::Duration};

const NOW: UnixTime = UnixTime::new(1_760_000_000);

fn secret(text: &str) -> WebhookSecret {
    WebhookSecret::new(text).unwrap()
}

fn sign(body: &[u8]) -> String {
    Signer::new(secret("whsec_a")).sign(NOW, body)
}

fn verify(header: &str, body: &[u8]) -> Result<usize, Refusal> {
    Verifier::new(secret("whsec_a"))
        .verify(header, body, NOW)
        .map(|delivery| delivery.secret_index())
}

/// The age at which a delivery signed at `t` is read, or why it is refused.
fn verify_at(t: i64, received: i64) -> Result<UnixTime, Refusal> {
    let header = Signer::new(secret("whsec_a")).sign(UnixTime::new(t), b"");
    Verifier::new(secret("whsec_a"))
        .verify(header, b"", UnixTime::new(received))
        .map(|delivery| delivery.signed_at())
}

#[test]
fn rotation_accepts_either_secret_and_says_which() {
    let verifier = Verifier::new(secret("new")).with_additional_secret(secret("old"));
    for (index, signed_with) in ["new", "old"].into_iter().enumerate() {
        let header = Signer::new(secret(signed_with)).sign(NOW, b"{}");
        assert_eq!(verifier.verify(header, b"{}", NOW).unwrap().secret_index(), index);
    }
    let foreign = Signer::new(secret("other")).sign(NOW, b"{}");
    assert_eq!(verifier.verify(foreign, b"{}", NOW), Err(Refusal::WrongSignature));
}

#[test]
fn signature_that_is_right_is_enough_among_several() {
    let good = sign(b"{}").split_off("t=1760000000,".len());
    let wrong = format!("v1={}", "0".repeat(64));
    for parts in [
        [&*good, &*wrong, "v1=junk"],
        [&*wrong, &*good, "v1="],
        ["v1", "v1=ü", &*good],
    ] {
        let header = format!("t=1760000000,{}", parts.join(","));
        assert_eq!(verify(&header, b"{}"), Ok(0), "{header}");
    }
    assert_eq!(
        verify(&format!("t=1760000000,{wrong},{wrong}"), b"{}"),
        Err(Refusal::WrongSignature)
    );
}

#[test]
fn tolerance_is_inclusive_on_both_sides() {
    assert!(verify_at(1000, 1300).is_ok());
    assert_eq!(verify_at(1000, 1301), Err(Refusal::Stale { age: 301, max: 300 }));
    assert!(verify_at(1300, 1000).is_ok());
    assert_eq!(verify_at(1301, 1000), Err(Refusal::TooEarly { ahead: 301, max: 300 }));
}

#[test]
fn times_at_the_ends_of_i64_are_told_apart_without_overflow() {
    let (first, last) = (i64::MIN, i64::MAX);
    assert_eq!(verify_at(last, last), Ok(UnixTime::new(last)));
    assert_eq!(verify_at(0, 0), Ok(UnixTime::new(0)));
    assert_eq!(
        verify_at(last, first),
        Err(Refusal::TooEarly {
            ahead: u64::MAX,
            max: 300
        })
    );
    assert_eq!(
        verify_at(0, last),
        Err(Refusal::Stale {
            age: last.unsigned_abs(),
            max: 300
        })
    );
    assert_eq!(
        verify_at(0, first),
        Err(Refusal::TooEarly {
            ahead: first.unsigned_abs(),
            max: 300
        })
    );
    for t in [first, -1] {
        assert_eq!(verify_at(t, t), Err(Refusal::InvalidTimestamp), "{t}");
    }
}

#[test]
fn tolerance_of_the_longest_time_has_no_end() {
    let verifier = Verifier::new(secret("whsec_a"))
        .max_age(Duration::MAX)
        .max_future_skew(Duration::MAX);
    let header = Signer::new(secret("whsec_a")).sign(UnixTime::new(i64::MAX), b"");
    assert!(verifier.verify(header, b"", UnixTime::new(i64::MIN)).is_ok());
}

#[test]
fn stale_header_is_refused_before_the_body_is_hashed() {
    // A wrong signature is detected only by hashing the body. `Stale` instead means that the body was not hashed.
    let header = format!("t=1,v1={}", "0".repeat(64));
    assert!(matches!(verify(&header, b"{}"), Err(Refusal::Stale { .. })));
}

#[test]
fn header_alone_is_refused_for_what_refuses_it_with_every_body() {
    let verifier = Verifier::new(secret("whsec_a"));
    let at = |t: i64| Signer::new(secret("whsec_a")).sign(UnixTime::new(t), b"{}");
    let now = NOW.seconds();
    for header in [
        at(now),
        at(now - 300),
        at(now + 300),
        at(now - 301),
        at(now + 301),
        at(-1),
        String::new(),
        "t=1760000000".into(),
        format!("t=1,{}", at(now)),
        "x".repeat(1024 * 1024),
        format!("{},v1={}", at(now), "0".repeat(64)).repeat(17),
    ] {
        for body in [&b"{}"[..], b"another"] {
            let whole = verifier.verify(&header, body, NOW).map(|_| ());
            let expected = match whole {
                Err(Refusal::WrongSignature) => Ok(()),
                other => other,
            };
            assert_eq!(verifier.check_header(&header, NOW), expected);
        }
    }
    assert_eq!(
        verifier.check_header(at(now - 301), NOW),
        Err(Refusal::Stale { age: 301, max: 300 })
    );
}

#[test]
fn header_of_a_megabyte_or_a_thousand_parts_is_bounded_work() {
    let megabyte = format!("{},{}", sign(b""), "x=y,".repeat(256 * 1024));
    assert_eq!(
        verify(&megabyte, b""),
        Err(Refusal::HeaderTooLong { length: megabyte.len() })
    );
    let wrong = format!(",v1={}", "0".repeat(64));
    let many = format!("t=1760000000{}", wrong.repeat(900));
    assert_eq!(verify(&many, b""), Err(Refusal::TooManySignatures));
    let thousand = format!("{}{}", sign(b""), ",v1=junk".repeat(1000));
    assert_eq!(verify(&thousand, b""), Ok(0));
}

#[test]
fn request_has_exactly_one_signature_header() {
    let verifier = Verifier::new(secret("whsec_a"));
    let request = |headers: &[String]| {
        let builder = headers.iter().fold(Request::builder(), |builder, header| {
            builder.header("X-BYS-Signature", header)
        });
        builder.body(b"{}".to_vec()).unwrap()
    };
    let verdict = |headers: &[String]| {
        verifier
            .verify_request(&request(headers), NOW)
            .map(|delivery| delivery.signed_at())
    };
    assert_eq!(verdict(&[sign(b"{}")]), Ok(NOW));
    assert_eq!(verdict(&[sign(b"{}"), sign(b"{}")]), Err(Refusal::SeveralHeaders));
    assert_eq!(verdict(&[]), Err(Refusal::NoHeader));
}

#[test]
fn verifying_does_not_parse() {
    for body in [&b""[..], b"\xff\xfe", b"{\"event\": \"call.transferred\"}", b"[]"] {
        assert_eq!(verify(&sign(body), body), Ok(0));
    }
}

#[test]
fn refusal_says_what_to_do_and_shows_no_secret() {
    let header = sign(b"{}");
    let expected = header.rsplit_once('=').unwrap().1;
    let refusals = [
        verify("", b"{}"),
        verify("t=1", b"{}"),
        verify("t=1,t=1", b"{}"),
        verify("t=x", b"{}"),
        verify(&format!("t=1,v1={expected}"), b"{}"),
        verify(&format!("t=9999999999,v1={expected}"), b"{}"),
        verify(&format!("t=1760000001,v1={expected}"), b"{}"),
        verify(&"x".repeat(100_000), b"{}"),
        Err(Refusal::NoHeader),
        Err(Refusal::SeveralHeaders),
        Err(Refusal::TooManySignatures),
    ];
    let mut codes: Vec<String> = Vec::new();
    for refusal in refusals {
        let refusal = refusal.unwrap_err();
        let shown = format!("{refusal} {refusal:?}");
        assert!(!shown.contains("whsec_a") && !shown.contains(expected), "{shown}");
        assert!(refusal.to_string().len() > 30 && refusal.source().is_none() && refusal.status() == 0);
        codes.push(refusal.code().into());
    }
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), 11, "each has a code of its own");
    assert!(Refusal::Stale { age: 301, max: 300 }.to_string().contains("301 s"));
    assert!(Refusal::WrongSignature.to_string().contains("re-serialised"));
}

#[test]
fn debug_output_shows_nothing_of_the_secret() {
    let verifier = Verifier::new(secret("whsec_a"));
    let header = sign(b"+14155550123");
    let delivery = verifier.verify(&header, b"+14155550123", NOW).unwrap();
    let shown = format!("{verifier:?} {:?} {delivery:?}", Signer::new(secret("whsec_a")));
    assert!(!shown.contains("whsec_a") && !shown.contains("555"), "{shown}");
}

proptest! {
    #[test]
    fn signed_delivery_verifies(body: Vec<u8>, key in ".+", t in 0..i64::MAX) {
        let header = Signer::new(secret(&key)).sign(UnixTime::new(t), &body);
        let verifier = Verifier::new(secret(&key));
        let delivery = verifier.verify(&header, &body, UnixTime::new(t)).unwrap();
        prop_assert_eq!(delivery.body(), &body[..]);
        prop_assert_eq!(delivery.signed_at(), UnixTime::new(t));
    }

    #[test]
    fn body_with_one_byte_changed_added_or_gone_is_refused(
        mut body in proptest::collection::vec(any::<u8>(), 1..200),
        at: prop::sample::Index,
        flip in 1_u8..,
        how in 0..3,
    ) {
        let header = sign(&body);
        let at = at.index(body.len());
        match how {
            0 => body[at] ^= flip,
            1 => body.insert(at, flip),
            _ => drop(body.pop()),
        }
        prop_assert_eq!(verify(&header, &body), Err(Refusal::WrongSignature));
    }

    #[test]
    fn header_with_one_byte_changed_is_refused(at: prop::sample::Index, flip in 1_u8..) {
        let mut header = sign(b"{}").into_bytes();
        let at = at.index(header.len());
        header[at] ^= flip;
        let verifier = Verifier::new(secret("whsec_a"));
        prop_assert!(verifier.verify(&header, b"{}", NOW).is_err(), "changed at {}", at);
    }

    #[test]
    fn bytes_of_any_kind_at_any_time_are_answered_without_a_panic(header: Vec<u8>, body: Vec<u8>, now: i64) {
        let verifier = Verifier::new(secret("whsec_a"));
        prop_assert!(verifier.verify(&header, &body, UnixTime::new(now)).is_err());
    }

    #[test]
    fn header_in_almost_the_right_form_is_answered_without_a_panic(
        header in "(( ?t=-?[0-9]{0,20}|v1=[0-9a-f]{62,66}|v1=junk|x),){0,20}",
        now: i64,
    ) {
        let verifier = Verifier::new(secret("whsec_a"));
        prop_assert!(verifier.verify(&header, b"{}", UnixTime::new(now)).is_err(), "{}", header);
    }
}
