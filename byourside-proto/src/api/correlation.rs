//! A token of the caller's in the webhook URL, so that any event says which intent it belongs to.
use alloc::{format, string::String};
use http::Uri;

/// The parameter of the webhook URL's query that carries the token.
const PARAMETER: &str = "bys_intent";
/// The longest token, in bytes.
const MAX_LEN: usize = 128;

/// The token that [`PlaceCall::correlation`](crate::api::PlaceCall::correlation) put into the webhook URL, read back from
/// the URI of a delivery: the value of `bys_intent`, if the query has it exactly once and it can be a token.
///
/// The URI is not signed, only the body is: a token proves something together with a verified event.
///
/// ```
/// use byourside_proto::{PlaceCall, api::correlation_token};
///
/// let call = PlaceCall::new("+14155550123", "Ask.")?
///     .webhook_url("https://hooks.example/bys?v=1")?
///     .correlation("order-17")?;
/// assert_eq!(call.correlation_token(), Some("order-17"));
///
/// // What the receiver sees.
/// let uri: http::Uri = "/bys?v=1&bys_intent=order-17".parse().unwrap();
/// assert_eq!(correlation_token(&uri), Some("order-17"));
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
#[must_use]
pub fn correlation_token(uri: &Uri) -> Option<&str> {
    in_query(uri.query()?)
}

/// The token in a URL's text.
pub(crate) fn in_url(url: &str) -> Option<&str> {
    let (_, query) = without_fragment(url).0.split_once('?')?;
    in_query(query)
}

/// The URL with the token, if it can be one and the URL has none yet.
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

/// Unreserved characters only (RFC 3986, 2.3): nothing on the way has a reason to change them.
fn is_token(token: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (1..=MAX_LEN).contains(&token.len()) && token.bytes().all(unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_joins_whatever_query_there_is_and_is_read_back() {
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
    fn what_is_no_token_is_neither_put_in_nor_read() {
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
