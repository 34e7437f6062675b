//! What all requests have in common: the base URL, the key and the headers.
use super::{
    base_url::{BYOURSIDE_BASE_URL, BaseUrl, VOXPLO_BASE_URL},
    key::ApiKey,
};
use crate::types::BuildError;
use alloc::{string::String, sync::Arc, vec::Vec};
use http::{HeaderValue, Method, Request, header};

/// Where the calls are, under the base URL.
const CALLS: &str = "/v1/agent/calls";
/// Room for what comes after it: an id as the service gives them, or a query.
const MORE: usize = 40;

/// The service to talk to, and the key to it. What all requests have in common is made once, and shared.
#[derive(Clone, Debug, PartialEq)]
pub struct Api(Arc<Common>);

#[derive(Debug, PartialEq)]
struct Common {
    base: BaseUrl,
    authorization: HeaderValue,
}

impl Api {
    /// Pairs a base URL with a key.
    ///
    /// ```
    /// # use byourside_proto::{Api, ApiKey, BaseUrl};
    /// let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_example")?);
    /// assert!(!format!("{api:?}").contains("bys_ak_example"));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn new(base: BaseUrl, key: ApiKey) -> Self {
        let authorization = key.header();
        Self(Arc::new(Common { base, authorization }))
    }

    /// The service at its default base URL, with this key.
    ///
    /// # Errors
    /// What [`ApiKey::new`] says of the key.
    ///
    /// ```
    /// assert!(byourside_proto::Api::with_key("bys_ak_example").is_ok());
    /// ```
    pub fn with_key(key: impl Into<String>) -> Result<Self, BuildError> {
        Ok(Self::new(BaseUrl::default(), ApiKey::new(key)?))
    }

    /// The service and key that environment variables name; `var` looks one up, and an empty one counts as not set.
    ///
    /// The key is `BYOURSIDE_API_KEY`, or else `VOXPLO_API_KEY`; the base URL `BYOURSIDE_BASE_URL`, or else
    /// `VOXPLO_BASE_URL`, or else that of the brand whose key it is.
    ///
    /// # Errors
    /// [`BuildError::NoApiKey`] if neither key is set, or what [`ApiKey::new`] and [`BaseUrl::new`] say.
    ///
    /// ```
    /// use byourside_proto::Api;
    /// let api = Api::from_vars(|name| (name == "BYOURSIDE_API_KEY").then(|| "bys_ak_example".into()));
    /// assert!(api.is_ok());
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

    /// The path of the calls, with room for more.
    pub(crate) fn calls_path(&self) -> String {
        let prefix = self.0.base.path();
        let mut path = String::with_capacity(prefix.len() + CALLS.len() + MORE);
        path.push_str(prefix);
        path.push_str(CALLS);
        path
    }

    pub(crate) fn get(&self, path: String) -> Request<Vec<u8>> {
        self.build(Method::GET, path, Vec::new())
    }

    pub(crate) fn post(&self, path: String, body: Vec<u8>) -> Request<Vec<u8>> {
        let mut request = self.build(Method::POST, path, body);
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request
    }

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
    use alloc::format;

    #[test]
    fn the_key_is_in_no_debug_output() {
        let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_secret").unwrap());
        assert!(!format!("{api:?} {:?}", api.get("/x".into())).contains("bys_ak_secret"));
    }

    #[test]
    fn a_path_of_the_base_comes_before_that_of_the_calls() {
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
}
