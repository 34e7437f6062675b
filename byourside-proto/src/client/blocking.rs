//! The client that blocks the current thread.
mod transport;

pub use transport::{Connect, Transport};

use super::{ClientOptions, setup::Setup};
use crate::{
    Api, ApiKey, BaseUrl, BuildError, Call, CallError, CallId, CallWaiter, Ended, Error, GetCall, ListCalls, Machine,
    Monotonic, PlaceCall, PlaceError, ReadOperation, Status, WaitError, WaitOptions, drive_blocking,
};
use alloc::{string::String, sync::Arc, vec::Vec};

/// The client of the calling API. Cloning it is cheap, and clones share their transport.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
/// # use byourside_proto::{ApiKey, Api, BaseUrl, CallId, GetCall, ListCalls, PlaceCall, ReadOptions, Reader, Status, WaitOptions, client::blocking::Client};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let client = Client::<Scripted>::new("bys_ak_example")?;
/// let call = PlaceCall::new("+14155550123", "Confirm the appointment.")?;
/// let ended = client.place_and_wait(&call)?;
/// assert_eq!(ended.call.summary(), Some("Confirmed."));
/// # Ok(()) }
/// ```
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
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::{ApiKey, Api, BaseUrl, CallId, GetCall, ListCalls, PlaceCall, ReadOptions, Reader, Status, WaitOptions, client::blocking::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Client::<Scripted>::new("bys_ak_example")?;
    /// # Ok(()) }
    /// ```
    pub fn new(key: impl Into<String>) -> Result<Self, BuildError> {
        Self::with_options(
            Api::new(BaseUrl::default(), ApiKey::new(key)?),
            ClientOptions::default(),
        )
    }

    /// A client with key and base URL from the environment: see [`Api::from_vars`].
    ///
    /// # Errors
    /// [`BuildError`] as for [`Api::from_vars`], or if the transport cannot be made.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::{ApiKey, Api, BaseUrl, CallId, GetCall, ListCalls, PlaceCall, ReadOptions, Reader, Status, WaitOptions, client::blocking::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// // With BYOURSIDE_API_KEY set.
    /// let client = Client::<Scripted>::from_env()?;
    /// # Ok(()) }
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
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::{ApiKey, Api, BaseUrl, CallId, GetCall, ListCalls, PlaceCall, ReadOptions, Reader, Status, WaitOptions, client::blocking::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let api = Api::new(BaseUrl::new("http://127.0.0.1:8787")?, ApiKey::new("bys_ak_example")?);
    /// let client = Client::<Scripted>::with_options(api, client::ClientOptions::default())?;
    /// # Ok(()) }
    /// ```
    pub fn with_options(api: Api, options: ClientOptions) -> Result<Self, BuildError> {
        Ok(Self::with_transport(api, options, T::connect(&options)?))
    }
}

impl<T: Transport> Client<T> {
    /// A client over a transport of one's own.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::{ApiKey, Api, BaseUrl, CallId, GetCall, ListCalls, PlaceCall, ReadOptions, Reader, Status, WaitOptions, client::blocking::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_example")?);
    /// let client = Client::with_transport(api, client::ClientOptions::default(), Scripted);
    /// # Ok(()) }
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
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::{ApiKey, Api, BaseUrl, CallId, GetCall, ListCalls, PlaceCall, ReadOptions, Reader, Status, WaitOptions, client::blocking::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::<Scripted>::new("bys_ak_example")?;
    /// let call = PlaceCall::new("+14155550123", "Confirm the appointment.")?;
    /// let placed = client.place_call(&call)?;
    /// assert_eq!(placed.id(), Some("c1"));
    /// # Ok(()) }
    /// ```
    pub fn place_call(&self, call: &PlaceCall) -> Result<Call, PlaceError> {
        let mut placer = self.0.setup.placer(call, self.transport().seed(), self.now());
        self.run(&mut placer).into_result()
    }

    /// Reads the record of a call.
    ///
    /// # Errors
    /// [`Error`]; what passes is tried again first, as the options say.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::{ApiKey, Api, BaseUrl, CallId, GetCall, ListCalls, PlaceCall, ReadOptions, Reader, Status, WaitOptions, client::blocking::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::<Scripted>::new("bys_ak_example")?;
    /// let call = client.get_call(&CallId::new("c1")?)?;
    /// assert_eq!(call.status(), Some(Status::Completed));
    /// # Ok(()) }
    /// ```
    pub fn get_call(&self, id: &CallId) -> Result<Call, Error> {
        self.read(GetCall(id.clone()))
    }

    /// Lists recent calls, most recent first.
    ///
    /// # Errors
    /// [`Error`]; what passes is tried again first, as the options say.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::{ApiKey, Api, BaseUrl, CallId, GetCall, ListCalls, PlaceCall, ReadOptions, Reader, Status, WaitOptions, client::blocking::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::<Scripted>::new("bys_ak_example")?;
    /// let calls = client.list_calls(&ListCalls::new(5))?;
    /// assert_eq!(calls.len(), 1);
    /// # Ok(()) }
    /// ```
    pub fn list_calls(&self, list: &ListCalls) -> Result<Vec<Call>, Error> {
        self.read(list.clone())
    }

    /// Waits until a call has ended.
    ///
    /// # Errors
    /// [`WaitError`], with the last record read. The call itself may go on.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::{ApiKey, Api, BaseUrl, CallId, GetCall, ListCalls, PlaceCall, ReadOptions, Reader, Status, WaitOptions, client::blocking::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::<Scripted>::new("bys_ak_example")?;
    /// let ended = client.wait_for_call(&CallId::new("c1")?)?;
    /// assert_eq!(ended.call.summary(), Some("Confirmed."));
    /// # Ok(()) }
    /// ```
    pub fn wait_for_call(&self, id: &CallId) -> Result<Ended, WaitError> {
        self.run(&mut self.waiter(id, self.0.setup.options.wait))
    }

    /// Waits until a call has ended, calling `on_change` with each status as it comes, the first one included.
    ///
    /// # Errors
    /// [`WaitError`], with the last record read. The call itself may go on.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::{ApiKey, Api, BaseUrl, CallId, GetCall, ListCalls, PlaceCall, ReadOptions, Reader, Status, WaitOptions, client::blocking::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::<Scripted>::new("bys_ak_example")?;
    /// let mut seen = Vec::new();
    /// let tell = |status: &Status| seen.push(status.clone());
    /// client.wait_for_call_with(&CallId::new("c1")?, WaitOptions::default(), tell)?;
    /// assert_eq!(seen, [Status::Completed]);
    /// # Ok(()) }
    /// ```
    pub fn wait_for_call_with(
        &self,
        id: &CallId,
        options: WaitOptions,
        on_change: impl FnMut(&Status),
    ) -> Result<Ended, WaitError> {
        self.run(&mut self.waiter(id, options).watch(on_change))
    }

    /// Places a call and waits until it has ended.
    ///
    /// # Errors
    /// [`CallError`]. Where the call was placed and its end was not seen, the error names the call.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::{ApiKey, Api, BaseUrl, CallId, GetCall, ListCalls, PlaceCall, ReadOptions, Reader, Status, WaitOptions, client::blocking::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::<Scripted>::new("bys_ak_example")?;
    /// let call = PlaceCall::new("+14155550123", "Confirm the appointment.")?;
    /// let ended = client.place_and_wait(&call)?;
    /// assert_eq!(ended.call.summary(), Some("Confirmed."));
    /// # Ok(()) }
    /// ```
    pub fn place_and_wait(&self, call: &PlaceCall) -> Result<Ended, CallError> {
        let placed = self.place_call(call)?;
        let id = CallId::new(placed.id().unwrap_or_default())?;
        Ok(self.wait_for_call(&id)?)
    }

    /// Runs a machine of one's own to its end.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::{ApiKey, Api, BaseUrl, CallId, GetCall, ListCalls, PlaceCall, ReadOptions, Reader, Status, WaitOptions, client::blocking::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::<Scripted>::new("bys_ak_example")?;
    /// let get = GetCall(CallId::new("c1")?);
    /// let mut reader = Reader::new(client.api(), get, ReadOptions::default(), client.now());
    /// assert!(client.run(&mut reader).is_ok());
    /// # Ok(()) }
    /// ```
    pub fn run<M: Machine>(&self, machine: &mut M) -> M::Output {
        let transport = self.transport();
        drive_blocking(
            machine,
            |request, timeout| transport.send(request, timeout),
            |duration| transport.sleep(duration),
            || transport.now(),
        )
    }

    /// The service and key, for machines of one's own.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::{ApiKey, Api, BaseUrl, CallId, GetCall, ListCalls, PlaceCall, ReadOptions, Reader, Status, WaitOptions, client::blocking::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::<Scripted>::new("bys_ak_example")?;
    /// let request = byourside_proto::Operation::request(&ListCalls::default(), &client.api());
    /// assert_eq!(request.uri().host(), Some("api.byourside.ai"));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn api(&self) -> Api {
        self.0.setup.api.clone()
    }

    /// The time by the transport's clock, for machines of one's own.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::{ApiKey, Api, BaseUrl, CallId, GetCall, ListCalls, PlaceCall, ReadOptions, Reader, Status, WaitOptions, client::blocking::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::<Scripted>::new("bys_ak_example")?;
    /// assert_eq!(client.now(), byourside_proto::Monotonic::ORIGIN);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn now(&self) -> Monotonic {
        self.transport().now()
    }

    /// What carries the requests.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::{ApiKey, Api, BaseUrl, CallId, GetCall, ListCalls, PlaceCall, ReadOptions, Reader, Status, WaitOptions, client::blocking::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::<Scripted>::new("bys_ak_example")?;
    /// let _shared: &Scripted = client.transport();
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn transport(&self) -> &T {
        &self.0.transport
    }

    fn waiter(&self, id: &CallId, options: WaitOptions) -> CallWaiter {
        self.0.setup.waiter(id, options, self.transport().seed(), self.now())
    }

    fn read<O: ReadOperation>(&self, operation: O) -> Result<O::Answer, Error> {
        let mut reader = self.0.setup.reader(operation, self.transport().seed(), self.now());
        self.run(&mut reader)
    }
}
