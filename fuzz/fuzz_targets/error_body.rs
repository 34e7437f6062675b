//! Fuzz target for the property `error_body` of `byourside_fuzz`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| byourside_fuzz::run("error_body", data));
