//! The asynchronous client, for any runtime.
use super::{
    error::CallError,
    options::ClientOptions,
    setup::Setup,
    transport::{Connect, Transport},
};
use crate::{
    api::{Api, GetCall, ListCalls, PlaceCall},
    machine::{
        Error, Machine, drive,
        place::PlaceError,
        read::ReadOperation,
        reconcile::Reconciliation,
        wait::{CallWaiter, FinishedCall, WaitError, WaitOptions},
    },
    types::{BuildError, Call, CallId, Monotonic, Status},
};
use alloc::{string::String, sync::Arc, vec::Vec};

/// The client of the calling API, over any [`Transport`].
///
/// An adapter's `Client` is this type over the adapter's transport. Cloning is cheap; clones share the transport and so
/// its connections.
///
/// ```
/// use byourside_proto::{PlaceCall, client::{Client, Transport}};
///
/// // `T` is the adapter's: with `byourside_tokio::Client`, the function takes `&Client`.
/// async fn confirm<T: Transport>(client: &Client<T>) -> Result<(), Box<dyn std::error::Error>> {
///     let call = PlaceCall::new("+14155550123", "Confirm the appointment for tomorrow at 2 PM.")?;
///     let placed = client.place_call(&call).await?;
///     println!("placed as {:?}", placed.id());
///     if let Some(id) = placed.call_id() {
///         let finished = client.wait_for_call(&id).await?;
///         println!("{}", finished.call.summary().unwrap_or("no summary"));
///     }
///     Ok(())
/// }
/// ```
///
/// # Cancellation
///
/// Dropping a future of a client stops it, also in the middle of a request. A request that was sent is not taken back:
/// a dropped [`place_call`](Self::place_call) may have placed the call. To stop a wait and go on later, keep a
/// [`CallWaiter`] and [`run`](Self::run) it again.
#[derive(Debug)]
pub struct Client<T>(Arc<Inner<T>>);

#[derive(Debug)]
struct Inner<T> {
    setup: Setup,
    transport: T,
}

impl<T> Clone for Client<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Connect> Client<T> {
    /// Creates a client with this API key, the default base URL and the default options.
    ///
    /// # Errors
    /// [`BuildError`] if the key is invalid, or the transport cannot be created: see [`Connect::connect`].
    pub fn new(key: impl Into<String>) -> Result<Self, BuildError> {
        Self::with_options(Api::with_key(key)?, ClientOptions::default())
    }

    /// Creates a client from environment variables, with the default options.
    ///
    /// The API key is read from `BYOURSIDE_API_KEY`, and the base URL from `BYOURSIDE_BASE_URL` if that is set. The
    /// same variables with `VOXPLO_` instead of `BYOURSIDE_` work too: see [`Api::from_vars`].
    ///
    /// # Errors
    /// [`BuildError`] as for [`Api::from_vars`], or if the transport cannot be created: see [`Connect::connect`].
    pub fn from_env() -> Result<Self, BuildError> {
        Self::with_options(Api::from_vars(T::var)?, ClientOptions::default())
    }

    /// Creates a client with this base URL and key, and these options.
    ///
    /// # Errors
    /// [`BuildError`] if the transport cannot be created: see [`Connect::connect`].
    pub fn with_options(api: Api, options: ClientOptions) -> Result<Self, BuildError> {
        Ok(Self::with_transport(api, options, T::connect(&options)?))
    }
}

impl<T: Transport> Client<T> {
    /// Creates a client over a [`Transport`] of your own.
    #[must_use]
    pub fn with_transport(api: Api, options: ClientOptions, transport: T) -> Self {
        let setup = Setup { api, options };
        Self(Arc::new(Inner { setup, transport }))
    }

    /// Places a call, at most once. Returns the record, with the id, when the service has accepted the call: the call
    /// itself goes on after that.
    ///
    /// What was provably not placed is retried as [`ClientOptions::place`] says.
    ///
    /// # Errors
    /// [`PlaceError::NotPlaced`] if no phone rings: the call may be placed again. [`PlaceError::Unknown`] if a phone
    /// may be ringing: see [`reconcile`](Self::reconcile).
    pub async fn place_call(&self, call: &PlaceCall) -> Result<Call, PlaceError> {
        let mut placer = self.0.setup.placer(call, self.transport().seed(), self.now());
        self.run(&mut placer).await.into_result()
    }

    /// Reads the record of a call.
    ///
    /// Transient failures are retried as [`ClientOptions::read`] says.
    ///
    /// # Errors
    /// [`Error`]: the last failure, or one that a retry cannot change.
    pub async fn get_call(&self, id: &CallId) -> Result<Call, Error> {
        self.read(GetCall(id.clone())).await
    }

    /// Lists recent calls, most recent first.
    ///
    /// Transient failures are retried as [`ClientOptions::read`] says.
    ///
    /// # Errors
    /// [`Error`]: the last failure, or one that a retry cannot change.
    pub async fn list_calls(&self, list: &ListCalls) -> Result<Vec<Call>, Error> {
        self.read(list.clone()).await
    }

    /// Waits until a call has ended: until its status is terminal.
    ///
    /// Polls as [`ClientOptions::wait`] says: by default every 3 s, for at most 180 s. Transient failures are retried
    /// until the deadline, up to [`WaitOptions::max_failures`] in a row.
    ///
    /// # Errors
    /// [`WaitError`], with the id and the last record, if the wait ended before the call did. The call itself goes on.
    pub async fn wait_for_call(&self, id: &CallId) -> Result<FinishedCall, WaitError> {
        self.run(&mut self.waiter(id, self.options().wait)).await
    }

    /// Waits until a call has ended, with these options instead of the client's. `on_change` is called with each new
    /// status, the first one included.
    ///
    /// # Errors
    /// [`WaitError`], with the id and the last record, if the wait ended before the call did. The call itself goes on.
    pub async fn wait_for_call_with(
        &self,
        id: &CallId,
        options: WaitOptions,
        on_change: impl FnMut(&Status),
    ) -> Result<FinishedCall, WaitError> {
        self.run(&mut self.waiter(id, options).with_callback(on_change)).await
    }

    /// Places a call and waits until it has ended.
    ///
    /// # Errors
    /// [`CallError::Place`] as for [`place_call`](Self::place_call), or [`CallError::Wait`] as for
    /// [`wait_for_call`](Self::wait_for_call); in that case the call was placed, and the error has its id.
    ///
    /// ```
    /// use byourside_proto::{Field, FieldType, PlaceCall, client::{Client, Transport}};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Answer {
    ///     confirmed: Option<bool>,
    /// }
    ///
    /// async fn confirm(client: &Client<impl Transport>) -> Result<Option<bool>, Box<dyn std::error::Error>> {
    ///     let confirmed = Field { name: "confirmed".into(), kind: Some(FieldType::Boolean), description: None };
    ///     let call = PlaceCall::new("+14155550123", "Confirm the appointment.")?.fields(vec![confirmed])?;
    ///     let finished = client.place_and_wait(&call).await?;
    ///     Ok(finished.call.extracted_as::<Answer>()?.and_then(|answer| answer.confirmed))
    /// }
    /// ```
    pub async fn place_and_wait(&self, call: &PlaceCall) -> Result<FinishedCall, CallError> {
        self.place_and_wait_with(call, self.options().wait, |_status| {}).await
    }

    /// Places a call and waits until it has ended, with these wait options instead of the client's. `on_change` is
    /// called with each new status, the first one included.
    ///
    /// # Errors
    /// [`CallError`], as for [`place_and_wait`](Self::place_and_wait).
    pub async fn place_and_wait_with(
        &self,
        call: &PlaceCall,
        options: WaitOptions,
        on_change: impl FnMut(&Status),
    ) -> Result<FinishedCall, CallError> {
        let placed = self.place_call(call).await?;
        let id = placed.call_id().ok_or(BuildError::InvalidCallId)?;
        Ok(self.wait_for_call_with(&id, options, on_change).await?)
    }

    /// Finds out what became of a call whose placement is [`Unknown`](crate::machine::place::Unknown). Sends GETs only.
    ///
    /// `known` are the ids of calls that existed before this one was placed, as far as you know them. They are not
    /// taken for this call: see [`Reconciler::known`](crate::machine::reconcile::Reconciler::known).
    ///
    /// ```
    /// use byourside_proto::{Call, CallId, PlaceCall, client::{Client, Transport}};
    /// use byourside_proto::machine::{place::PlaceError, reconcile::Reconciliation};
    ///
    /// async fn place<T: Transport>(
    ///     client: &Client<T>,
    ///     call: &PlaceCall,
    ///     before: Vec<CallId>,
    /// ) -> Result<Option<Call>, PlaceError> {
    ///     match client.place_call(call).await {
    ///         Err(PlaceError::Unknown(_)) => match client.reconcile(call, before).await {
    ///             Reconciliation::Found(call) => Ok(Some(call)),
    ///             Reconciliation::Absent => Ok(None), // probably not placed; a delayed request can still arrive
    ///             Reconciliation::Ambiguous { .. } => panic!("ask a person"),
    ///         },
    ///         placed => placed.map(Some),
    ///     }
    /// }
    /// ```
    pub async fn reconcile(&self, call: &PlaceCall, known: impl IntoIterator<Item = CallId>) -> Reconciliation {
        let reconciler = self.0.setup.reconciler(call, self.transport().seed(), self.now());
        self.run(&mut reconciler.known(known)).await
    }

    /// Runs a machine of your own to its end.
    ///
    /// Dropping the future leaves the machine as it is; run it again to go on. If a request was in flight then, its
    /// answer is lost and the machine goes on after the attempt timeout.
    ///
    /// ```
    /// use byourside_proto::{CallId, client::{Client, Transport}};
    /// use byourside_proto::machine::wait::{CallWaiter, FinishedCall, WaitError, WaitOptions};
    /// use std::time::Duration;
    ///
    /// async fn wait(client: &Client<impl Transport>, id: CallId) -> Result<FinishedCall, WaitError> {
    ///     let mut waiter = CallWaiter::new(client.api(), id, WaitOptions::default(), client.now());
    ///     match client.run(&mut waiter).await {
    ///         // The machine keeps what it knows: extended, it goes on.
    ///         Err(_) if waiter.extend(client.now(), Duration::from_secs(600)) => client.run(&mut waiter).await,
    ///         result => result,
    ///     }
    /// }
    /// ```
    pub async fn run<M: Machine>(&self, machine: &mut M) -> M::Output {
        let transport = self.transport();
        drive(
            machine,
            |request, timeout| transport.send(request, timeout),
            |duration| transport.sleep(duration),
            || transport.now(),
        )
        .await
    }

    /// The options of this client. Copy and change them where one call needs others.
    #[must_use]
    pub fn options(&self) -> &ClientOptions {
        &self.0.setup.options
    }

    /// The base URL and API key, for machines and requests of your own.
    #[must_use]
    pub fn api(&self) -> Api {
        self.0.setup.api.clone()
    }

    /// The time on the transport's clock, for machines of your own.
    #[must_use]
    pub fn now(&self) -> Monotonic {
        self.transport().now()
    }

    /// The transport that sends the requests.
    #[must_use]
    pub fn transport(&self) -> &T {
        &self.0.transport
    }

    pub(super) fn waiter(&self, id: &CallId, options: WaitOptions) -> CallWaiter {
        self.0.setup.waiter(id, options, self.transport().seed(), self.now())
    }

    async fn read<O: ReadOperation>(&self, operation: O) -> Result<O::Answer, Error> {
        let mut reader = self.0.setup.reader(operation, self.transport().seed(), self.now());
        self.run(&mut reader).await
    }
}
