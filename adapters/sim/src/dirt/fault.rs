//! The kinds of faults.
use std::fmt;

/// The group that a kind of fault belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultGroup {
    /// How the service echoes the objective and the number.
    Echo,
    /// The bytes of an answer or an event.
    Bytes,
    /// Which call an answer is about.
    Identity,
    /// Answers from an intermediary, such as a proxy.
    Intermediary,
    /// Connections and messages.
    Network,
    /// Clocks, stopped processes, and calls that are placed late.
    Time,
    /// Webhook deliveries.
    Events,
    /// The program itself: its options, its driver, its restarts.
    Program,
}

/// What a fault can be injected into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The start of the program, when a [`Case`](crate::check::Case) adds it. A [`Simulation`](crate::Simulation) of
    /// one's own injects nothing there.
    Start,
    /// A POST that places a call.
    Post,
    /// A GET of one record.
    Get,
    /// A GET of the list.
    List,
    /// A webhook delivery to the program.
    Event,
    /// A call of the program's `poll`.
    Poll,
}

impl Target {
    /// Every kind of target, in the order of the variants.
    pub(crate) const ALL: [Self; 6] = [Self::Start, Self::Post, Self::Get, Self::List, Self::Event, Self::Poll];
    /// How many kinds of targets there are.
    pub(crate) const COUNT: usize = Self::ALL.len();

    /// The word for the target in a [`Site`](super::Site)'s text.
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
        /// A kind of fault. Each has a parameter, a number whose meaning is documented here; without a word about it,
        /// the parameter is ignored.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Fault {
            $($(#[$doc])* $name,)*
        }

        impl Fault {
            /// All kinds of faults.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name in words.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The name of the Rust variant.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The kind whose Rust variant has this name.
            ///
            /// ```
            /// use byourside_sim::Fault;
            /// assert_eq!(Fault::named("AnswerLost"), Some(Fault::AnswerLost));
            /// ```
            #[must_use]
            pub fn named(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|fault| fault.code() == code)
            }

            /// The group that the kind belongs to.
            #[must_use]
            pub const fn group(self) -> FaultGroup {
                match self { $(Self::$name => FaultGroup::$part,)* }
            }

            /// The targets that the kind can be injected into.
            #[must_use]
            pub const fn targets(self) -> &'static [Target] {
                match self { $(Self::$name => &[$(Target::$target),*],)* }
            }
        }
    };
}

faults! {
    /// The objective comes back HTML-escaped: `&amp;`, `&lt;`, `&gt;`, `&quot;`, `&#39;`.
    ObjectiveEscaped "objective escaped" Echo [Post];
    /// The objective comes back in Unicode normalisation form NFD.
    ObjectiveNfd "objective in NFD" Echo [Post];
    /// The objective comes back in Unicode normalisation form NFKC.
    ObjectiveNfkc "objective in NFKC" Echo [Post];
    /// The objective comes back cut to 12 characters.
    ObjectiveCut "objective cut" Echo [Post];
    /// The objective comes back cut to 12 characters, followed by ` [truncated]`.
    ObjectiveCutNoted "objective cut with a note" Echo [Post];
    /// The objective comes back with each run of digits replaced by `[number]`.
    ObjectiveMasked "objective masked" Echo [Post];
    /// The objective comes back without white space at its ends.
    ObjectiveTrimmed "objective trimmed" Echo [Post];
    /// The objective comes back with CRLF line ends.
    ObjectiveLineEnds "objective with other line ends" Echo [Post];
    /// The objective comes back in capitals.
    ObjectiveCapitals "objective in capitals" Echo [Post];
    /// The number comes back without its trunk zero, if it has one: `+440...` as `+44...`.
    NumberNormalised "number without its trunk zero" Echo [Post];
    /// The number comes back with spaces.
    NumberSpaced "number with spaces" Echo [Post];
    /// The number comes back with all but its last two digits masked.
    NumberMasked "number masked" Echo [Post];

    /// A text ends in half an emoji: a lone surrogate, `\ud83d`.
    HalfEmoji "half an emoji in a text" Bytes [Post, Get, List, Event];
    /// The name of a member is half an emoji: a lone surrogate, `\ud83d`.
    HalfEmojiName "half an emoji in a name" Bytes [Post, Get, List, Event];
    /// The body starts with a byte order mark.
    ByteOrderMark "byte order mark" Bytes [Post, Get, List, Event];
    /// A member has the value `NaN`, as Python writes it.
    NotANumber "NaN" Bytes [Post, Get, List, Event];
    /// A member has a number beyond the range of an `f64`: `1e400`.
    Beyond64Bits "number beyond f64" Bytes [Post, Get, List, Event];
    /// Members have an integer and a fraction with more digits than a `u64` or an `f64` holds, and `-0`.
    LongNumber "number of many digits" Bytes [Post, Get, List, Event];
    /// A member has nested arrays, as many levels as the parameter, 1 to 200.
    Deep "deep member" Bytes [Post, Get, List, Event];
    /// The object has an unknown member.
    UnknownMember "unknown member" Bytes [Post, Get, List, Event];
    /// The member `status`, or `calls` of the list, occurs twice. The last one counts, as in Python.
    DoubledMember "doubled member" Bytes [Get, List];
    /// A text is cut inside a letter, which leaves bytes that are not UTF-8.
    RawBytes "bytes that are no UTF-8" Bytes [Get, List, Event];
    /// The list has an entry `null`.
    NullEntry "null entry" Bytes [List];
    /// The list has an array, a number and a text where entries should be.
    BrokenEntry "broken entry" Bytes [List];
    /// The body is compressed with gzip, although the request did not accept that.
    Gzip "gzip that nobody asked for" Bytes [Post, Get, List];
    /// The member `status` is a number, so the status is unknown.
    StatusOfWrongType "status of a wrong type" Bytes [Get, List];

    /// The id is missing.
    IdMissing "id missing" Identity [Post, Get, List];
    /// The id has its other name: `id` instead of `callId`, or the reverse.
    IdOtherName "id under its other name" Identity [Post, Get, List, Event];
    /// Both `id` and `callId` are present and differ. The one that belongs there is right.
    IdsDisagree "ids that disagree" Identity [Post, Get, Event];
    /// The service gives the call the id of the account's previous call.
    IdReused "id reused" Identity [Post];
    /// The answer is the record of another call of the account, with the status `completed`.
    RecordOfAnother "record of another call" Identity [Get];
    /// The list has a call of yesterday with the same number and objective.
    Yesterday "yesterday's call" Identity [Start];
    /// Another program of the account calls the same number with the same objective just before.
    OtherProgram "another program's call" Identity [Post];
    /// Every list has at most as many entries as the parameter, 0 to 5.
    ShortPage "short pages" Identity [Start];
    /// Every list has the oldest entries first, and ends before the newest.
    ListAscending "lists with the oldest first" Identity [Start];
    /// Every list has only the older half of the calls and says that it is partial, with status 200, 206 or 207.
    ListPartial "partial lists" Identity [Start];
    /// The entries of every list have only an id and a status.
    BareEntries "bare entries" Identity [Start];
    /// A stale replica answers. It does not know what happened in the last milliseconds, as many as the parameter: 0 to
    /// 40,000 for a list, 0 to 8,000 for a record.
    Replica "lagging replica" Identity [Get, List];

    /// A proxy answers, and the service never sees the request. The parameter is the status, 400 to 599; any other
    /// value picks one.
    ProxyBefore "proxy answers before the service acts" Intermediary [Post, Get, List];
    /// A proxy replaces the service's answer. The parameter is as for `ProxyBefore`.
    ProxyAfter "proxy answers after the service acted" Intermediary [Post, Get, List];
    /// A redirect to another host, before the service acts.
    RedirectBefore "redirect before the service acts" Intermediary [Post, Get, List];
    /// A redirect to another host, after the service acted.
    RedirectAfter "redirect after the service acted" Intermediary [Post];
    /// A captive portal answers 200 with an HTML page.
    CaptivePortal "captive portal" Intermediary [Post, Get, List];
    /// The service placed the call, and answers `placement_failed` with 502, 504 or 302.
    RefusedAfter "refusal after the service acted" Intermediary [Post];
    /// The service placed the call, and the connection carries the answer to another request: `not_found`, or the
    /// record of another call.
    AnswerOfAnother "answer to another request" Intermediary [Post];
    /// The service placed the call, and answers with a 4xx that names its id.
    RefusalNamesCall "refusal that names a call" Intermediary [Post];
    /// 503 with the request's key and number in the error text.
    EchoedSecrets "key and number echoed in an error" Intermediary [Post, Get, List];
    /// 502 with an HTML page that has the key and the number in escaped forms.
    DisguisedSecrets "key and number in a disguise" Intermediary [Post, Get, List];
    /// 429 with a `Retry-After` of as many seconds as the parameter, 0 to 5.
    RateLimited "rate limited" Intermediary [Post, Get, List];
    /// 429 with a `Retry-After` of 20 seconds in a rare form: a fraction, a doubled value, a unit, a sign, or a date in
    /// the form of RFC 850.
    OddRetryAfter "odd Retry-After" Intermediary [Post, Get, List];
    /// A record with status 200 and a `Retry-After` of 20 seconds.
    PauseOnSuccess "Retry-After on success" Intermediary [Get];
    /// 503 with an `error` of 128 KiB that consists of many small members.
    HostileBody "hostile body" Intermediary [Post, Get];
    /// 200 without a body.
    EmptySuccess "empty success" Intermediary [Get, List];

    /// No connection can be made.
    NoConnection "no connection" Network [Post, Get, List];
    /// The request is lost, and the connection closes.
    RequestLost "request lost" Network [Post, Get, List];
    /// The service acts, and the connection closes without an answer.
    AnswerLost "answer lost" Network [Post, Get, List];
    /// The service acts, and nothing comes back until the client's own timeout.
    Silence "silence" Network [Post, Get, List];
    /// The body of the answer is cut.
    Truncated "truncated answer" Network [Post, Get, List];
    /// The answer takes as many milliseconds as the parameter, 0 to 20,000.
    Slow "slow answer" Network [Post, Get, List];
    /// No connection can be made for as many seconds as the parameter, 1 to 300, from the start of the program.
    Outage "outage" Network [Start];

    /// The request is delayed on its way, and the call is placed as many seconds later as the parameter, 1 to 3,600.
    PlacedLate "call placed late" Time [Post];
    /// The process is stopped between `Action::Send` and sending, for as many seconds as the parameter, 1 to 3,600.
    HostStopped "process stopped before it sends" Time [Post, Get];
    /// The computer is suspended between `Action::Send` and sending, for as many seconds as the parameter, 1 to 3,600.
    /// The monotonic clock stands still meanwhile; the wall clock goes on.
    HostSuspended "machine suspended before it sends" Time [Post];
    /// The program's monotonic clock starts elsewhere. The parameter picks the start: 0 is 2^40 ms, 1 is Unix time, 2
    /// is a day before the type's limit.
    ClockOrigin "clock begins elsewhere" Time [Start];

    /// The event's id is an empty text.
    EventIdBlank "event id blank" Events [Event];
    /// The event's id is a number, and the event arrives twice.
    EventIdNumeric "event id numeric" Events [Event];
    /// The event has no id.
    EventIdMissing "event id missing" Events [Event];
    /// Different events have the same id.
    EventIdShared "event id shared" Events [Event];
    /// Terminal events that contradict themselves arrive, one every 2 ms, as many as the parameter, 1 to 500.
    EventStorm "contradictory events" Events [Event];
    /// An event of another call to another number arrives with this call's token.
    EventOfAnother "event for another number with our token" Events [Event];
    /// An event of yesterday's call is redelivered with a token that this call has too.
    EventOfYesterday "yesterday's event with our token" Events [Event];
    /// This delivery of the event is lost.
    EventLost "event lost" Events [Event];
    /// The event arrives twice.
    EventTwice "event twice" Events [Event];
    /// The call is answered at once, and its event arrives before the answer to the POST.
    EventEarly "event before the answer to the POST" Events [Post];

    /// Two intents have the same token.
    SharedToken "token shared" Program [Start];
    /// A program that would have a webhook has none, and the reverse.
    OtherWebhook "webhook the other way round" Program [Start];
    /// Options have extreme values. Each digit of the parameter in base 3 picks the value of one option; 0 is the
    /// default or a moderate value.
    ExtremeOptions "options at their extremes" Program [Start];
    /// The call goes to one of the numbers with a special outcome. The parameter picks it.
    Destination "destination" Program [Start];
    /// A list of calls has as many rows as the parameter, 1 to 200.
    ManyRows "list of many rows" Program [Start];
    /// A list of calls has 150 rows, and its options ask for a thousand requests a second.
    FastSet "set that is to be fast" Program [Start];
    /// A set is restored from a snapshot with extreme counts.
    ExtremeSnapshot "snapshot with extreme numbers" Program [Start];
    /// The driver polls the machine only when `next_wake` says so.
    LazyDriver "driver that goes by next_wake" Program [Start];
    /// The process crashes, and another one continues as many milliseconds later as the parameter, 100 to 20,000.
    Crash "crash" Program [Poll];
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
