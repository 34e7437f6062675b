//! Tests of the service, the transports and the simulation.
mod accounts;
mod bounds;
mod deliveries;
mod delivery_faults;
mod destinations;
pub(crate) mod dirt;
mod faults;
mod harness;
mod lifecycle;
mod records;
mod refusals;
mod simulation;
mod transport;
