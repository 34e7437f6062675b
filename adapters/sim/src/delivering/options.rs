//! How events are delivered, and what goes wrong on the way.
use super::super::Rate;
use byourside_proto::{machine::Backoff, webhook::WebhookSecret};
use std::time::Duration;

/// How events are delivered. The schedule is the simulation's own: that of the real service is not known.
///
/// ```
/// use byourside_proto::webhook::WebhookSecret;
/// use byourside_sim::{DeliveryOptions, Service, ServiceOptions};
/// let deliveries = DeliveryOptions { secret: WebhookSecret::new("whsec_example")?, ..DeliveryOptions::default() };
/// let service = Service::with_options(7, ServiceOptions { deliveries, ..ServiceOptions::default() });
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct DeliveryOptions {
    /// What they are signed with. Default `whsec_simulated`.
    pub secret: WebhookSecret,
    /// Whether a `webhookUrl` may be plain http, to a loopback host only. Default no.
    pub plain_http_to_loopback: bool,
    /// How often an event is sent until it is given up, at least once. Default 6.
    pub attempts: u32,
    /// The pause before it is sent again. Default 1 s, doubling up to 60 s.
    pub backoff: Backoff,
    /// How long an attempt may take; one of which nothing is heard by then counts as not answered. Default 10 s.
    pub timeout: Duration,
    /// What goes wrong on the way. Default nothing.
    pub faults: DeliveryFaults,
}

impl Default for DeliveryOptions {
    fn default() -> Self {
        Self {
            secret: WebhookSecret::new("whsec_simulated").expect("it is not empty"),
            plain_http_to_loopback: false,
            attempts: 6,
            backoff: Backoff::doubling(Duration::from_secs(1), Duration::from_secs(60)),
            timeout: Duration::from_secs(10),
            faults: DeliveryFaults::default(),
        }
    }
}

/// What goes wrong with deliveries: each at its own rate for every attempt, all of it from one seed.
///
/// ```
/// use byourside_sim::{DeliveryFaults, Rate};
/// let faults = DeliveryFaults { seed: 7, lost: Rate::percent(10), ..DeliveryFaults::default() };
/// assert_eq!(faults.duplicated, Rate::NEVER);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryFaults {
    /// Decides what is hit. Default 0.
    pub seed: u64,
    /// It never arrives; the service hears nothing and tries again.
    pub lost: Rate,
    /// It leaves late, by up to `max_delay`.
    pub delayed: Rate,
    /// It arrives twice, the second time up to `max_delay` later.
    pub duplicated: Rate,
    /// The event that the call was answered leaves after the one that it ended, by up to `max_delay`.
    pub reordered: Rate,
    /// It is signed at a time that is off by up to `max_skew`, either way.
    pub skewed: Rate,
    /// The longest delay. Default 5 s.
    pub max_delay: Duration,
    /// The largest skew. Default 400 s, which is more than a verifier takes.
    pub max_skew: Duration,
}

impl Default for DeliveryFaults {
    fn default() -> Self {
        Self {
            seed: 0,
            lost: Rate::NEVER,
            delayed: Rate::NEVER,
            duplicated: Rate::NEVER,
            reordered: Rate::NEVER,
            skewed: Rate::NEVER,
            max_delay: Duration::from_secs(5),
            max_skew: Duration::from_secs(400),
        }
    }
}
