//! What must hold.
use std::fmt;

macro_rules! invariants {
    ($($(#[$doc:meta])* $name:ident $code:literal $text:literal;)*) => {
        /// Something that must hold of every call.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Invariant {
            $($(#[$doc])* $name,)*
        }

        impl Invariant {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// A short name, as the list of seeds has it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What must hold, as a sentence.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

invariants! {
    /// An intent has at most one call, and there are no more calls than intents.
    OneRing "one-ring" "no phone rings twice for one intent";
    /// No POST leaves for an intent that has a call, or will have one.
    NoSecondPost "no-second-post" "an intent that has a call, or will have one, is not placed again";
    /// *Not placed* has no call, then and later.
    NotPlaced "not-placed" "what is reported as not placed has no call";
    /// *Placed* and *found* name the call of this intent.
    OwnCall "own-call" "a call that is placed or found is the call of this intent";
    /// What is reported of a call's end is what the service has.
    OwnEnd "own-end" "an end that is reported is the end that the call has";
    /// A call that ended before the deadline is not reported as timed out, if it could be seen.
    EndSeen "end-seen" "a call that ended in time is not reported as timed out";
    /// A terminal status stays what it is.
    Sticky "sticky" "a terminal status stays what it is";
    /// The wait for a call that was placed is not refused.
    NotRefused "not-refused" "the wait for a call that was placed is not refused";
    /// A wait that times out has the last record that it read.
    LastKept "last-kept" "a wait that times out has the last record that it read";
    /// What the official client reads is read.
    Read "read" "an answer or an event that the official client reads is read";
    /// Members keep their bytes.
    Bytes "bytes" "a member of a record keeps its bytes";
    /// An answer costs a small multiple of its size.
    Memory "memory" "an answer costs a small multiple of its size in memory";
    /// What was accepted can be written down and restored.
    Restored "restored" "what was accepted can be written down and restored";
    /// No key, secret, whole number or text of a call is shown or written down beyond what is documented.
    Secret "secret" "no key and no whole number is shown or written down";
    /// At most 100 requests a second, none within 10 ms, none before the end of a `Retry-After`, which counts on a 200 as well,
    /// and a pause after every 429, whatever it asks for.
    Pace "pace" "requests keep to their pace, whatever the options";
    /// One call is not asked for more than five times a second.
    Hurry "hurry" "one call is not asked for more than five times in a second";
    /// Every stage and every row ends in time.
    Ends "ends" "every wait ends by its deadline and grace, and every row of a list ends";
    /// No body leaves after its attempt's time, by either clock. The simulated transport does what the adapters do: it goes by
    /// the monotonic clock, and what it sends after a suspension is what they send.
    LateBody "late-body" "no body leaves after its attempt's time by either clock";
    /// Each event is told once, and none is dropped.
    EventOnce "event-once" "each event is told once, and none is dropped";
    /// A stale or foreign reply changes nothing.
    OwnReply "own-reply" "a reply to another program's request changes nothing";
    /// `next_wake` is the earliest moment at which `poll` has something to say.
    NextWake "next-wake" "next_wake is the earliest moment at which poll has something to say";
    /// An error says what a person can act on.
    Message "message" "an error says what answered, where a redirect points, and what to check";
    /// Nothing panics, and no counter goes back.
    Total "total" "every method is total, and no counter goes back";
}

impl Invariant {
    /// The one with this short name.
    ///
    /// ```
    /// use byourside_sim::check::Invariant;
    /// assert_eq!(Invariant::named("one-ring"), Some(Invariant::OneRing));
    /// ```
    #[must_use]
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|invariant| invariant.code() == code)
    }
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}
