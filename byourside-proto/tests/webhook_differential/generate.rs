//! Generates deliveries that are valid, almost valid, and invalid.
use super::{Input, Signer, UnixTime, WebhookSecret};

const NOW: i64 = 1_760_000_000;

/// Fragments of headers, characters that readers trim, and characters that they fail on.
const PIECES: [&str; 32] = [
    ",",
    "=",
    "t",
    "v1",
    "t=",
    "v1=",
    ",t=1760000000",
    ",v1=",
    " ",
    "\t",
    "\n",
    "\r",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1f",
    "\u{85}",
    "\u{a0}",
    "\u{2003}",
    "\u{3000}",
    "\u{feff}",
    "ü",
    "0",
    "-",
    "+",
    "_",
    "f",
    "F",
    "٣",
    "\0",
    "\"",
    ";",
];

/// A splitmix64 generator: the same seed gives the same deliveries everywhere.
pub struct Generator(u64);

impl Generator {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn input(&mut self) -> Input {
        let tolerance = self.pick(&[300, 300, 300, 0, 1, 86_400]);
        let secret = self.pick(&[
            "whsec_a",
            "whsec_a",
            "k",
            "k",
            "k",
            "k",
            "a,b=c",
            "ünïcöde-秘密",
            "ünïcöde-秘密",
            "",
        ]);
        let signed_with = if self.chance(10) { "whsec_b" } else { secret };
        let mut body = self.text();
        let t = NOW + self.age(tolerance);
        let mut header = self.header(t, signed_with, &body);
        for _ in 0..self.pick(&[0, 0, 0, 0, 0, 1, 1, 2]) {
            header = self.mutated(&header);
        }
        if self.chance(10) {
            body = self.mutated(&body);
        }
        Input {
            header,
            body: body.into(),
            secret: secret.into(),
            now: NOW,
            tolerance: tolerance.unsigned_abs(),
        }
    }

    fn age(&mut self, tolerance: i64) -> i64 {
        if self.chance(60) {
            return 0;
        }
        self.pick(&[-1, 0, 0, 0, 1]) + self.pick(&[-tolerance, 0, 0, tolerance, tolerance * 2, -NOW, -2 * NOW])
    }

    fn header(&mut self, t: i64, secret: &str, body: &str) -> String {
        // There is no signer for an empty secret. A signature by any other secret is just as wrong.
        let secret = if secret.is_empty() { "empty" } else { secret };
        let signer = Signer::new(WebhookSecret::new(secret).unwrap());
        let signed = signer.sign(UnixTime::new(t), body.as_bytes());
        let (_, right) = signed.split_once(",v1=").unwrap();
        let mut parts = vec![format!("t={}", self.spelled(t)), format!("v1={right}")];
        if self.chance(30) {
            for _ in 0..self.pick(&[1, 1, 2, 3, 20]) {
                let part = match self.below(6) {
                    0 => format!("v1={}", "0".repeat(64)),
                    1 => format!("v1={}", right.to_uppercase()),
                    2 => format!("v1={}", self.mutated(right)),
                    3 => format!("v1={right}"),
                    4 => format!("t={}", t + self.pick(&[0, 0, 1, -1000])),
                    _ => self.text(),
                };
                parts.push(part);
            }
        }
        if self.chance(50) {
            for at in (1..parts.len()).rev() {
                parts.swap(at, self.below(at + 1));
            }
        }
        parts.join(self.pick(&[",", ",", ",", ",", ", ", ", ", " ,\t", ",,", ";"]))
    }

    fn spelled(&mut self, t: i64) -> String {
        match self.below(40) {
            0 => format!("+{t}"),
            1 => format!("00{t}"),
            2 => format!(" {t} "),
            3 => format!("{t}").chars().map(|c| if c == '1' { '١' } else { c }).collect(),
            4 => format!("1_{}", &t.to_string()[1..]),
            5 => format!("{t}000"),
            6 => format!("{t}.0"),
            7 => self
                .pick(&[
                    "9223372036854775807",
                    "9223372036854775808",
                    "-9223372036854775809",
                    "",
                    "-0",
                ])
                .into(),
            _ => t.to_string(),
        }
    }

    fn mutated(&mut self, text: &str) -> String {
        let mut chars: Vec<char> = text.chars().collect();
        let at = self.below(chars.len() + 1);
        let until = (at + self.below(3)).min(chars.len());
        let piece = if self.chance(70) { self.pick(&PIECES) } else { "" };
        chars.splice(at..until, piece.chars());
        chars.into_iter().collect()
    }

    fn text(&mut self) -> String {
        match self.below(4) {
            0 => String::new(),
            1 => r#"{"event": "call.completed", "to": "+14155550123"}"#.into(),
            2 => (0..self.below(200)).map(|_| self.pick(&PIECES)).collect(),
            _ => (0..self.below(200))
                .filter_map(|_| char::from_u32(self.next() as u32 & 0x1f_ffff))
                .collect(),
        }
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
