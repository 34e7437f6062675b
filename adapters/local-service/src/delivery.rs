//! One attempt to deliver a webhook event, for logs.
use byourside_sim::{DeliveryOutcome, DeliveryTicket};
use std::fmt;

/// One attempt to deliver a webhook event, and its outcome. It holds no body, signature or address, so it is safe to
/// log. It prints as one line.
///
/// ```
/// use byourside_local_service::LocalService;
/// use byourside_sim::DeliveryOutcome;
/// use std::{io::{Read, Write}, net::TcpStream, sync::mpsc};
///
/// let (log, told) = mpsc::channel();
/// let builder = LocalService::builder().speed(1000.0);
/// let service = builder.on_delivery(move |delivery| { let _ = log.send(delivery.clone()); }).start()?;
/// let order = r#"{"to":"+14155550103","objective":"Ask.","webhookUrl":"https://example.com/"}"#;
/// let mut stream = TcpStream::connect(service.addr())?;
/// write!(stream, "POST /v1/agent/calls HTTP/1.1\r\nauthorization: Bearer bys_ak_example\r\nconnection: close\r\n")?;
/// write!(stream, "content-length: {}\r\n\r\n{order}", order.len())?;
/// stream.read_to_end(&mut Vec::new())?;
///
/// let delivery = told.recv()?;
/// assert_eq!((delivery.event(), delivery.attempt()), ("call.declined", 1));
/// // The URL is not on a loopback host.
/// assert_eq!(delivery.outcome(), DeliveryOutcome::NoAnswer);
/// assert_eq!((delivery.event_id().len(), delivery.call_id().len()), (36, 36));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    event: &'static str,
    event_id: String,
    call_id: String,
    attempt: u32,
    outcome: DeliveryOutcome,
}

impl Delivery {
    pub(crate) fn of(ticket: &DeliveryTicket, outcome: DeliveryOutcome) -> Self {
        Self {
            event: ticket.event(),
            event_id: ticket.event_id(),
            call_id: ticket.call_id().as_str().to_owned(),
            attempt: ticket.attempt(),
            outcome,
        }
    }

    /// The event's kind, such as `call.completed`.
    #[must_use]
    pub fn event(&self) -> &'static str {
        self.event
    }

    /// The event's id, which is the same for every attempt.
    #[must_use]
    pub fn event_id(&self) -> &str {
        &self.event_id
    }

    /// The call's id.
    #[must_use]
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// The number of the attempt, from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The outcome. An event that is not acknowledged is sent again.
    #[must_use]
    pub fn outcome(&self) -> DeliveryOutcome {
        self.outcome
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            event,
            event_id,
            call_id,
            attempt,
            ..
        } = self;
        write!(f, "webhook {event} {event_id} of call {call_id}, attempt {attempt}: ")?;
        match self.outcome {
            DeliveryOutcome::Answered(status) => write!(f, "{}", status.as_u16()),
            DeliveryOutcome::NoAnswer => f.write_str("no answer"),
            DeliveryOutcome::Lost => f.write_str("lost"),
        }
    }
}
