//! The cost of verifying a webhook, compared with the bare HMAC-SHA256 of the signed bytes and with other verifiers.
use crate::{
    measure::{Contender, Measured, interleaved, print, verdict},
    official::Official,
};
use byourside_examples::unix_now;
use byourside_proto::{
    UnixTime,
    webhook::{Signer, Verifier, WebhookSecret},
};
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use serde_json::json;
use sha2::Sha256;
use std::{hint::black_box, time::Duration};
use webhook_verify::{Provider, Secret, VerifyOptions};

const ROUNDS: usize = 301;
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OURS: &str = "byourside-proto";
/// Lengths of bodies in bytes, each with the goal: the time as a multiple of the bare HMAC's.
const SIZES: [(usize, Option<f64>); 4] = [
    (256, Some(1.35)),
    (1536, Some(1.10)),
    (16 * 1024, None),
    (1024 * 1024, Some(1.01)),
];

pub fn table() {
    println!("\nwebhook verification, against the bare HMAC");
    let mut official = Official::start(include_str!("official.py"), &[]);
    for (length, goal) in SIZES {
        let body = body(length);
        let measured = interleaved(ROUNDS, contenders(&body, official.as_mut()));
        println!("  {length} B: {}", against_goals(&measured, goal));
        print(&measured);
    }
}

fn against_goals(measured: &[Measured], goal: Option<f64>) -> String {
    let ours = measured.iter().find(|one| one.name == OURS).unwrap();
    let fastest_peer = measured
        .iter()
        .filter(|one| one.name != OURS)
        .skip(1)
        .map(|one| one.ratio)
        .fold(f64::INFINITY, f64::min);
    let against_peers = format!("faster than every peer: {}", verdict(ours.ratio < fastest_peer));
    match goal {
        Some(goal) => format!("goal of {goal:.2} {}; {against_peers}", verdict(ours.ratio <= goal)),
        None => against_peers,
    }
}

/// A JSON body of this length, filled by a transcript.
pub fn body(length: usize) -> String {
    let (head, tail) = (
        r#"{"event":"call.completed","eventId":"e1","callId":"c1","transcript":""#,
        "\"}",
    );
    format!("{head}{}{tail}", "x".repeat(length - head.len() - tail.len()))
}

/// The contenders. The bare HMAC is first, as the base.
pub fn contenders<'a>(body: &'a str, official: Option<&'a mut Official>) -> Vec<Contender<'a>> {
    let now = unix_now();
    let secret = WebhookSecret::new(SECRET).unwrap();
    let header = Signer::new(secret.clone()).sign(now, body.as_bytes());
    let asked = official.map(|official| {
        official.tell(&json!([header, body, SECRET]).to_string());
        Contender::timing_itself("official Python client", |repetitions| {
            Duration::from_secs_f64(official.ask(&repetitions.to_string()) / 1e9)
        })
    });
    [
        bare(format!("{now}.{body}")),
        ours(body, secret, header.clone(), now),
        webhook_verify(body, header),
        standardwebhooks(body, now),
    ]
    .into_iter()
    .chain(asked)
    .collect()
}

/// The bare HMAC of the bytes that a verification hashes, but in one piece and without a comparison.
fn bare(signed: String) -> Contender<'static> {
    let keyed = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    Contender::new("hmac + sha2, keyed once (base)", move || {
        let mut mac = keyed.clone();
        mac.update(black_box(signed.as_bytes()));
        black_box(mac.finalize());
    })
}

fn ours(body: &str, secret: WebhookSecret, header: String, now: UnixTime) -> Contender<'_> {
    let verifier = Verifier::new(secret);
    Contender::new(OURS, move || {
        let delivery = verifier.verify(black_box(&header), black_box(body.as_bytes()), now);
        assert!(black_box(delivery).is_ok());
    })
}

/// Its scheme for Stripe is the same as this API's, with another header name.
fn webhook_verify(body: &str, header: String) -> Contender<'_> {
    let (secret, headers) = (
        Secret::new(SECRET),
        [("Stripe-Signature", header)].map(|(name, value)| (name.to_owned(), value)),
    );
    Contender::new("webhook-verify", move || {
        let (headers, body) = (black_box(&headers), black_box(body.as_bytes()));
        let answer = webhook_verify::verify(Provider::Stripe, headers, body, &secret, VerifyOptions::default());
        assert!(black_box(answer).is_ok());
    })
}

/// Its scheme also signs an id.
fn standardwebhooks(body: &str, now: UnixTime) -> Contender<'_> {
    let webhook = standardwebhooks::Webhook::new(SECRET).unwrap();
    let signature = webhook.sign("e1", now.seconds(), body.as_bytes()).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("webhook-id", "e1".parse().unwrap());
    headers.insert("webhook-timestamp", now.to_string().parse().unwrap());
    headers.insert("webhook-signature", signature.parse().unwrap());
    Contender::new("standardwebhooks", move || {
        let answer = webhook.verify(black_box(body.as_bytes()), black_box(&headers));
        assert!(black_box(answer).is_ok());
    })
}
