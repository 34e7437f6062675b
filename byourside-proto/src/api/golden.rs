//! Renders a request as the text that the golden tests compare.
use alloc::{format, string::String, vec::Vec};
use http::Request;

/// The whole request: method and URI, the headers in the order of their names, an empty line, and the body's exact
/// text.
pub(super) fn text(request: &Request<Vec<u8>>) -> String {
    let header =
        |(name, value): (&http::HeaderName, &http::HeaderValue)| format!("{name}: {}\n", value.to_str().unwrap());
    let mut headers: Vec<String> = request.headers().iter().map(header).collect();
    headers.sort();
    let body = core::str::from_utf8(request.body()).unwrap();
    format!("{} {}\n{}\n{body}", request.method(), request.uri(), headers.concat())
}
