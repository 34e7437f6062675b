//! How long the service asks to be left alone.
use core::time::Duration;
use http::{HeaderMap, HeaderValue, header};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

/// `Retry-After` in either of its forms (RFC 9110, 10.2.3). It is not documented for this service, so it is
/// honoured when it comes.
///
/// A date is measured against the answer's own `Date`: the core has no wall clock, and the two are the same clock.
/// Without a `Date`, a date says nothing. One that has passed is zero.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than fit are as good as for ever; whoever waits caps them.
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
    // The form that senders must use; the two obsolete ones are not worth guessing at.
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
    fn both_forms_are_read() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(asked("2", None), Some(2));
        assert_eq!(asked(" 120 ", None), Some(120));
        assert_eq!(asked("Sun, 06 Nov 1994 08:50:07 GMT", date), Some(30));
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:00 GMT", date), Some(0));
        assert_eq!(asked("99999999999999999999999", None), Some(u64::MAX));
    }

    #[test]
    fn what_is_neither_says_nothing() {
        for text in ["", "-1", "1.5", "soon", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(asked(text, Some("Sun, 06 Nov 1994 08:49:37 GMT")), None, "{text}");
        }
        assert_eq!(asked("Sun, 06 Nov 1994 08:50:07 GMT", None), None);
    }
}
