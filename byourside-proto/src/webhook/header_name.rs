//! The name of the signature header.

/// The header that carries the signature: `t=<unix seconds>,v1=<hex>`. Source: the vendor's webhooks page.
pub const SIGNATURE_HEADER: &str = "x-bys-signature";
