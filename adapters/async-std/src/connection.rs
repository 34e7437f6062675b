//! One HTTP/1.1 connection, driven by whoever waits for its answer: nothing is spawned.
use crate::{
    dial::Stream,
    pool::{Key, Pool},
};
use byourside_hyper::Outgoing;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::{
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
};
use smol_hyper::rt::FuturesIo;
use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll},
};

/// A connection that has no request under way.
pub(crate) struct Connection {
    requests: SendRequest<Outgoing>,
    driver: Driver,
}

/// What moves the bytes; `None` once it is done, and the connection with it. On the heap, because it is moved from hand to hand.
struct Driver(Option<Box<http1::Connection<FuturesIo<Stream>, Outgoing>>>);

/// The body of an answer. Read to its end, it gives the connection back.
pub(crate) struct Answer<'a> {
    body: Incoming,
    connection: Option<Connection>,
    home: (&'a Pool, Key),
}

impl Connection {
    pub(crate) async fn new(stream: Stream) -> hyper::Result<Self> {
        let (requests, driver) = http1::handshake(FuturesIo::new(stream)).await?;
        let driver = Driver(Some(Box::new(driver)));
        Ok(Self { requests, driver })
    }

    /// Whether it can take a request: it was not closed, and nothing came that was not asked for.
    pub(crate) async fn is_usable(&mut self) -> bool {
        poll_fn(|context| {
            self.driver.poll(context);
            Poll::Ready(self.driver.0.is_some() && self.requests.is_ready())
        })
        .await
    }

    /// Sends a request, and waits for the head of its answer.
    pub(crate) async fn send(
        mut self,
        request: Request<Outgoing>,
        home: (&Pool, Key),
    ) -> hyper::Result<Response<Answer<'_>>> {
        let mut response = pin!(self.requests.send_request(request));
        let response = poll_fn(|context| {
            self.driver.poll(context);
            response.as_mut().poll(context)
        })
        .await?;
        Ok(response.map(|body| Answer {
            body,
            connection: Some(self),
            home,
        }))
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
        if let Some(connection) = &mut this.connection {
            connection.driver.poll(context);
        }
        let polled = Pin::new(&mut this.body).poll_frame(context);
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
