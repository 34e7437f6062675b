//! The client on any runtime.
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

/// The client of the calling API. Cloning it is cheap, and clones share their transport.
///
/// Dropping a future of a client abandons what it was waiting for; it does not take back what was sent. To stop
/// waiting and go on later, keep a [`CallWaiter`] and [`run`](Self::run) it.
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
    /// A client of the service with this key.
    ///
    /// # Errors
    /// [`BuildError`] if the key cannot be one, or the transport cannot be made.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # type Client = byourside_proto::client::Client<scripted::Scripted>;
    /// let client = Client::new("bys_ak_example")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(key: impl Into<String>) -> Result<Self, BuildError> {
        Self::with_options(Api::with_key(key)?, ClientOptions::default())
    }

    /// A client with the key of `BYOURSIDE_API_KEY` and, if it is set, the base URL of `BYOURSIDE_BASE_URL`; with
    /// `VOXPLO_` in place of `BYOURSIDE_` it is the same, see [`Api::from_vars`].
    ///
    /// # Errors
    /// [`BuildError`] as for [`Api::from_vars`], or if the transport cannot be made.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # type Client = byourside_proto::client::Client<scripted::Scripted>;
    /// let client = Client::from_env()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_env() -> Result<Self, BuildError> {
        Self::with_options(Api::from_vars(T::var)?, ClientOptions::default())
    }

    /// A client of this service, set up in this way.
    ///
    /// # Errors
    /// [`BuildError`] if the transport cannot be made.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # type Client = byourside_proto::client::Client<scripted::Scripted>;
    /// use byourside_proto::{Api, ApiKey, BaseUrl, machine::wait::WaitOptions, client::ClientOptions};
    ///
    /// let api = Api::new(BaseUrl::new("http://127.0.0.1:8787")?, ApiKey::new("bys_ak_example")?);
    /// let wait = WaitOptions { timeout: std::time::Duration::from_secs(600), ..WaitOptions::default() };
    /// let client = Client::with_options(api, ClientOptions { wait, ..ClientOptions::default() })?;
    /// assert_eq!(client.options().wait.timeout.as_secs(), 600);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_options(api: Api, options: ClientOptions) -> Result<Self, BuildError> {
        Ok(Self::with_transport(api, options, T::connect(&options)?))
    }
}

impl<T: Transport> Client<T> {
    /// A client over a transport of one's own.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # type Client = byourside_proto::client::Client<scripted::Scripted>;
    /// # use scripted::Scripted as MyTransport;
    /// use byourside_proto::{Api, client::ClientOptions};
    ///
    /// let api = Api::with_key("bys_ak_example")?;
    /// let client = Client::with_transport(api, ClientOptions::default(), MyTransport::default());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_transport(api: Api, options: ClientOptions, transport: T) -> Self {
        let setup = Setup { api, options };
        Self(Arc::new(Inner { setup, transport }))
    }

    /// Places a call, at most once. It returns when the service has taken it, not when it ends.
    ///
    /// # Errors
    /// [`PlaceError`], which keeps *not placed* and *unknown* apart: only after the former may it be placed again.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([(201, r#"{"callId":"c1","status":"queued"}"#)]);
    /// # scripted::block_on(async {
    /// use byourside_proto::PlaceCall;
    ///
    /// let call = PlaceCall::new("+14155550123", "Confirm the appointment.")?;
    /// let placed = client.place_call(&call).await?;
    /// assert_eq!(placed.id(), Some("c1"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn place_call(&self, call: &PlaceCall) -> Result<Call, PlaceError> {
        let mut placer = self.0.setup.placer(call, self.transport().seed(), self.now());
        self.run(&mut placer).await.into_result()
    }

    /// Reads the record of a call.
    ///
    /// # Errors
    /// [`Error`]; what passes is tried again first, as the options say.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([(503, ""), (200, r#"{"id":"c1","status":"completed","summary":"Confirmed."}"#)]);
    /// # scripted::block_on(async {
    /// use byourside_proto::CallId;
    ///
    /// let call = client.get_call(&CallId::new("c1")?).await?;
    /// assert_eq!(call.summary(), Some("Confirmed."));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn get_call(&self, id: &CallId) -> Result<Call, Error> {
        self.read(GetCall(id.clone())).await
    }

    /// Lists recent calls, most recent first.
    ///
    /// # Errors
    /// [`Error`]; what passes is tried again first, as the options say.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([(200, r#"{"calls":[{"callId":"c1","status":"queued"}]}"#)]);
    /// # scripted::block_on(async {
    /// use byourside_proto::ListCalls;
    ///
    /// let calls = client.list_calls(&ListCalls::new(100)).await?;
    /// assert_eq!(calls.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn list_calls(&self, list: &ListCalls) -> Result<Vec<Call>, Error> {
        self.read(list.clone()).await
    }

    /// Waits until a call has ended.
    ///
    /// # Errors
    /// [`WaitError`], with the last record read. The call itself may go on.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([(200, r#"{"id":"c1","status":"in_progress"}"#), (200, r#"{"id":"c1","status":"completed","summary":"Confirmed."}"#)]);
    /// # scripted::block_on(async {
    /// use byourside_proto::CallId;
    ///
    /// let ended = client.wait_for_call(&CallId::new("c1")?).await?;
    /// assert_eq!(ended.call.summary(), Some("Confirmed."));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn wait_for_call(&self, id: &CallId) -> Result<FinishedCall, WaitError> {
        self.run(&mut self.waiter(id, self.options().wait)).await
    }

    /// Waits until a call has ended, calling `on_change` with each status as it comes, the first one included.
    ///
    /// # Errors
    /// [`WaitError`], with the last record read. The call itself may go on.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([(200, r#"{"id":"c1","status":"in_progress"}"#), (200, r#"{"id":"c1","status":"completed","summary":"Confirmed."}"#)]);
    /// # scripted::block_on(async {
    /// use byourside_proto::{CallId, Status, machine::wait::WaitOptions};
    /// use std::time::Duration;
    ///
    /// let mut seen = Vec::new();
    /// let options = WaitOptions { timeout: Duration::from_secs(600), ..client.options().wait };
    /// client.wait_for_call_with(&CallId::new("c1")?, options, |status| seen.push(status.clone())).await?;
    /// assert_eq!(seen, [Status::InProgress, Status::Completed]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    /// [`CallError`]. Where the call was placed and its end was not seen, the error names the call.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([(201, r#"{"callId":"c1","status":"queued"}"#), (200, r#"{"id":"c1","status":"completed","extracted":{"confirmed":true}}"#)]);
    /// # scripted::block_on(async {
    /// use byourside_proto::{Field, FieldType, PlaceCall};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Extracted {
    ///     confirmed: Option<bool>,
    /// }
    ///
    /// let call = PlaceCall::new("+14155550123", "Confirm the appointment.")?
    ///     .fields(vec![Field { name: "confirmed".into(), kind: Some(FieldType::Boolean), description: None }])?;
    /// let ended = client.place_and_wait(&call).await?;
    /// let extracted: Option<Extracted> = ended.call.extracted_as()?;
    /// assert_eq!(extracted.and_then(|extracted| extracted.confirmed), Some(true));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn place_and_wait(&self, call: &PlaceCall) -> Result<FinishedCall, CallError> {
        self.place_and_wait_with(call, self.options().wait, |_status| {}).await
    }

    /// Places a call and waits until it has ended, in this way, calling `on_change` with each status as it comes.
    ///
    /// # Errors
    /// [`CallError`]. Where the call was placed and its end was not seen, the error names the call.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([(201, r#"{"callId":"c1","status":"queued"}"#), (200, r#"{"id":"c1","status":"in_progress"}"#), (200, r#"{"id":"c1","status":"completed","summary":"Confirmed."}"#)]);
    /// # scripted::block_on(async {
    /// use byourside_proto::{PlaceCall, Status};
    ///
    /// let call = PlaceCall::new("+14155550123", "Confirm the appointment.")?;
    /// let mut seen = Vec::new();
    /// let options = client.options().wait;
    /// client.place_and_wait_with(&call, options, |status| seen.push(status.clone())).await?;
    /// assert_eq!(seen, [Status::InProgress, Status::Completed]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// Finds out what became of a call whose placing was [`Unknown`](crate::machine::place::Unknown), with nothing but reads. `known`
    /// are the calls that were there before, as far as they are known: see [`Reconciler::known`](crate::machine::reconcile::Reconciler::known).
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([
    /// #     (500, ""),
    /// #     (200, r#"{"calls":[{"callId":"c1","status":"queued","to":"+14155550123","objective":"Ask."}]}"#),
    /// # ]);
    /// # scripted::block_on(async {
    /// use byourside_proto::{PlaceCall, machine::{place::PlaceError, reconcile::Reconciliation}};
    ///
    /// let call = PlaceCall::new("+14155550123", "Ask.")?;
    /// if let Err(PlaceError::Unknown(_)) = client.place_call(&call).await {
    ///     match client.reconcile(&call, []).await {
    ///         Reconciliation::Found(call) => println!("a phone rings: {call:?}"),
    ///         Reconciliation::Absent => println!("it may be placed again"),
    ///         Reconciliation::Ambiguous { .. } => println!("a person should look"),
    ///     }
    /// }
    /// # assert_eq!(client.transport().requests().len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn reconcile(&self, call: &PlaceCall, known: impl IntoIterator<Item = CallId>) -> Reconciliation {
        let reconciler = self.0.setup.reconciler(call, self.transport().seed(), self.now());
        self.run(&mut reconciler.known(known)).await
    }

    /// Runs a machine of one's own to its end. Dropping the future leaves the machine as it is, to be run again.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([(200, r#"{"id":"c1","status":"completed","summary":"Confirmed."}"#)]);
    /// # scripted::block_on(async {
    /// use byourside_proto::{CallId, machine::wait::{CallWaiter, WaitOptions}};
    ///
    /// let mut waiter = CallWaiter::new(client.api(), CallId::new("c1")?, WaitOptions::default(), client.now());
    /// let ended = client.run(&mut waiter).await?;
    /// assert_eq!(ended.counts.polls, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
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

    /// How this client goes about it, to start from where one call needs something else.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([]);
    /// assert_eq!(client.options().wait.timeout.as_secs(), 180);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn options(&self) -> &ClientOptions {
        &self.0.setup.options
    }

    /// The service and key, for machines of one's own.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([]);
    /// use byourside_proto::{ListCalls, Operation};
    ///
    /// let request = ListCalls::default().request(&client.api());
    /// assert_eq!(request.uri().path(), "/v1/agent/calls");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn api(&self) -> Api {
        self.0.setup.api.clone()
    }

    /// The time by the transport's clock, for machines of one's own.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([]);
    /// assert_eq!(client.now(), byourside_proto::Monotonic::ORIGIN);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn now(&self) -> Monotonic {
        self.transport().now()
    }

    /// What carries the requests.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([]);
    /// assert!(client.transport().requests().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
