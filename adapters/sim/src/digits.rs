//! Writes numbers into buffers of a fixed length: faster than the formatting of `std`, which shows in simulations.

/// Fills the buffer with the last decimal digits of a number.
pub(crate) fn decimal(room: &mut [u8], mut number: u32) {
    for digit in room.iter_mut().rev() {
        *digit = b"0123456789"[number as usize % 10];
        number /= 10;
    }
}

/// Fills the buffer with the last hexadecimal digits of a number.
pub(crate) fn hexadecimal(room: &mut [u8], mut number: u64) {
    for digit in room.iter_mut().rev() {
        *digit = b"0123456789abcdef"[number as usize % 16];
        number /= 16;
    }
}

/// The buffer as text; it holds ASCII only.
pub(crate) fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap_or_default()
}
