//! Numbers written into texts of a fixed length. The service writes so many that the formatting of `std` costs too much.

/// Writes the last digits of a number, as many as there is room for.
pub(crate) fn decimal(room: &mut [u8], mut number: u32) {
    for digit in room.iter_mut().rev() {
        *digit = b"0123456789"[number as usize % 10];
        number /= 10;
    }
}

/// Writes the last hexadecimal digits of a number, as many as there is room for.
pub(crate) fn hexadecimal(room: &mut [u8], mut number: u64) {
    for digit in room.iter_mut().rev() {
        *digit = b"0123456789abcdef"[number as usize % 16];
        number /= 16;
    }
}

/// What was written, which is ASCII.
pub(crate) fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap_or_default()
}
