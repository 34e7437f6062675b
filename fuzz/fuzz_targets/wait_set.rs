//! Fuzz target for the property `wait_set` of `byourside_fuzz`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| byourside_fuzz::run("wait_set", data));
