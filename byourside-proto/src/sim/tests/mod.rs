//! The service as a client meets it.
mod accounts;
mod bounds;
mod destinations;
mod harness;
mod records;
mod refusals;
