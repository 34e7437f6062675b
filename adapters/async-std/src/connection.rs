//! One HTTP/1.1 connection, driven by the future that waits for its response: nothing is spawned.
use crate::{
    dial::Stream,
    hyper_io::HyperIo,
    pool::{Key, Pool},
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

/// A connection without a request in flight.
pub(crate) struct Connection {
    requests: SendRequest<TrackedBody>,
    driver: Driver,
    /// The connection moves from task to task, and the driver and the response wake each other.
    relay: Relay,
    /// Woken when the stream is readable.
    readable: Relay,
}

/// hyper's connection future, which moves the bytes; `None` once the connection is closed. Boxed, because it is moved
/// often.
struct Driver(Option<Box<http1::Connection<HyperIo, TrackedBody>>>);

/// A response body. When it was read to its end, its connection goes back to the pool.
pub(crate) struct PooledBody<'a> {
    body: Incoming,
    connection: Option<Connection>,
    pool: (&'a Pool, Key),
}

impl Connection {
    pub(crate) async fn new(stream: Stream) -> hyper::Result<Self> {
        let readable = Relay::default();
        let (requests, driver) = http1::handshake(HyperIo::new(stream, readable.clone())).await?;
        let driver = Driver(Some(Box::new(driver)));
        let relay = Relay::default();
        Ok(Self {
            requests,
            driver,
            relay,
            readable,
        })
    }

    /// Sends a request, and waits for the head of its response.
    ///
    /// # Errors
    /// hyper's error, with the request if the connection was closed before it took any of it.
    pub(crate) async fn send(
        mut self,
        request: Request<TrackedBody>,
        pool: (&Pool, Key),
    ) -> Result<Response<PooledBody<'_>>, TrySendError<Request<TrackedBody>>> {
        // The connection may have been closed while it was idle, and the reactor may not have reported it yet.
        self.readable.stir();
        if !self.requests.is_ready() {
            self.drive_once().await;
        }
        let mut response = pin!(self.requests.try_send_request(request));
        let response = poll_fn(|context| {
            self.relay.poll(context, |context| {
                self.driver.poll(context);
                response.as_mut().poll(context)
            })
        })
        .await?;
        Ok(response.map(|body| PooledBody {
            body,
            connection: Some(self),
            pool,
        }))
    }

    /// Polls the driver once: it finishes what is left to do after the last response.
    async fn drive_once(&mut self) {
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
            // hyper reports an error of the driver to the response future.
            self.0 = None;
        }
    }
}

impl Body for PooledBody<'_> {
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
            let ready = body.as_mut().poll_frame(context);
            if ready.is_ready() {
                return ready;
            }
            driver.poll(context);
            body.as_mut().poll_frame(context)
        });
        if let Poll::Ready(None) = polled
            && let Some(connection) = this.connection.take()
            && connection.driver.0.is_some()
        {
            let (pool, key) = &this.pool;
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
