//! The inbox of a webhook receiver: verifies deliveries and hands each event on once.
use crate::{log, refused};
use byourside_proto::{
    UnixTime,
    webhook::{Deduplicator, Event, Refusal, SIGNATURE_HEADER, Verifier},
};
use http::{HeaderMap, Request, StatusCode};
use std::{
    sync::{
        Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    time::Duration,
};

/// The longest body that a receiver reads, in bytes. The transcript of an hour is far shorter.
pub const MAX_BODY: usize = 4 * 1024 * 1024;

/// The timeout for a whole delivery to arrive.
pub const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// How many event ids are remembered to recognise retries.
const REMEMBERED: usize = 100_000;

/// How many characters of a kind or an id are shown. Those of the service are shorter.
const LONGEST_SHOWN: usize = 64;

/// Verifies deliveries and hands each event on once, so that the service is answered before the event is processed.
#[derive(Debug)]
pub struct Inbox {
    seen: Mutex<Deduplicator>,
    events: SyncSender<Event>,
    tally: Mutex<Tally>,
}

/// Counts of the events so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Events that were handed on.
    pub new: u64,
    /// Repeated events.
    pub repeated: u64,
    /// Events for which the inbox had no room.
    pub full: u64,
}

/// The result of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The event is handed on.
    New,
    /// The event was handed on before.
    Repeated,
    /// The reader is behind or gone. The event counts as not seen.
    Full,
}

impl Taken {
    /// The status to answer with. A repeated event is acknowledged, or it would be sent again; an event without room is
    /// not.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::New | Self::Repeated => StatusCode::OK,
            Self::Full => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl Inbox {
    /// An inbox, and the receiving end, where up to `room` events wait to be processed.
    #[must_use]
    pub fn new(room: usize) -> (Self, Receiver<Event>) {
        let (events, other_end) = sync_channel(room);
        let seen = Mutex::new(Deduplicator::new(REMEMBERED));
        let tally = Mutex::default();
        (Self { seen, events, tally }, other_end)
    }

    /// Handles a whole delivery, and returns the status to answer with. `received` is the time at which it arrived.
    pub fn receive<B: AsRef<[u8]>>(&self, verifier: &Verifier, request: &Request<B>, received: UnixTime) -> StatusCode {
        let delivery = match verifier.verify_request(request, received) {
            Ok(delivery) => delivery,
            Err(refusal) => return refused(refusal),
        };
        match delivery.event() {
            Ok(event) => self.take(event).status(),
            Err(error) => {
                // Signed by the service, but not an event: a retry would bring the same bytes.
                log(error);
                StatusCode::OK
            }
        }
    }

    /// Counts of the events so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        *self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands an event on, without waiting for the reader.
    pub fn take(&self, event: Event) -> Taken {
        let taken = self.taken(event);
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        match taken {
            Taken::New => tally.new += 1,
            Taken::Repeated => tally.repeated += 1,
            Taken::Full => tally.full += 1,
        }
        taken
    }

    fn taken(&self, event: Event) -> Taken {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let id = event.event_id().map(str::to_owned);
        if id.as_deref().is_some_and(|id| seen.contains(id)) {
            return Taken::Repeated;
        }
        if self.events.try_send(event).is_err() {
            return Taken::Full;
        }
        if let Some(id) = id {
            seen.first_time(&id);
        }
        Taken::New
    }
}

/// Checks the headers of a request before its body is read, so that a request that would be refused anyway costs no
/// time.
///
/// # Errors
/// As for [`Verifier::check_header`], and if there is no signature header.
pub fn worth_reading(verifier: &Verifier, headers: &HeaderMap, received: UnixTime) -> Result<(), Refusal> {
    let header = headers.get(SIGNATURE_HEADER).ok_or(Refusal::NoHeader)?;
    verifier.check_header(header, received)
}

/// An event as one short line for a log, without phone numbers, transcripts or characters that could forge a line.
#[must_use]
pub fn line(event: &Event) -> String {
    format!(
        "{} call {} event {}",
        shown(event.kind().as_str()),
        shown(event.call_id().unwrap_or("-")),
        shown(event.event_id().unwrap_or("-"))
    )
}

/// A text that is too long for a line is cut and marked.
fn shown(text: &str) -> String {
    let mut characters = text.chars();
    let mut shown: String = characters
        .by_ref()
        .take(LONGEST_SHOWN)
        .flat_map(char::escape_debug)
        .collect();
    if characters.next().is_some() {
        shown.push_str("...");
    }
    shown
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use byourside_proto::{
        UnixTime,
        webhook::{Signer, Verifier, WebhookSecret},
    };

    pub(crate) fn event(body: &str) -> Event {
        let (secret, now) = (WebhookSecret::new("k").unwrap(), UnixTime::new(1));
        let header = Signer::new(secret.clone()).sign(now, body.as_bytes());
        let delivery = Verifier::new(secret);
        delivery.verify(header, body.as_bytes(), now).unwrap().event().unwrap()
    }

    fn numbered(id: u32) -> Event {
        event(&format!(r#"{{"event":"call.failed","eventId":"e{id}"}}"#))
    }

    #[test]
    fn event_is_handed_on_once() {
        let (inbox, events) = Inbox::new(10);
        assert_eq!(
            [1, 2, 1].map(|id| inbox.take(numbered(id))),
            [Taken::New, Taken::New, Taken::Repeated]
        );
        assert_eq!(events.try_iter().count(), 2);
        let expected = Tally {
            new: 2,
            repeated: 1,
            full: 0,
        };
        assert_eq!(inbox.tally(), expected);
    }

    #[test]
    fn event_that_found_no_room_is_taken_the_next_time() {
        let (inbox, events) = Inbox::new(1);
        assert_eq!([1, 2].map(|id| inbox.take(numbered(id))), [Taken::New, Taken::Full]);
        assert!(events.try_recv().is_ok());
        assert_eq!(inbox.take(numbered(2)), Taken::New);
    }

    #[test]
    fn inbox_without_a_reader_acknowledges_nothing() {
        let (inbox, events) = Inbox::new(1);
        drop(events);
        assert_eq!(inbox.take(numbered(1)), Taken::Full);
    }

    #[test]
    fn events_without_an_id_are_all_handed_on() {
        let (inbox, events) = Inbox::new(10);
        for _ in 0..2 {
            assert_eq!(inbox.take(event(r#"{"event":"call.failed"}"#)), Taken::New);
        }
        assert_eq!(events.try_iter().count(), 2);
    }

    #[test]
    fn log_line_shows_no_number_and_stays_one_line() {
        let shown = line(&event(
            r#"{"event":"call.failed\ncall.completed","callId":"c\u001b[2J","eventId":"e1","to":"+14155550123"}"#,
        ));
        assert_eq!(shown, r"call.failed\ncall.completed call c\u{1b}[2J event e1");
    }

    #[test]
    fn log_line_is_short_whatever_the_ids_are() {
        let id = "\u{1b}".repeat(1000);
        let shown = line(&event(
            &serde_json::json!({"event": id, "callId": id, "eventId": "e".repeat(64)}).to_string(),
        ));
        let cut = r"\u{1b}".repeat(64) + "...";
        assert_eq!(shown, format!("{cut} call {cut} event {}", "e".repeat(64)));
    }
}
