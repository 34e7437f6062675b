//! Intended differences from the official client. A rule applies to an input, never to the name of a case.
use byourside_proto::{
    UnixTime,
    webhook::{Delivery, Refusal, Verifier, WebhookSecret},
};
use std::time::Duration;

/// An intended difference. The first rule that applies to an input decides.
pub struct Rule {
    pub when: &'static str,
    applies: fn(&Input) -> bool,
    pub ours: &'static str,
    pub holds: fn(&Input) -> bool,
}

impl Rule {
    pub fn of(input: &Input) -> Option<&'static Self> {
        RULES.iter().find(|rule| (rule.applies)(input))
    }
}

pub const RULES: [Rule; 4] = [
    // The official client takes the last one. An attacker could profit from a guess at which one was signed.
    // Names that some reader might trim to `t` count too.
    Rule {
        when: "several `t`",
        applies: |input| {
            let visible = |name: &str| name.chars().filter(char::is_ascii_graphic).eq(['t']);
            input.parts().filter(|(name, _)| visible(name)).count() > 1
        },
        ours: "refuses",
        holds: |input| input.verify(&input.header).is_err(),
    },
    // The official client parses and formats the number before it hashes, so it does not check the bytes received.
    Rule {
        when: "`t` is not canonical decimal",
        applies: |input| input.values("t").iter().any(|t| !is_canonical_decimal(t)),
        ours: "refuses",
        holds: |input| input.verify(&input.header).is_err(),
    },
    // The official client trims it. In an HTTP header it could only be bytes of an unknown encoding.
    Rule {
        when: "white space other than ASCII's around a name or a value",
        applies: |input| {
            let untrimmed = |half: &str| half.trim_ascii() != python_strip(half);
            input.parts().any(|(name, value)| untrimmed(name) || untrimmed(value))
        },
        ours: "leaves it in place, like any other character",
        holds: |input| {
            let foreign = |c: char| python_space(c) && !c.is_ascii_whitespace();
            let respelled = input.header.replace(foreign, "?");
            input.verify(&input.header).is_ok() == input.verify(&respelled).is_ok()
        },
    },
    // The official client takes the last one. While a secret is being replaced, any of them may be right.
    Rule {
        when: "several `v1`",
        applies: |input| input.values("v1").len() > 1,
        ours: "accepts if any of them, alone, would pass, and there are not more than 16",
        holds: |input| {
            let well_formed = |v1: &str| v1.len() == 64 && v1.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
            let too_many = input.values("v1").iter().filter(|v1| well_formed(v1)).count() > 16;
            let any = input.each_signature_alone().any(|header| input.verify(&header).is_ok());
            input.verify(&input.header).is_ok() == (any && !too_many)
        },
    },
];

pub struct Input {
    pub header: String,
    pub body: Vec<u8>,
    pub secret: String,
    pub now: i64,
    /// In seconds.
    pub tolerance: u64,
}

impl Input {
    pub fn accepted(&self) -> bool {
        self.verify(&self.header).is_ok()
    }

    /// One header for each `v1`, with that signature alone.
    pub fn each_signature_alone(&self) -> impl Iterator<Item = String> {
        let t = self.values("t").concat();
        self.values("v1").into_iter().map(move |v1| format!("t={t},v1={v1}"))
    }

    /// An empty secret is refused, so there is no verifier and nothing is accepted.
    fn verify(&self, header: &str) -> Result<Delivery<'_>, Refusal> {
        let secret = WebhookSecret::new(self.secret.as_str()).map_err(|_| Refusal::WrongSignature)?;
        let tolerance = Duration::from_secs(self.tolerance);
        Verifier::new(secret)
            .max_age(tolerance)
            .max_future_skew(tolerance)
            .verify(header, &self.body, UnixTime::new(self.now))
    }

    /// All values of this name, trimmed as in the official client.
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.parts()
            .filter(|(key, _)| python_strip(key) == name)
            .map(|(_, value)| python_strip(value))
            .collect()
    }

    fn parts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.header.split(',').filter_map(|part| part.split_once('='))
    }
}

fn is_canonical_decimal(t: &str) -> bool {
    t.parse::<i64>()
        .is_ok_and(|number| number >= 0 && number.to_string() == t)
}

fn python_strip(text: &str) -> &str {
    text.trim_matches(python_space)
}

/// White space as defined by Python's `str.strip`.
fn python_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}
