//! Webhook deliveries to the program's receiver.
use super::TokioService;
use crate::{DeliveryOutcome, DeliveryTicket};
use http::{Request, Response};
use std::{future::poll_fn, time::Duration};
use tokio::time::{sleep, timeout};
use tower_service::Service;

impl TokioService {
    /// Delivers the events of every call with a `webhookUrl` to this receiver, which replaces an earlier one.
    ///
    /// An axum `Router` is such a receiver, with `axum::body::Body` for `B`. It sees the path of the webhook URL; the
    /// host is ignored. Each delivery has a task of its own, and takes the latency of the [`Faults`](crate::Faults)
    /// there and back. [`DeliveryFaults`](crate::DeliveryFaults) apply. An event that is not acknowledged is sent
    /// again, as [`DeliveryOptions`](crate::DeliveryOptions) say. An error of the receiver counts as no answer. A
    /// receiver that takes longer than the delivery timeout is not cancelled.
    ///
    /// # Panics
    /// Outside a tokio runtime with timers.
    ///
    /// ```
    /// use axum::{Router, body::Body, extract::Path, routing::post};
    /// # use byourside_proto::client::{Client, ClientOptions};
    /// # use byourside_proto::{Api, PlaceCall};
    /// use byourside_sim::{Faults, Service, TokioService};
    /// use tokio::sync::mpsc;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (orders, mut received) = mpsc::unbounded_channel();
    /// let receive = async move |Path(order): Path<String>| {
    ///     let _ = orders.send(order);
    /// };
    /// let app = Router::new().route("/hooks/{order}", post(receive));
    /// let service = TokioService::new(Service::new(7), Faults::default());
    /// service.deliver_to::<Body, _>(app);
    ///
    /// let call = PlaceCall::new("+14155550123", "Ask.")?.webhook_url("https://example.com/hooks/17")?;
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let client = Client::with_transport(api, ClientOptions::default(), service);
    /// client.place_call(&call).await?;
    /// assert_eq!(received.recv().await.as_deref(), Some("17"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn deliver_to<B, Out>(
        &self,
        receiver: impl Service<Request<B>, Response = Response<Out>, Future: Send, Error: Send> + Clone + Send + 'static,
    ) where
        B: From<Vec<u8>> + Send + 'static,
        Out: Send + 'static,
    {
        let task = tokio::spawn(self.clone().hand_out(receiver));
        let before = self.state().deliveries.replace(task.abort_handle());
        if let Some(before) = before {
            before.abort();
        }
    }

    async fn hand_out<B, Out, S>(self, receiver: S)
    where
        S: Service<Request<B>, Response = Response<Out>, Future: Send, Error: Send> + Clone + Send + 'static,
        B: From<Vec<u8>> + Send + 'static,
        Out: Send + 'static,
    {
        loop {
            while let Some((request, ticket, there)) = self.next_delivery() {
                tokio::spawn(
                    self.clone()
                        .deliver(receiver.clone(), request.map(B::from), ticket, there),
                );
            }
            let wake = self.state().service.next_wake();
            let changed = self.0.changed.notified();
            match wake {
                Some(wake) => drop(timeout(wake.since(self.now()), changed).await),
                None => changed.await,
            }
        }
    }

    /// The next delivery that is due, and its latency to the receiver.
    fn next_delivery(&self) -> Option<(Request<Vec<u8>>, DeliveryTicket, Duration)> {
        let now = self.now();
        let mut state = self.state();
        let (request, ticket) = state.service.poll_delivery(now)?;
        Some((request, ticket, state.plan.latency()))
    }

    async fn deliver<B, Out, S>(self, mut receiver: S, request: Request<B>, ticket: DeliveryTicket, there: Duration)
    where
        S: Service<Request<B>, Response = Response<Out>>,
    {
        sleep(there).await;
        let answer = match poll_fn(|context| receiver.poll_ready(context)).await {
            Ok(()) => receiver.call(request).await,
            Err(error) => Err(error),
        };
        let outcome = answer.map_or(DeliveryOutcome::NoAnswer, |response| {
            DeliveryOutcome::Answered(response.status())
        });
        let back = self.state().plan.latency();
        sleep(back).await;
        self.act(|service, now| service.delivered(now, ticket, outcome));
    }
}
