//! Webhook deliveries: their schedule, retries and faults.
mod event;
mod options;
mod queue;
mod ticket;

pub use options::{DeliveryFaults, DeliveryOptions};
pub use ticket::{DeliveryOutcome, DeliveryTicket};

pub(crate) use event::{Milestone, body};
pub(crate) use queue::{DueDelivery, Queue};
