//! Where ours differs from the official client on purpose: by rules on the input, never by names of cases.
use byourside_proto::{
    UnixTime,
    webhook::{Delivery, Refusal, Verifier, WebhookSecret},
};
use std::time::Duration;

/// An intended difference. The first that applies to an input is the one that counts.
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
    // The official client takes the last; which one was signed is a guess that an attacker may profit from.
    // Names that some reader might trim to `t` count as such.
    Rule {
        when: "several `t`",
        applies: |input| {
            let visible = |name: &str| name.chars().filter(char::is_ascii_graphic).eq(['t']);
            input.parts().filter(|(name, _)| visible(name)).count() > 1
        },
        ours: "refuses",
        holds: |input| input.verify(&input.header).is_err(),
    },
    // The official client renders it anew before it hashes, so that what it checks is not what came.
    Rule {
        when: "`t` is not canonical decimal",
        applies: |input| input.values("t").iter().any(|t| !is_canonical_decimal(t)),
        ours: "refuses",
        holds: |input| input.verify(&input.header).is_err(),
    },
    // The official client trims it. It cannot come over HTTP but as bytes whose meaning is a guess.
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
    // The official client takes the last; while a secret is being replaced, either may be right.
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

    /// The header once for each `v1`, with no other.
    pub fn each_signature_alone(&self) -> impl Iterator<Item = String> {
        let t = self.values("t").concat();
        self.values("v1").into_iter().map(move |v1| format!("t={t},v1={v1}"))
    }

    /// An empty secret makes no verifier, and so accepts nothing.
    fn verify(&self, header: &str) -> Result<Delivery<'_>, Refusal> {
        let secret = WebhookSecret::new(self.secret.as_str()).map_err(|_| Refusal::WrongSignature)?;
        let tolerance = Duration::from_secs(self.tolerance);
        Verifier::new(secret)
            .max_age(tolerance)
            .max_future_skew(tolerance)
            .verify(header, &self.body, UnixTime::new(self.now))
    }

    /// The values of this name, as the official client reads them before the last one wins.
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

/// What Python's `str.strip` takes for white space.
fn python_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}
