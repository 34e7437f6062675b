//! Fuzz target for the property `retry_after` of `byourside_fuzz`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| byourside_fuzz::run("retry_after", data));
