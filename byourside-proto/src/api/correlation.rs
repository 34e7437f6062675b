//! The correlation token: a query parameter of the webhook URL, by which an event names the intent it belongs to.
use alloc::{format, string::String};
use http::Uri;

/// The query parameter of the webhook URL that carries the correlation token.
const PARAMETER: &str = "bys_intent";
/// The longest correlation token, in bytes.
const MAX_LEN: usize = 128;

/// Reads the correlation token from the URI of a webhook delivery.
///
/// [`PlaceCall::correlation`](crate::api::PlaceCall::correlation) adds the token to the webhook URL as the query
/// parameter `bys_intent`. The result is `None` if the query has no such parameter or more than one, or if its value is
/// not 1 to 128 of `A-Z a-z 0-9 - . _ ~`.
///
/// The service signs the body of a delivery only, and not the URI, so a correlation token alone proves nothing. Use it
/// together with a verified event. Source: the official Python client.
///
/// ```
/// use byourside_proto::{PlaceCall, api::correlation_token};
///
/// let call = PlaceCall::new("+14155550123", "Ask.")?
///     .webhook_url("https://hooks.example/bys?v=1")?
///     .correlation("order-17")?;
/// assert_eq!(call.correlation_token(), Some("order-17"));
///
/// // The URI of a delivery, as the receiver sees it.
/// let uri: http::Uri = "/bys?v=1&bys_intent=order-17".parse().unwrap();
/// assert_eq!(correlation_token(&uri), Some("order-17"));
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
#[must_use]
pub fn correlation_token(uri: &Uri) -> Option<&str> {
    in_query(uri.query()?)
}

/// The correlation token in a URL.
pub(crate) fn in_url(url: &str) -> Option<&str> {
    let (_, query) = without_fragment(url).0.split_once('?')?;
    in_query(query)
}

/// Adds the correlation token to a URL. `None` if the token is not valid, or if the URL has one already.
pub(super) fn with_token(url: &str, token: &str) -> Option<String> {
    let (base, fragment) = without_fragment(url);
    let query = base.split_once('?').map(|(_, query)| query);
    if !is_token(token) || query.is_some_and(|query| values(query).next().is_some()) {
        return None;
    }
    let joint = match query {
        None => "?",
        Some(query) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    Some(format!("{base}{joint}{PARAMETER}={token}{fragment}"))
}

fn in_query(query: &str) -> Option<&str> {
    let mut values = values(query);
    values.next().filter(|token| is_token(token) && values.next().is_none())
}

fn values(query: &str) -> impl Iterator<Item = &str> {
    query
        .split('&')
        .filter_map(|pair| pair.strip_prefix(PARAMETER)?.strip_prefix('='))
}

fn without_fragment(url: &str) -> (&str, &str) {
    url.split_at(url.find('#').unwrap_or(url.len()))
}

/// Only unreserved characters (RFC 3986, section 2.3), which no proxy has a reason to encode.
fn is_token(token: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (1..=MAX_LEN).contains(&token.len()) && token.bytes().all(unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlation_token_is_added_to_any_query_and_read_back() {
        for (url, joined) in [
            ("https://a.example", "https://a.example?bys_intent=t"),
            ("https://a.example/x?", "https://a.example/x?bys_intent=t"),
            ("https://a.example/x?a=1", "https://a.example/x?a=1&bys_intent=t"),
            ("https://a.example/x?a=1&", "https://a.example/x?a=1&bys_intent=t"),
            ("https://a.example/x#top", "https://a.example/x?bys_intent=t#top"),
            (
                "https://a.example/x?my_bys_intent=u",
                "https://a.example/x?my_bys_intent=u&bys_intent=t",
            ),
        ] {
            assert_eq!(with_token(url, "t").as_deref(), Some(joined));
            assert_eq!(in_url(joined), Some("t"), "{joined}");
            assert_eq!(correlation_token(&joined.parse().unwrap()), Some("t"), "{joined}");
        }
    }

    #[test]
    fn correlation_token_that_is_invalid_is_refused() {
        let long = "x".repeat(129);
        for token in ["", "a b", "a/b", "a%20b", "ü", "a&b", long.as_str()] {
            assert_eq!(with_token("https://a.example", token), None, "{token}");
        }
        for query in ["bys_intent=", "bys_intent=a%20b", "bys_intent=a!", "Bys_Intent=a"] {
            assert_eq!(in_query(query), None, "{query}");
        }
        assert_eq!(with_token("https://a.example?bys_intent=a", "b"), None);
        assert_eq!(in_query("bys_intent=a&bys_intent=b"), None);
        assert_eq!(in_query("bys_intent"), None);
    }
}
