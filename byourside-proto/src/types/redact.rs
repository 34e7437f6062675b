//! Redacts text from the network for logs and errors: a bounded excerpt, without keys and phone numbers.
use alloc::{
    borrow::{Cow, ToOwned},
    string::String,
};

/// How much of a text is read, in bytes.
const MAX_LEN: usize = 200;
/// A word of this many bytes or more could be a key, whatever its prefix.
const LONG_WORD: usize = 24;
/// This many digits or more could be a phone number.
const PHONE_DIGITS: usize = 7;
/// Spaces as JSON, HTML and URLs write them: they may separate the digit groups of a phone number.
const ESCAPED_BLANKS: [&str; 6] = ["\\u00a0", "\\u00A0", "\\u202f", "\\u202F", "&nbsp;", "%20"];

/// The first 200 bytes of `text` on one line, with `[redacted]` for words that look like keys, and `#` for the digits
/// of what looks like a phone number: a proxy's error page may repeat the request.
pub(crate) fn redact(text: &[u8]) -> String {
    let cut = text.len() > MAX_LEN;
    let shown = String::from_utf8_lossy(&text[..text.len().min(MAX_LEN)]);
    // A word at the cut is redacted like a long one: it may continue behind the cut.
    let mut line = words(&shown.split_whitespace().collect::<alloc::vec::Vec<_>>().join(" "), cut);
    // Most texts have none, and each escape begins with one of these.
    if line.contains(['\\', '&', '%']) {
        for blank in ESCAPED_BLANKS {
            line = line.replace(blank, " ");
        }
    }
    line = phones(&line);
    if cut {
        line.push('…');
    }
    line
}

/// Redacts an id, which is text from the network too. A UUID is shown whole, although [`redact`] would take it for a
/// key.
pub(crate) fn redact_id(id: &str) -> Cow<'_, str> {
    let uuid = id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if uuid { id.into() } else { redact(id.as_bytes()).into() }
}

fn words(text: &str, cut: bool) -> String {
    let mut out = String::new();
    let mut rest = text;
    let mut after_bearer = false;
    while let Some(start) = rest.find(is_word) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c| !is_word(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        let marked = ["bys_ak_", "whsec_", "bearer+", "bearer="]
            .iter()
            .any(|mark| contains(word, mark));
        let secret = marked || word.len() >= LONG_WORD || after_bearer || (cut && after.is_empty());
        // A key may hold any visible character, so redact up to the end of the value.
        let end = if secret {
            from.find(ends_value).unwrap_or(from.len())
        } else {
            end
        };
        let (value, after) = from.split_at(end);
        out.extend(visible(before));
        out.push_str(if secret { "[redacted]" } else { value });
        after_bearer = contains(
            &value.as_bytes()[value.len().saturating_sub("bearer".len())..],
            "bearer",
        );
        rest = after;
    }
    out.extend(visible(rest));
    out
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '=')
}

fn ends_value(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<')
}

/// Whether `text` contains `mark`, ignoring ASCII case.
fn contains(text: impl AsRef<[u8]>, mark: &str) -> bool {
    let mut parts = text.as_ref().windows(mark.len());
    parts.any(|part| part.eq_ignore_ascii_case(mark.as_bytes()))
}

fn visible(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(|c| if c.is_control() { ' ' } else { c })
}

fn phones(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_dialled) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c| !is_dialled(c)).unwrap_or(from.len());
        let (run, after) = from.split_at(end);
        out.push_str(before);
        let digits = run.chars().filter(|c| c.is_numeric()).count();
        out.push_str(&if digits >= PHONE_DIGITS {
            run.replace(char::is_numeric, "#")
        } else {
            run.to_owned()
        });
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_dialled(c: char) -> bool {
    c.is_numeric() || matches!(c, '+' | '-' | '.' | '/' | '(' | ')' | ' ' | '\u{2010}'..='\u{2015}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redact_hides_keys_and_phone_numbers() {
        for (text, shown) in [
            ("<h1>502 Bad Gateway</h1>", "<h1>502 Bad Gateway</h1>"),
            ("auth: Bearer hunter2 refused", "auth: Bearer [redacted] refused"),
            ("key bys_ak_x is bad", "key [redacted] is bad"),
            ("to +14155550123, (415) 555-0123", "to +###########, (###) ###-####"),
            ("tel:1/415/555/0123", "tel:#/###/###/####"),
            ("+1\u{a0}415\u{a0}555\u{a0}0123", "+# ### ### ####"),
            (r"+1\u00a0415\u00A0555\u202f0123", "+# ### ### ####"),
            ("1&nbsp;415%20555\u{2011}0123", "# ### ###\u{2011}####"),
            ("a\r\nb\u{7}c", "a b c"),
        ] {
            assert_eq!(redact(text.as_bytes()), shown);
        }
    }

    #[test]
    fn redact_hides_a_key_up_to_the_end_of_its_value() {
        for key in [
            "bys_ak_ab.TAIL",
            "whsec_ab/TAIL",
            "bys_ak_ab~TAIL",
            "BYS_AK_ab:TAIL;TAIL",
        ] {
            for (before, after) in [
                ("key ", " is bad"),
                ("{\"k\":\"", "\"}"),
                ("<b>", "</b>"),
                ("k='", "'"),
                ("", ""),
            ] {
                let shown = redact(alloc::format!("{before}{key}{after}").as_bytes());
                assert_eq!(shown, alloc::format!("{before}[redacted]{after}"));
            }
        }
        for (text, shown) in [
            ("Bearer ab.TAIL refused", "Bearer [redacted] refused"),
            ("token=Bearer+ab.TAIL&a=1 refused", "[redacted] refused"),
            ("bys_ak_a,Bearer TAIL refused", "[redacted] [redacted] refused"),
        ] {
            assert_eq!(redact(text.as_bytes()), shown);
        }
    }

    #[test]
    fn redact_hides_a_key_that_is_cut_off() {
        let text = [&b"x ".repeat(97)[..], b"secretsecret"].concat();
        assert!(!redact(&text).contains("secret"), "{}", redact(&text));
    }

    #[test]
    fn redact_id_shows_uuids_and_hides_keys_and_phone_numbers() {
        let uuid = "0f0e0d0c-1111-4222-8333-444444444444";
        for (id, shown) in [
            (uuid, uuid),
            ("c1", "c1"),
            ("bys_ak_x", "[redacted]"),
            ("a.bys_ak_x.b", "a.[redacted]"),
            ("+14155550123", "+###########"),
        ] {
            assert_eq!(redact_id(id), shown);
        }
    }

    #[test]
    fn redact_is_bounded_for_any_bytes() {
        assert!(redact(&[0xff; 1000]).chars().count() <= MAX_LEN + 1);
    }
}
