//! The faults, by name.
use std::fmt;

/// Where a fault belongs: one part of the profile `dirty`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultGroup {
    /// How the service writes back what it was given.
    Echo,
    /// The bytes of an answer or an event.
    Bytes,
    /// Which call an answer is about.
    Identity,
    /// Answers of something between client and service.
    Intermediary,
    /// Connections and messages.
    Network,
    /// Clocks, stops, and calls that are placed late.
    Time,
    /// Webhook deliveries.
    Events,
    /// The program itself: its options, its driver, its restarts.
    Program,
}

/// At what a fault can strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The program as a whole, when a [`Case`](crate::check::Case) adds it. In a [`Simulation`](crate::Simulation) of one's
    /// own nothing strikes there.
    Start,
    /// A request that places a call.
    Post,
    /// A request for one record.
    Get,
    /// A request for the list.
    List,
    /// A delivery to the program.
    Event,
    /// A poll of the program.
    Poll,
}

impl Target {
    /// How many there are.
    pub(crate) const COUNT: usize = 6;

    /// The word for it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Post => "POST",
            Self::Get => "GET",
            Self::List => "list",
            Self::Event => "event",
            Self::Poll => "poll",
        }
    }
}

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident $text:literal $part:ident [$($target:ident),*];)*) => {
        /// One kind of fault. Each has a parameter, a number, whose meaning is told here; where nothing is told it has none.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Fault {
            $($(#[$doc])* $name,)*
        }

        impl Fault {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name, in words.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Its name, as it is written in Rust.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The one whose name is written so in Rust.
            ///
            /// ```
            /// use byourside_sim::Fault;
            /// assert_eq!(Fault::named("AnswerLost"), Some(Fault::AnswerLost));
            /// ```
            #[must_use]
            pub fn named(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|fault| fault.code() == code)
            }

            /// Where it belongs.
            #[must_use]
            pub const fn group(self) -> FaultGroup {
                match self { $(Self::$name => FaultGroup::$part,)* }
            }

            /// At what it can strike.
            #[must_use]
            pub const fn targets(self) -> &'static [Target] {
                match self { $(Self::$name => &[$(Target::$target),*],)* }
            }
        }
    };
}

faults! {
    /// The objective comes back with HTML entities.
    ObjectiveEscaped "objective escaped" Echo [Post];
    /// The objective comes back in Unicode's form NFD.
    ObjectiveNfd "objective in NFD" Echo [Post];
    /// The objective comes back in Unicode's form NFKC.
    ObjectiveNfkc "objective in NFKC" Echo [Post];
    /// The objective comes back cut.
    ObjectiveCut "objective cut" Echo [Post];
    /// The objective comes back cut, with a note that says so.
    ObjectiveCutNoted "objective cut with a note" Echo [Post];
    /// The objective comes back with its digits masked.
    ObjectiveMasked "objective masked" Echo [Post];
    /// The objective comes back trimmed.
    ObjectiveTrimmed "objective trimmed" Echo [Post];
    /// The objective comes back with other line ends.
    ObjectiveLineEnds "objective with other line ends" Echo [Post];
    /// The objective comes back in capitals.
    ObjectiveCapitals "objective in capitals" Echo [Post];
    /// The number comes back without its trunk zero, if it has one: `+440...` as `+44...`.
    NumberNormalised "number without its trunk zero" Echo [Post];
    /// The number comes back with spaces.
    NumberSpaced "number with spaces" Echo [Post];
    /// The number comes back with all but its last two digits masked.
    NumberMasked "number masked" Echo [Post];

    /// Half an emoji in a text.
    HalfEmoji "half an emoji in a text" Bytes [Post, Get, List, Event];
    /// Half an emoji in the name of a member.
    HalfEmojiName "half an emoji in a name" Bytes [Post, Get, List, Event];
    /// A byte order mark in front.
    ByteOrderMark "byte order mark" Bytes [Post, Get, List, Event];
    /// `NaN`, as Python writes it.
    NotANumber "NaN" Bytes [Post, Get, List, Event];
    /// A number beyond what a float holds: `1e400`.
    Beyond64Bits "number beyond f64" Bytes [Post, Get, List, Event];
    /// An integer and a fraction of more digits than a `u64` or an `f64` has.
    LongNumber "number of many digits" Bytes [Post, Get, List, Event];
    /// A member as many levels deep as the parameter, 1 to 200.
    Deep "deep member" Bytes [Post, Get, List, Event];
    /// A member that is not known.
    UnknownMember "unknown member" Bytes [Post, Get, List, Event];
    /// A status, or the list, stands twice; the last one counts, as in Python.
    DoubledMember "doubled member" Bytes [Get, List];
    /// A text that is cut inside a letter: bytes that are no UTF-8.
    RawBytes "bytes that are no UTF-8" Bytes [Get, List, Event];
    /// `null` between the entries of a list.
    NullEntry "null entry" Bytes [List];
    /// A list, a number and a text, each where an entry should be.
    BrokenEntry "broken entry" Bytes [List];
    /// Compressed, although nobody asked for it.
    Gzip "gzip that nobody asked for" Bytes [Post, Get, List];
    /// A numeric `status`, which says nothing.
    StatusOfWrongType "status of a wrong type" Bytes [Get, List];

    /// No id.
    IdMissing "id missing" Identity [Post, Get, List];
    /// The id under its other name: `id` for `callId`, or the reverse.
    IdOtherName "id under its other name" Identity [Post, Get, List, Event];
    /// `id` and `callId` are both there and disagree; the one that belongs there is right.
    IdsDisagree "ids that disagree" Identity [Post, Get, Event];
    /// The id that the service gives to this call is that of the call before.
    IdReused "id reused" Identity [Post];
    /// The record is that of another call of the account, as if it had completed.
    RecordOfAnother "record of another call" Identity [Get];
    /// A call of yesterday has the same number and text.
    Yesterday "yesterday's call" Identity [Start];
    /// Another program of the same account calls the same number with the same text, just before.
    OtherProgram "another program's call" Identity [Post];
    /// Every page is shorter than was asked for: the parameter, 0 to 5.
    ShortPage "short pages" Identity [Start];
    /// Every list has the oldest entries first, and its page ends before the newest.
    ListAscending "lists with the oldest first" Identity [Start];
    /// Every list has the older half of the calls and says that it is partial, with 200, 206 or 207.
    ListPartial "partial lists" Identity [Start];
    /// Every list has ids and statuses only.
    BareEntries "bare entries" Identity [Start];
    /// A replica answers that lags behind: it does not know what is younger than this many milliseconds, up to 40 s; for a record up to 8 s.
    Replica "lagging replica" Identity [Get, List];

    /// Something in between answers by itself. The parameter is the status, 400 to 599; else it picks one.
    ProxyBefore "proxy answers before the service acts" Intermediary [Post, Get, List];
    /// Something in between replaces the service's answer. The parameter as for `ProxyBefore`.
    ProxyAfter "proxy answers after the service acted" Intermediary [Post, Get, List];
    /// A redirect to somewhere else, before the service acts.
    RedirectBefore "redirect before the service acts" Intermediary [Post, Get, List];
    /// A redirect to somewhere else, after the service acted.
    RedirectAfter "redirect after the service acted" Intermediary [Post];
    /// A captive portal answers 200 with a page.
    CaptivePortal "captive portal" Intermediary [Post, Get, List];
    /// The service acted, and what comes back is a refusal in its own words: `placement_failed` with 502, 504 or 302.
    RefusedAfter "refusal after the service acted" Intermediary [Post];
    /// The service acted, and what comes back on the connection is the answer to another request: `not_found`, or the record of
    /// another call.
    AnswerOfAnother "answer to another request" Intermediary [Post];
    /// The service acted, and what comes back is a 4xx which names the call.
    RefusalNamesCall "refusal that names a call" Intermediary [Post];
    /// 503 with the key and the number in its error.
    EchoedSecrets "key and number echoed in an error" Intermediary [Post, Get, List];
    /// A page with the key and the number, each in a disguise.
    DisguisedSecrets "key and number in a disguise" Intermediary [Post, Get, List];
    /// 429 with a `Retry-After`, in seconds: the parameter, 0 to 5.
    RateLimited "rate limited" Intermediary [Post, Get, List];
    /// 429 with a `Retry-After` of 20 seconds in a form that is seldom seen: a fraction, a doubled value, a unit, a sign, a date
    /// in the form of RFC 850.
    OddRetryAfter "odd Retry-After" Intermediary [Post, Get, List];
    /// The record, with a `Retry-After` of 20 seconds.
    PauseOnSuccess "Retry-After on success" Intermediary [Get];
    /// 503 with an error of 128 KiB, made of many small members.
    HostileBody "hostile body" Intermediary [Post, Get];
    /// A 2xx without a body.
    EmptySuccess "empty success" Intermediary [Get, List];

    /// No connection comes about.
    NoConnection "no connection" Network [Post, Get, List];
    /// The request is lost, and the connection closes.
    RequestLost "request lost" Network [Post, Get, List];
    /// The service acts, and the connection closes without an answer.
    AnswerLost "answer lost" Network [Post, Get, List];
    /// The service acts, and nothing comes back until the client's own timeout.
    Silence "silence" Network [Post, Get, List];
    /// The body is cut.
    Truncated "truncated answer" Network [Post, Get, List];
    /// The answer takes this many milliseconds, up to 20 s.
    Slow "slow answer" Network [Post, Get, List];
    /// Nothing connects, for the parameter's seconds, 1 to 300, from the start of the program.
    Outage "outage" Network [Start];

    /// The request is held up, and the call is placed this many seconds later, up to an hour.
    PlacedLate "call placed late" Time [Post];
    /// The process is stopped between `Send` and sending, for this many seconds, up to an hour.
    HostStopped "process stopped before it sends" Time [Post, Get];
    /// The machine is suspended between `Send` and sending, for this many seconds, up to an hour: the monotonic clock stands
    /// still meanwhile, and the wall clock goes on.
    HostSuspended "machine suspended before it sends" Time [Post];
    /// The clock's origin: 0 is 2^40 ms, 1 Unix time, 2 a day before the type's limit.
    ClockOrigin "clock begins elsewhere" Time [Start];

    /// An event with a blank id.
    EventIdBlank "event id blank" Events [Event];
    /// An event with a number as its id, which arrives twice.
    EventIdNumeric "event id numeric" Events [Event];
    /// An event without an id.
    EventIdMissing "event id missing" Events [Event];
    /// Events that differ under one id.
    EventIdShared "event id shared" Events [Event];
    /// Terminal events that contradict themselves, one every 2 ms, as many as the parameter, 1 to 500.
    EventStorm "contradictory events" Events [Event];
    /// An event for another number and another call, with our token.
    EventOfAnother "event for another number with our token" Events [Event];
    /// An event of yesterday's call, redelivered with the token that it had, which is ours too.
    EventOfYesterday "yesterday's event with our token" Events [Event];
    /// The event is lost, this time.
    EventLost "event lost" Events [Event];
    /// The event arrives twice.
    EventTwice "event twice" Events [Event];
    /// The call is answered at once, and its event overtakes the answer to the POST.
    EventEarly "event before the answer to the POST" Events [Post];

    /// Two intents have one token.
    SharedToken "token shared" Program [Start];
    /// No webhook, or one, where the program has it the other way round.
    OtherWebhook "webhook the other way round" Program [Start];
    /// Options at their extremes: each digit of the parameter in base 3 picks for one option, 0 the usual or a mild one.
    ExtremeOptions "options at their extremes" Program [Start];
    /// The number that is called, and so what it does; the parameter picks one.
    Destination "destination" Program [Start];
    /// A list has as many rows as the parameter, 1 to 200.
    ManyRows "list of many rows" Program [Start];
    /// A list of 150 rows whose sets are to send a thousand requests a second.
    FastSet "set that is to be fast" Program [Start];
    /// A set is restored from a snapshot whose counts are at their extremes.
    ExtremeSnapshot "snapshot with extreme numbers" Program [Start];
    /// The driver goes by `next_wake` alone.
    LazyDriver "driver that goes by next_wake" Program [Start];
    /// The process ends, and another one goes on this many milliseconds later, 100 to 20,000.
    Crash "crash" Program [Poll];
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
