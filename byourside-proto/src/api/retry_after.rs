//! The `Retry-After` header.
use core::time::Duration;
use http::{HeaderMap, HeaderValue, header};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

/// Parses `Retry-After`: a number of seconds, or an HTTP date (RFC 9110, section 10.2.3). The vendor does not document
/// the header, so it is honoured if it comes.
///
/// The delay until a date counts from the answer's `Date`: the server's clock sets both, and the core has no wall
/// clock. A date in the past is a delay of zero; a date in an answer without `Date` is ignored.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that does not fit is a very long delay, and the machines cap every delay.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let until = date(value)?;
    let now = headers
        .get(header::DATE)
        .map(HeaderValue::to_str)?
        .ok()
        .and_then(date)?;
    Some(Duration::from_secs(
        u64::try_from(until.saturating_sub(now)).unwrap_or(0),
    ))
}

fn date(text: &str) -> Option<i64> {
    // RFC 9110 requires this form of senders; its two obsolete forms are ignored.
    OffsetDateTime::parse(text, &Rfc2822)
        .ok()
        .map(OffsetDateTime::unix_timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(retry_after_text: &'static str, date: Option<&'static str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static(retry_after_text));
        if let Some(date) = date {
            headers.insert(header::DATE, HeaderValue::from_static(date));
        }
        retry_after(&headers).map(|duration| duration.as_secs())
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(asked("2", None), Some(2));
        assert_eq!(asked(" 120 ", None), Some(120));
        assert_eq!(asked("Sun, 06 Nov 1994 08:50:07 GMT", date), Some(30));
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:00 GMT", date), Some(0));
        assert_eq!(asked("99999999999999999999999", None), Some(u64::MAX));
    }

    #[test]
    fn retry_after_ignores_any_other_text() {
        for text in ["", "-1", "1.5", "soon", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(asked(text, Some("Sun, 06 Nov 1994 08:49:37 GMT")), None, "{text}");
        }
        assert_eq!(asked("Sun, 06 Nov 1994 08:50:07 GMT", None), None);
    }
}
