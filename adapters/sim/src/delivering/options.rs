//! Options and faults of webhook deliveries.
use super::super::Rate;
use byourside_proto::{machine::Backoff, webhook::WebhookSecret};
use std::time::Duration;

/// How webhook events are delivered. The retry schedule is the simulation's own; that of the real service is not
/// documented.
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
    /// The secret that signs deliveries. Default `whsec_simulated`.
    pub secret: WebhookSecret,
    /// Whether a `webhookUrl` may be plain http, to a loopback host only. Default false.
    pub plain_http_to_loopback: bool,
    /// How many attempts there are for each event, at least 1. Default 6.
    pub attempts: u32,
    /// The pause before the next attempt. Default 1 s, doubling up to 60 s.
    pub backoff: Backoff,
    /// The attempt timeout. An attempt that is not answered by then has failed. Default 10 s.
    pub timeout: Duration,
    /// The faults of deliveries. Default none.
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

/// Faults of webhook deliveries, each at its own rate for every attempt, all drawn from one seed.
///
/// ```
/// use byourside_sim::{DeliveryFaults, Rate};
/// let faults = DeliveryFaults { seed: 7, lost: Rate::percent(10), ..DeliveryFaults::default() };
/// assert_eq!(faults.duplicated, Rate::NEVER);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryFaults {
    /// Decides which attempts are hit. Default 0.
    pub seed: u64,
    /// The delivery never arrives. The service tries again after the attempt timeout.
    pub lost: Rate,
    /// The delivery leaves late, by up to `max_delay`.
    pub delayed: Rate,
    /// The delivery arrives twice, the second time up to `max_delay` later.
    pub duplicated: Rate,
    /// `call.in_progress` leaves up to `max_delay` after the call has ended.
    pub reordered: Rate,
    /// The delivery is signed with a clock that is wrong by up to `max_skew`, either way.
    pub skewed: Rate,
    /// The longest delay. Default 5 s.
    pub max_delay: Duration,
    /// The largest clock skew. Default 400 s, which is more than a verifier's tolerance of 300 s.
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
