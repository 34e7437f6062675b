//! What all requests share: the base URL, the headers, and the path of the calls.
//!
//! # To add a header to every request
//! Insert it in `Api::build`, through which every request goes; `Api::post` is the place for a header of requests with
//! a body. Then change what pins the headers:
//!
//! - the golden requests in `place_call.rs`, `get_call.rs` and `list_calls.rs`;
//! - `TAKEN` in `idempotency.rs`, so that no idempotency header can have the same name;
//! - `tests/vectors.rs`, which compares all headers with those of the official client: a difference needs a rule there;
//! - `adapters/ureq/tests/loopback/placing.rs`, which compares the header lines that leave.
//!
//! `user-agent` and `accept` are the transports' own: `adapters/hyper/src/exchange.rs`, `adapters/ureq/src/transport`.
use super::{
    base_url::{BYOURSIDE_BASE_URL, BaseUrl, VOXPLO_BASE_URL},
    key::ApiKey,
};
use crate::types::BuildError;
use alloc::{string::String, sync::Arc, vec::Vec};
use http::{HeaderValue, Method, Request, header};

/// The path of the calls, below the base URL. Source: the vendor's API reference.
const CALLS: &str = "/v1/agent/calls";
/// Capacity for the rest of the path, in bytes: a UUID, or the query of a list.
const MORE: usize = 40;

/// The service and the key to it: what an [`Operation`](super::Operation) needs to build a request.
///
/// A clone is cheap, since it shares the base URL and the `Authorization` header, which are built once. `Debug` does
/// not show the key.
///
/// ```
/// use byourside_proto::{Api, ApiKey, BaseUrl};
///
/// let api = Api::with_key("bys_ak_example")?;
/// let local = Api::new(BaseUrl::new("http://127.0.0.1:8787")?, ApiKey::new("bys_ak_example")?);
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Api(Arc<Common>);

#[derive(Debug, PartialEq)]
struct Common {
    base: BaseUrl,
    authorization: HeaderValue,
}

impl Api {
    /// The service at this base URL, with this key.
    #[must_use]
    pub fn new(base: BaseUrl, key: ApiKey) -> Self {
        let authorization = key.header();
        Self(Arc::new(Common { base, authorization }))
    }

    /// The service at its default base URL, `https://api.byourside.ai`, with this key.
    ///
    /// # Errors
    /// The errors of [`ApiKey::new`].
    pub fn with_key(key: impl Into<String>) -> Result<Self, BuildError> {
        Ok(Self::new(BaseUrl::default(), ApiKey::new(key)?))
    }

    /// The service and the key that environment variables name. `var` looks up a variable, e.g.
    /// `|name| std::env::var(name).ok()`; an empty variable counts as not set.
    ///
    /// | | the first that is set of |
    /// |---|---|
    /// | key | `BYOURSIDE_API_KEY`, `VOXPLO_API_KEY` |
    /// | base URL | `BYOURSIDE_BASE_URL`, `VOXPLO_BASE_URL`, the default of the name under which the key was found |
    ///
    /// # Errors
    /// [`BuildError::NoApiKey`] if no key is set, and the errors of [`ApiKey::new`] and [`BaseUrl::new`].
    ///
    /// ```
    /// use byourside_proto::Api;
    /// let var = |name: &str| (name == "BYOURSIDE_API_KEY").then(|| "bys_ak_example".to_owned());
    /// assert_eq!(Api::from_vars(var), Api::with_key("bys_ak_example"));
    /// assert_eq!(Api::from_vars(|_| None).unwrap_err().code(), "no_api_key");
    /// ```
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, BuildError> {
        let set = |name| var(name).filter(|value| !value.is_empty());
        let byourside = set("BYOURSIDE_API_KEY").map(|key| (key, BYOURSIDE_BASE_URL));
        let (key, default) = byourside
            .or_else(|| set("VOXPLO_API_KEY").map(|key| (key, VOXPLO_BASE_URL)))
            .ok_or(BuildError::NoApiKey)?;
        let base = set("BYOURSIDE_BASE_URL").or_else(|| set("VOXPLO_BASE_URL"));
        Ok(Self::new(
            BaseUrl::new(base.as_deref().unwrap_or(default))?,
            ApiKey::new(key)?,
        ))
    }

    /// The path of the calls, below the base URL, with capacity for the rest of the path.
    pub(crate) fn calls_path(&self) -> String {
        let prefix = self.0.base.path();
        let mut path = String::with_capacity(prefix.len() + CALLS.len() + MORE);
        path.push_str(prefix);
        path.push_str(CALLS);
        path
    }

    /// A GET of this path.
    pub(crate) fn get(&self, path: String) -> Request<Vec<u8>> {
        self.build(Method::GET, path, Vec::new())
    }

    /// A POST of this JSON body to this path.
    pub(crate) fn post(&self, path: String, body: Vec<u8>) -> Request<Vec<u8>> {
        let mut request = self.build(Method::POST, path, body);
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request
    }

    /// Builds every request, with the headers that all requests have.
    fn build(&self, method: Method, path: String, body: Vec<u8>) -> Request<Vec<u8>> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = self.0.base.at(path);
        request
            .headers_mut()
            .insert(header::AUTHORIZATION, self.0.authorization.clone());
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::ToString};

    #[test]
    fn api_debug_shows_no_key() {
        let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_secret").unwrap());
        assert!(!format!("{api:?} {:?}", api.get("/x".into())).contains("bys_ak_secret"));
    }

    #[test]
    fn request_path_begins_with_the_path_of_the_base_url() {
        for (base, expected) in [
            ("https://a.example", "https://a.example/v1/agent/calls"),
            (
                "HTTPS://A.example:8443/b/c//",
                "https://A.example:8443/b/c/v1/agent/calls",
            ),
            ("http://[::1]:2//b", "http://[::1]:2//b/v1/agent/calls"),
        ] {
            let api = Api::new(BaseUrl::new(base).unwrap(), ApiKey::new("k").unwrap());
            assert_eq!(api.get(api.calls_path()).uri(), expected);
        }
        assert_eq!(BaseUrl::new(BYOURSIDE_BASE_URL), Ok(BaseUrl::default()));
    }

    #[test]
    fn api_from_vars_takes_the_first_key_and_its_base_url() {
        let from = |set: &[(&str, &str)]| {
            let var = |name: &str| {
                set.iter()
                    .find(|(set, _)| *set == name)
                    .map(|(_, value)| (*value).into())
            };
            Api::from_vars(var).map(|api| api.get(api.calls_path()).uri().host().unwrap().to_string())
        };
        let voxplo = ("VOXPLO_API_KEY", "bys_ak_v");
        assert_eq!(
            from(&[("BYOURSIDE_API_KEY", "bys_ak_b"), voxplo]).as_deref(),
            Ok("api.byourside.ai")
        );
        assert_eq!(
            from(&[("BYOURSIDE_API_KEY", ""), voxplo]).as_deref(),
            Ok("api.voxplo.ai")
        );
        let own = ("VOXPLO_BASE_URL", "https://own.example");
        assert_eq!(
            from(&[("BYOURSIDE_API_KEY", "bys_ak_b"), own]).as_deref(),
            Ok("own.example")
        );
        assert_eq!(from(&[own]), Err(BuildError::NoApiKey));
        assert_eq!(
            from(&[voxplo, ("VOXPLO_BASE_URL", "a")]),
            Err(BuildError::InvalidBaseUrl)
        );
    }
}
