//! Guesses the bytes that a body had before something between the network and the verifier reserialised it.
use serde_json::Value;

/// Bytes that may be the signed ones, and the change that was then made to them.
pub struct Candidate {
    /// The bytes.
    pub body: Vec<u8>,
    /// The change that turns them into the received bytes.
    pub change: String,
}

/// The candidates for a body: without a newline at its end, with other line ends, or as the same JSON in another
/// layout.
#[must_use]
pub fn candidates(body: &[u8]) -> Vec<Candidate> {
    let mut found = bytewise(body);
    if let Ok(text) = std::str::from_utf8(body) {
        found.extend(decoded(text));
        found.extend(rewritten(text.trim_start_matches('\u{feff}')));
    }
    found
}

/// Whether this is a JSON object with more than one key, sorted alphabetically as many maps do.
#[must_use]
pub fn keys_sorted(body: &[u8]) -> bool {
    let text = std::str::from_utf8(body)
        .unwrap_or_default()
        .trim_start_matches('\u{feff}');
    serde_json::from_str::<Value>(text).is_ok_and(|value| {
        let sorted = value.to_string();
        let several = value.as_object().is_some_and(|members| members.len() > 1);
        several && written(text, Spelling::Utf8, Layout::Compact) == sorted
    })
}

/// The members of an event in the order of the vendor's webhooks page, followed by any others.
fn as_documented(event: &Value) -> String {
    let Some(members) = event.as_object() else {
        return event.to_string();
    };
    let place = |key: &str| {
        DOCUMENTED
            .iter()
            .position(|name| *name == key)
            .unwrap_or(DOCUMENTED.len())
    };
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by_key(|(key, _)| place(key));
    let written: Vec<String> = sorted
        .into_iter()
        .map(|(key, value)| format!("{}:{value}", Value::from(key.as_str())))
        .collect();
    format!("{{{}}}", written.join(","))
}

const DOCUMENTED: [&str; 13] = [
    "event",
    "eventId",
    "timestamp",
    "callId",
    "status",
    "to",
    "objective",
    "startedAt",
    "endedAt",
    "summary",
    "extracted",
    "transcript",
    "recordingUrl",
];

fn bytewise(body: &[u8]) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut add = |body: Vec<u8>, change: &str| {
        let change = change.to_owned();
        found.push(Candidate { body, change });
    };
    let with = |end: &[u8]| [body, end].concat();
    for (end, name) in [(&b"\n"[..], "newline"), (b"\r\n", "CRLF")] {
        if let Some(without) = body.strip_suffix(end) {
            add(without.into(), &format!("a {name} was added at its end"));
        }
        add(with(end), &format!("the {name} at its end was removed"));
    }
    add(body.trim_ascii().into(), "white space was added around it");
    add(
        replaced(body, b"\r\n", b"\n"),
        "its line ends were changed from LF to CRLF",
    );
    add(
        replaced(&replaced(body, b"\r\n", b"\n"), b"\n", b"\r\n"),
        "its line ends were changed from CRLF to LF",
    );
    let bom = b"\xef\xbb\xbf";
    match body.strip_prefix(bom) {
        Some(without) => add(without.into(), "a byte order mark was put in front"),
        None => add([&bom[..], body].concat(), "the byte order mark in front was removed"),
    }
    found
}

/// Undoes UTF-8 that was read as Latin-1 and encoded again.
fn decoded(text: &str) -> Option<Candidate> {
    let body: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let change = "it was decoded as Latin-1 and encoded as UTF-8".to_owned();
    body.filter(|body| body != text.as_bytes())
        .map(|body| Candidate { body, change })
}

/// The same JSON in the layouts, escapes and member orders of common serialisers.
fn rewritten(text: &str) -> Vec<Candidate> {
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return Vec::new();
    };
    // The map in a `Value` sorts its members.
    let orders = [
        (text.to_owned(), ""),
        (value.to_string(), ", keys sorted"),
        (as_documented(&value), ", keys in the documented order"),
    ];
    let mut found = Vec::new();
    for (text, order) in &orders {
        for (spelling, spelled) in SPELLINGS {
            for (layout, laid_out) in LAYOUTS {
                found.push(Candidate {
                    body: written(text, spelling, layout).into_bytes(),
                    change: format!(
                        "it was parsed and re-serialised: what was signed is {laid_out} JSON{spelled}{order}"
                    ),
                });
            }
        }
    }
    found
}

#[derive(Clone, Copy, PartialEq)]
enum Spelling {
    AsItCame,
    Utf8,
    Ascii,
}

#[derive(Clone, Copy, PartialEq)]
enum Layout {
    Compact,
    /// One line, with a space after each comma and colon.
    Spaced,
    Indented(usize),
}

const SPELLINGS: [(Spelling, &str); 3] = [
    (Spelling::AsItCame, ""),
    (Spelling::Utf8, ", with characters beyond ASCII as they are"),
    (Spelling::Ascii, r", with characters beyond ASCII as \u escapes"),
];

const LAYOUTS: [(Layout, &str); 5] = [
    (Layout::Compact, "compact"),
    (Layout::Spaced, "one-line, spaced"),
    (Layout::Indented(2), "pretty-printed (2 spaces)"),
    (Layout::Indented(4), "pretty-printed (4 spaces)"),
    (Layout::Indented(0), "one-member-a-line"),
];

/// Writes valid JSON in another layout. Numbers keep their spelling.
fn written(json: &str, spelling: Spelling, layout: Layout) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0;
    let mut rest = json.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest),
            '{' | '}' | '[' | ']' | ',' | ':' => 1,
            _ => rest
                .find(['{', '}', '[', ']', ',', ':', ' ', '\t', '\r', '\n'])
                .unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(length.max(first.len_utf8()));
        rest = after.trim_start();
        match token {
            "{" | "[" => {
                out.push_str(token);
                let empty = rest.starts_with(['}', ']']);
                if !empty {
                    depth += 1;
                    layout.break_line(&mut out, depth);
                }
            }
            "}" | "]" => {
                if !out.ends_with(['{', '[']) {
                    depth = depth.saturating_sub(1);
                    layout.break_line(&mut out, depth);
                }
                out.push_str(token);
            }
            "," => {
                out.push(',');
                if layout == Layout::Spaced {
                    out.push(' ');
                }
                layout.break_line(&mut out, depth);
            }
            ":" => out.push_str(if layout == Layout::Compact { ":" } else { ": " }),
            string if first == '"' => out.push_str(&respelled(string, spelling)),
            atom => out.push_str(atom),
        }
    }
    out
}

impl Layout {
    fn break_line(self, out: &mut String, depth: usize) {
        if let Self::Indented(width) = self {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', width * depth));
        }
    }
}

/// The length of the JSON string at the start of this text, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = true;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn respelled(string: &str, spelling: Spelling) -> String {
    let plain = (spelling != Spelling::AsItCame).then(|| serde_json::from_str::<String>(string).ok());
    let Some(plain) = plain.flatten() else {
        return string.to_owned();
    };
    let utf8 = Value::from(plain).to_string();
    if spelling == Spelling::Utf8 {
        return utf8;
    }
    let mut units = [0; 2];
    let escaped = |c: char| match c {
        _ if c.is_ascii() => c.to_string(),
        _ => c
            .encode_utf16(&mut units)
            .iter()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect(),
    };
    utf8.chars().map(escaped).collect()
}

fn replaced(body: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((first, others)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(from) {
            out.extend_from_slice(to);
            rest = after;
        } else {
            out.push(*first);
            rest = others;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPACT: &str = r#"{"b":[1.50,{},[]],"a":"x, \"y\": {é}","c":{"d":null}}"#;

    fn change(signed: &str, at_hand: &str) -> Option<String> {
        let fits = |candidate: &Candidate| candidate.body == signed.as_bytes();
        candidates(at_hand.as_bytes())
            .into_iter()
            .find(fits)
            .map(|found| found.change)
    }

    #[test]
    fn layout_is_what_serialisers_write() {
        let sorted: Value = serde_json::from_str(COMPACT).unwrap();
        let pretty = serde_json::to_string_pretty(&sorted).unwrap();
        assert_eq!(
            written(&pretty, Spelling::AsItCame, Layout::Compact),
            sorted.to_string()
        );
        assert_eq!(
            written(&sorted.to_string(), Spelling::AsItCame, Layout::Indented(2)),
            pretty
        );
        let python = r#"{"b": [1.50, {}, []], "a": "x, \"y\": {\u00e9}", "c": {"d": null}}"#;
        assert_eq!(written(COMPACT, Spelling::Ascii, Layout::Spaced), python);
        assert_eq!(written(python, Spelling::Utf8, Layout::Compact), COMPACT);
    }

    #[test]
    fn character_beyond_the_first_plane_is_two_escapes() {
        assert_eq!(
            written("\"\u{1f4de}\"", Spelling::Ascii, Layout::Compact),
            r#""\ud83d\udcde""#
        );
    }

    #[test]
    fn change_to_a_body_is_found_out() {
        let python = r#"{"b": 1, "a": "\u00e9"}"#;
        for (signed, at_hand, words) in [
            (python, r#"{"b":1,"a":"é"}"#, "one-line, spaced"),
            (python, r#"{"b":1,"a":"é"}"#, r"\u escapes"),
            (r#"{"a":1,"b":2}"#, "{\n  \"b\": 2,\n  \"a\": 1\n}", "keys sorted"),
            ("{}", "{}\n", "newline was added"),
            ("{}\n", "{}", "newline at its end was removed"),
            ("{}\r\n", "{}", "CRLF at its end was removed"),
            ("a\nb", "a\r\nb", "LF to CRLF"),
            ("a\r\nb", "a\nb", "CRLF to LF"),
            ("{}", "\u{feff}{}", "byte order mark was put"),
            ("\u{feff}{}", "{}", "byte order mark in front was removed"),
            ("\"é\"", "\"Ã©\"", "Latin-1"),
        ] {
            let change = change(signed, at_hand).unwrap();
            assert!(change.contains(words), "{signed:?} from {at_hand:?}: {change}");
        }
        assert_eq!(change("{\"a\":1}", "{\"a\":2}"), None);
    }

    #[test]
    fn hostile_bodies_end() {
        for body in ["\"", "{", "\"\\", "[[[[", "é", "", "\u{feff}", &"[".repeat(100_000)] {
            assert!(!candidates(body.as_bytes()).is_empty());
        }
    }
}
