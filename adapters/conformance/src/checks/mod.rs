//! The list of checks.
mod answers;
mod bodies;
mod connections;
mod faults;
mod framing;
mod http2;
mod probe;
mod redirects;
mod sent;
mod time;
mod tls;
mod waits;

use crate::{Check, Offer};

/// All checks, in the order of the report's table.
///
/// ```
/// assert!(byourside_conformance::checks().len() >= 30);
/// ```
#[must_use]
pub fn checks() -> &'static [Check] {
    CHECKS
}

const CHECKS: &[Check] = &[
    Check::new("requests and answers are passed on unchanged", answers::unchanged),
    Check::new("every 4xx and 5xx is an answer", answers::every_status),
    Check::new("Retry-After is passed on in both forms", answers::retry_after),
    Check::new("interim answers are skipped", answers::interim),
    Check::new("redirects are not followed", redirects::not_followed),
    Check::new("the key goes to no other origin", redirects::key_stays),
    Check::new("connections are reused", connections::reused),
    Check::new(
        "a connection closed between two requests is replaced",
        connections::closed_between_requests,
    ),
    Check::new("unsolicited answers are discarded", connections::unsolicited),
    Check::new("bodies that are not JSON are passed on", bodies::not_json),
    Check::new("empty bodies are passed on", bodies::empty),
    Check::new("invalid UTF-8 is passed on", bodies::invalid_utf8),
    Check::new("a body as long as the limit is passed on", bodies::at_the_limit),
    Check::new("an oversized body is refused", bodies::oversized),
    Check::new("a body that never ends is refused", bodies::never_ending),
    Check::new("a truncated body is a failure", framing::truncated),
    Check::new(
        "a content-length that is too short ends the body",
        framing::short_length,
    ),
    Check::new("an invalid content-length is a failure", framing::invalid_length),
    Check::new("headers that never end are refused", framing::endless_headers),
    Check::new("an answer that is not HTTP is a failure", framing::not_http),
    Check::new("a silent server times out on time", time::silence),
    Check::new("dripping headers time out on time", time::dripping_headers),
    Check::new("a dripping body times out on time", time::dripping_body),
    Check::new(
        "a connection that is not established times out on time",
        time::connecting,
    ),
    Check::new(
        "every fault is reported correctly as sent or not sent",
        sent::reported_correctly,
    ),
    Check::new(
        "a request is sent once on a reused connection",
        sent::once_on_a_reused_connection,
    ),
    Check::new("no fault causes a second POST", sent::one_post),
    Check::new("no answer causes a second POST", sent::one_post_after_any_answer),
    Check::new("a request to an unknown host is not sent", sent::unknown_host),
    Check::new("TLS: a trusted authority is accepted", tls::trusted),
    Check::new("TLS: an unknown issuer is refused", tls::unknown_issuer),
    Check::new("TLS: a wrong name is refused", tls::wrong_name),
    Check::new("TLS: an expired certificate is refused", tls::expired),
    Check::new("TLS: a stalled handshake times out on time", tls::stalled),
    Check::new("HTTP/2 is used if it is offered", http2::used).needs(Offer::Http2),
    Check::new("HTTP/2: no fault causes a second POST", http2::faults).needs(Offer::Http2),
    Check::new("a wait outlives transient failures", waits::outlives_transient_failures),
    Check::new("a wait ends on time", waits::ends_on_time),
    Check::new("a wait can be cancelled and resumed", waits::cancelled_and_resumed).needs(Offer::Cancel),
    Check::new("a thousand waits at once", waits::a_thousand).alone(),
];
