//! The invariants.
use std::fmt;

macro_rules! invariants {
    ($($(#[$doc:meta])* $name:ident $code:literal $text:literal;)*) => {
        /// A property that must hold for every call.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Invariant {
            $($(#[$doc])* $name,)*
        }

        impl Invariant {
            /// All invariants.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The short name, which the list of seeds uses.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The invariant as a sentence.
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
    /// The reported end of a call is the end that the service knows.
    OwnEnd "own-end" "an end that is reported is the end that the call has";
    /// A call that ended before the deadline is not reported as timed out, if it could be seen.
    EndSeen "end-seen" "a call that ended in time is not reported as timed out";
    /// A terminal status stays what it is.
    Sticky "sticky" "a terminal status stays what it is";
    /// The wait for a call that was placed is not refused.
    NotRefused "not-refused" "the wait for a call that was placed is not refused";
    /// A wait that times out has the last record that it read.
    LastKept "last-kept" "a wait that times out has the last record that it read";
    /// Every answer and event that the official client can read is read.
    Read "read" "an answer or an event that the official client reads is read";
    /// Members keep their bytes.
    Bytes "bytes" "a member of a record keeps its bytes";
    /// An answer costs a small multiple of its size.
    Memory "memory" "an answer costs a small multiple of its size in memory";
    /// Whatever a machine accepted can be saved in a snapshot and restored.
    Restored "restored" "what was accepted can be written down and restored";
    /// No key, secret, whole phone number or text of a call is shown or saved beyond what is documented.
    Secret "secret" "no key and no whole number is shown or written down";
    /// At most 100 requests a second, at least 10 ms apart, none before the end of a `Retry-After` delay (a
    /// `Retry-After` counts on a 200 as well), and a pause after every 429.
    Pace "pace" "requests keep to their pace, whatever the options";
    /// At most five GETs a second for one call.
    Hurry "hurry" "one call is not asked for more than five times in a second";
    /// Every stage and every row ends by its deadline and grace.
    Ends "ends" "every wait ends by its deadline and grace, and every row of a list ends";
    /// No body is sent after its attempt timeout, by the monotonic and by the wall clock. The simulated transport
    /// measures by the monotonic clock, as the adapters do, so it sends after a suspension what they would send.
    LateBody "late-body" "no body leaves after its attempt's time by either clock";
    /// Each event is handed on once, and none is dropped.
    EventOnce "event-once" "each event is told once, and none is dropped";
    /// A stale or foreign reply changes nothing.
    OwnReply "own-reply" "a reply to another program's request changes nothing";
    /// `next_wake` is the earliest moment at which `poll` has something to say.
    NextWake "next-wake" "next_wake is the earliest moment at which poll has something to say";
    /// An error's text says what a person can act on.
    Message "message" "an error says what answered, where a redirect points, and what to check";
    /// Nothing panics, and no counter decreases.
    Total "total" "every method is total, and no counter goes back";
}

impl Invariant {
    /// The invariant with this short name.
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
