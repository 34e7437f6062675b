//! The list.
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

/// Every check, in the order of the table.
///
/// ```
/// assert!(byourside_conformance::checks().len() >= 30);
/// ```
#[must_use]
pub fn checks() -> &'static [Check] {
    CHECKS
}

const CHECKS: &[Check] = &[
    Check::new("requests and answers come through as they are", answers::as_they_are),
    Check::new("every 4xx and 5xx is an answer", answers::every_status),
    Check::new("Retry-After comes through in both forms", answers::retry_after),
    Check::new("interim answers are passed over", answers::interim),
    Check::new("redirects are not followed", redirects::not_followed),
    Check::new("the key goes to no other origin", redirects::key_stays),
    Check::new("connections are reused", connections::reused),
    Check::new(
        "a connection closed between two polls is borne",
        connections::closed_between_polls,
    ),
    Check::new(
        "answers that nobody asked for are never given",
        connections::unsolicited,
    ),
    Check::new("bodies that are no JSON come through", bodies::no_json),
    Check::new("empty bodies are bodies", bodies::empty),
    Check::new("invalid UTF-8 comes through", bodies::invalid_utf8),
    Check::new("a body as long as the limit comes through", bodies::at_the_limit),
    Check::new("an oversized body is refused", bodies::oversized),
    Check::new("a body that never ends is refused", bodies::never_ending),
    Check::new("a truncated body is a failure", framing::truncated),
    Check::new(
        "a body cut short by its length is no more than that",
        framing::short_length,
    ),
    Check::new(
        "a content-length that makes no sense is a failure",
        framing::nonsense_length,
    ),
    Check::new("headers that never end are refused", framing::endless_headers),
    Check::new("what is not HTTP is a failure", framing::not_http),
    Check::new("a silent server is given up on time", time::silence),
    Check::new("dripping headers are given up on time", time::dripping_headers),
    Check::new("a dripping body is given up on time", time::dripping_body),
    Check::new(
        "a connection that does not come about is given up on time",
        time::connecting,
    ),
    Check::new("sent or not is told rightly of every fault", sent::rightly_told),
    Check::new(
        "a request is sent once on a kept connection",
        sent::once_on_a_kept_connection,
    ),
    Check::new("no fault makes a second POST", sent::one_post),
    Check::new("no answer makes a second POST", sent::one_post_whatever_the_answer),
    Check::new("a name that does not resolve is not sent", sent::unknown_host),
    Check::new("TLS: an authority that is trusted is trusted", tls::good),
    Check::new("TLS: an unknown issuer is refused", tls::unknown_issuer),
    Check::new("TLS: a wrong name is refused", tls::wrong_name),
    Check::new("TLS: an expired certificate is refused", tls::expired),
    Check::new("TLS: a handshake that stalls is given up on time", tls::stalled),
    Check::new("HTTP/2 is spoken where it is offered", http2::spoken).needs(Offer::Http2),
    Check::new("HTTP/2: no fault makes a second POST", http2::faults).needs(Offer::Http2),
    Check::new("a wait bears what passes", waits::bears_what_passes),
    Check::new("a wait ends on time", waits::ends_on_time),
    Check::new("a wait is cancelled and resumed", waits::cancelled_and_resumed).needs(Offer::Cancel),
    Check::new("a thousand waits at once", waits::a_thousand).alone(),
];
