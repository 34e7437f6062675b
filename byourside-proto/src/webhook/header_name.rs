//! The name of the signature header.

/// The name of the header that carries the signature, `X-BYS-Signature`, in lower case.
///
/// Its value is `t=<unix seconds>,v1=<hex>`, where `hex` is the HMAC-SHA256 of `<t>.<raw body>`. Source: the vendor's
/// webhooks page, and the official Python client.
pub const SIGNATURE_HEADER: &str = "x-bys-signature";
