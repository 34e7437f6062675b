//! Options of a simulated service.
use super::DeliveryOptions;
use byourside_proto::UnixTime;

/// Options of a [`Service`](super::Service). Start from the default and change what differs.
///
/// ```
/// use byourside_proto::UnixTime;
/// use byourside_sim::{Service, ServiceOptions};
/// let options = ServiceOptions { epoch: UnixTime::new(0), ..ServiceOptions::default() };
/// let service = Service::with_options(7, options);
/// ```
#[derive(Clone, Debug)]
pub struct ServiceOptions {
    /// The service's wall clock at [`Monotonic::ORIGIN`](byourside_proto::Monotonic::ORIGIN). Default
    /// 2026-01-01T00:00:00Z.
    pub epoch: UnixTime,
    /// How many calls are kept, at least 1. When the limit is reached, the call that ended first is forgotten; if none
    /// has ended, a new call is refused with `over_minute_cap`. Default 10,000.
    pub max_calls: usize,
    /// The longest body that is read, in bytes. Default 65,536.
    pub max_body: usize,
    /// Whether [`Service::placements`](super::Service::placements) counts. Counting keeps every number and objective
    /// forever, which suits a test and not a server. Default false.
    pub count_placements: bool,
    /// How webhook events are delivered.
    pub deliveries: DeliveryOptions,
}

impl Default for ServiceOptions {
    fn default() -> Self {
        Self {
            epoch: UnixTime::new(1_767_225_600),
            max_calls: 10_000,
            max_body: 64 * 1024,
            count_placements: false,
            deliveries: DeliveryOptions::default(),
        }
    }
}
