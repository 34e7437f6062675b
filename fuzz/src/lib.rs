//! What must hold of any bytes and any order of events, as functions of bytes: a fuzzer calls them on what it makes up,
//! and an ordinary test on what a fuzzer has kept.
#![forbid(unsafe_code)]

mod driver;
mod machines;
mod parsers;
mod service;
mod steps;
mod webhooks;

/// A property of any bytes: it panics where they do not hold.
pub type Target = fn(&[u8]);

/// Every property by its name, which is that of its fuzz target and of its corpus.
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
/// If it does not hold, or there is none of this name.
///
/// ```
/// byourside_fuzz::run("record", b"{}");
/// ```
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    let (_, target) = target.unwrap_or_else(|| panic!("no target {name}"));
    target(data);
}
