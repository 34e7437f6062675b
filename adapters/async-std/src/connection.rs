//! One HTTP/1.1 connection, driven by whoever waits for its answer: nothing is spawned.
use crate::{
    dial::Stream,
    pool::{Key, Pool},
    wire::Wire,
};
use byourside_hyper::{Relay, TrackedBody};
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::{
    body::{Bytes, Incoming},
    client::conn::{
        TrySendError,
        http1::{self, SendRequest},
    },
};
use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll},
};

/// A connection that has no request under way.
pub(crate) struct Connection {
    requests: SendRequest<TrackedBody>,
    driver: Driver,
    /// It goes from task to task, and its driver and what it drives wake each other.
    relay: Relay,
    /// What its wire has news through.
    wire: Relay,
}

/// What moves the bytes; `None` once it is done, and the connection with it. On the heap, because it is moved from hand to hand.
struct Driver(Option<Box<http1::Connection<Wire, TrackedBody>>>);

/// The body of an answer. Read to its end, it gives the connection back.
pub(crate) struct Answer<'a> {
    body: Incoming,
    connection: Option<Connection>,
    home: (&'a Pool, Key),
}

impl Connection {
    pub(crate) async fn new(stream: Stream) -> hyper::Result<Self> {
        let wire = Relay::default();
        let (requests, driver) = http1::handshake(Wire::new(stream, wire.clone())).await?;
        let driver = Driver(Some(Box::new(driver)));
        let relay = Relay::default();
        Ok(Self {
            requests,
            driver,
            relay,
            wire,
        })
    }

    /// Sends a request, and waits for the head of its answer.
    ///
    /// # Errors
    /// hyper's, with the request where the connection was closed before any of it was taken.
    pub(crate) async fn send(
        mut self,
        request: Request<TrackedBody>,
        home: (&Pool, Key),
    ) -> Result<Response<Answer<'_>>, TrySendError<Request<TrackedBody>>> {
        // It may have been closed while nobody looked, and the reactor has not told yet.
        self.wire.stir();
        if !self.requests.is_ready() {
            self.settle().await;
        }
        let mut response = pin!(self.requests.try_send_request(request));
        let response = poll_fn(|context| {
            self.relay.poll(context, |context| {
                self.driver.poll(context);
                response.as_mut().poll(context)
            })
        })
        .await?;
        Ok(response.map(|body| Answer {
            body,
            connection: Some(self),
            home,
        }))
    }

    /// Does what is left to do after an answer, as far as it can be done now.
    async fn settle(&mut self) {
        poll_fn(|context| {
            self.relay.poll(context, |context| {
                self.driver.poll(context);
                Poll::Ready(())
            })
        })
        .await;
    }
}

impl Driver {
    fn poll(&mut self, context: &mut Context<'_>) {
        if let Some(driver) = &mut self.0
            && Pin::new(&mut **driver).poll(context).is_ready()
        {
            // Whoever waits for an answer is told of an error by hyper.
            self.0 = None;
        }
    }
}

impl Body for Answer<'_> {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = &mut *self;
        let Some(Connection { driver, relay, .. }) = &mut this.connection else {
            return Poll::Ready(None);
        };
        let mut body = Pin::new(&mut this.body);
        let polled = relay.poll(context, |context| {
            let there = body.as_mut().poll_frame(context);
            if there.is_ready() {
                return there;
            }
            driver.poll(context);
            body.as_mut().poll_frame(context)
        });
        if let Poll::Ready(None) = polled
            && let Some(connection) = this.connection.take()
            && connection.driver.0.is_some()
        {
            let (pool, key) = &this.home;
            pool.put(key.clone(), connection);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
