//! Fuzz target for the property `signature_header` of `byourside_fuzz`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| byourside_fuzz::run("signature_header", data));
