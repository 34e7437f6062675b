//! Properties that must hold for any bytes and any order of events. A fuzzer calls them on generated inputs, and an
//! ordinary test replays the corpora.
#![forbid(unsafe_code)]

mod driver;
mod machines;
mod parsers;
mod service;
mod steps;
mod webhooks;

/// A property of any bytes. It panics if it does not hold.
pub type Target = fn(&[u8]);

/// The properties by name. A fuzz target and its corpus have the same name.
pub const TARGETS: [(&str, Target); 9] = [
    ("delivery", webhooks::delivery),
    ("error_body", parsers::error_body),
    ("list", parsers::list),
    ("machine", machines::machine),
    ("record", parsers::record),
    ("retry_after", parsers::retry_after),
    ("service_request", service::service_request),
    ("signature_header", webhooks::signature_header),
    ("wait_set", machines::wait_set),
];

/// Runs the property of this name.
///
/// # Panics
/// If the property does not hold, or if there is none of this name.
///
/// ```
/// byourside_fuzz::run("record", b"{}");
/// ```
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    let (_, target) = target.unwrap_or_else(|| panic!("no target {name}"));
    target(data);
}
