//! The place of a fault.
use super::Target;
use std::fmt;

/// The place where a fault is injected: a program, a target such as its GETs, and which one of them, counted from 1.
///
/// ```
/// use byourside_sim::Site;
/// assert_eq!(Site::get(17, 3).to_string(), "GET 3 of 17");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// The number of the program, from 0.
    pub program: u64,
    /// The target.
    pub target: Target,
    /// Which of the program's targets of this kind, counted from 1.
    pub nth: u32,
}

impl Site {
    /// The start of the program.
    #[must_use]
    pub const fn start(program: u64) -> Self {
        Self::new(program, Target::Start, 1)
    }

    /// The program's nth POST that places a call.
    #[must_use]
    pub const fn post(program: u64, nth: u32) -> Self {
        Self::new(program, Target::Post, nth)
    }

    /// The program's nth GET of a record.
    #[must_use]
    pub const fn get(program: u64, nth: u32) -> Self {
        Self::new(program, Target::Get, nth)
    }

    /// The program's nth GET of the list.
    #[must_use]
    pub const fn list(program: u64, nth: u32) -> Self {
        Self::new(program, Target::List, nth)
    }

    /// The nth webhook delivery to the program.
    #[must_use]
    pub const fn event(program: u64, nth: u32) -> Self {
        Self::new(program, Target::Event, nth)
    }

    /// The nth call of the program's `poll`.
    #[must_use]
    pub const fn poll(program: u64, nth: u32) -> Self {
        Self::new(program, Target::Poll, nth)
    }

    pub(crate) const fn new(program: u64, target: Target, nth: u32) -> Self {
        Self { program, target, nth }
    }

    /// A seed of its own for every site, derived from the seed of the run.
    pub(super) fn seed(self, seed: u64) -> u64 {
        let target = self.target as u64;
        let mut mixed = seed ^ self.program.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = crate::random::next(&mut mixed) ^ (u64::from(self.nth) << 8 | target);
        crate::random::next(&mut mixed)
    }

    /// Parses what [`Display`](fmt::Display) writes: `GET 3 of 17` is the third GET of program 17.
    ///
    /// ```
    /// use byourside_sim::Site;
    /// assert_eq!(Site::parse("GET 3 of 17"), Some(Site::get(17, 3)));
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (what, program) = text.split_once(" of ")?;
        let (target, nth) = what.split_once(' ')?;
        let target = Target::ALL.into_iter().find(|known| known.word() == target)?;
        Some(Self::new(program.parse().ok()?, target, nth.parse().ok()?))
    }

    /// The site as Rust source.
    pub(crate) fn code(self) -> String {
        let Self { program, target, nth } = self;
        match target {
            Target::Start => format!("Site::start({program})"),
            Target::Post => format!("Site::post({program}, {nth})"),
            Target::Get => format!("Site::get({program}, {nth})"),
            Target::List => format!("Site::list({program}, {nth})"),
            Target::Event => format!("Site::event({program}, {nth})"),
            Target::Poll => format!("Site::poll({program}, {nth})"),
        }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} of {}", self.target.word(), self.nth, self.program)
    }
}
