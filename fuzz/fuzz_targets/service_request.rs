//! Fuzz target for the property `service_request` of `byourside_fuzz`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| byourside_fuzz::run("service_request", data));
