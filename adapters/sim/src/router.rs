//! Finds the operation that a request asks for.
use super::{call::Uuid, refusal::Refusal};
use http::{Method, Uri};
use percent_encoding::percent_decode_str;

const CALLS: &str = "/v1/agent/calls";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Place,
    List { limit: usize },
    Get(Uuid),
}

/// A path that exists. The key is checked before the method, so that a caller without a key learns nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource<'a> {
    Calls { query: &'a str },
    Call { segment: &'a str },
}

impl<'a> Resource<'a> {
    pub(crate) fn of(uri: &'a Uri) -> Result<Self, Refusal> {
        let query = uri.query().unwrap_or_default();
        match uri.path().strip_prefix(CALLS) {
            Some("") => Ok(Self::Calls { query }),
            Some(rest) => match rest.strip_prefix('/') {
                Some(segment) if !segment.is_empty() && !segment.contains('/') => Ok(Self::Call { segment }),
                _ => Err(Refusal::NotFound),
            },
            None => Err(Refusal::NotFound),
        }
    }

    pub(crate) fn route(self, method: &Method) -> Result<Route, Refusal> {
        match self {
            Self::Calls { query } => match *method {
                Method::POST => Ok(Route::Place),
                Method::GET => Ok(Route::List { limit: limit(query) }),
                _ => Err(Refusal::MethodNotAllowed { allow: "GET, POST" }),
            },
            Self::Call { segment } => match *method {
                Method::GET => percent_decode_str(segment)
                    .decode_utf8()
                    .ok()
                    .and_then(|id| Uuid::parse(&id))
                    .map_or(Err(Refusal::NotFound), |id| Ok(Route::Get(id))),
                _ => Err(Refusal::MethodNotAllowed { allow: "GET" }),
            },
        }
    }
}

/// The limit of a list, clamped to 1..=100; 20 if it is absent or not a number.
fn limit(query: &str) -> usize {
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("limit="));
    match asked {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().unwrap_or(usize::MAX).clamp(1, 100)
        }
        _ => 20,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: Method, uri: &str) -> Result<Route, Refusal> {
        let uri: Uri = uri.parse().unwrap();
        Resource::of(&uri).and_then(|resource| resource.route(&method))
    }

    #[test]
    fn limit_is_clamped_and_twenty_by_default() {
        for (query, limit) in [
            ("", 20),
            ("?", 20),
            ("?limit=", 20),
            ("?limit=-5", 20),
            ("?limit=abc", 20),
            ("?limit=0", 1),
            ("?limit=1", 1),
            ("?limit=100", 100),
            ("?limit=101", 100),
            ("?limit=99999999999999999999999", 100),
            ("?other=3&limit=7", 7),
        ] {
            let routed = route(Method::GET, &std::format!("{CALLS}{query}"));
            assert_eq!(routed, Ok(Route::List { limit }), "{query}");
        }
    }

    #[test]
    fn id_is_one_segment_in_any_percent_encoding() {
        let id = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
        let plain = route(Method::GET, &std::format!("{CALLS}/{id}"));
        assert!(matches!(plain, Ok(Route::Get(_))));
        assert_eq!(plain, route(Method::GET, &std::format!("{CALLS}/%66{}", &id[1..])));
    }

    #[test]
    fn other_paths_are_not_found() {
        for path in [
            "/",
            "/v1",
            "/v1/agent/calls/",
            "/v1/agent/callsx",
            "/v1/agent/calls//",
            "/v1/agent/calls/a/b",
            "/v1/agent/calls/..",
            "/v1/agent/calls/%ff",
            "/v1/agent/calls/f47ac10b",
            "*",
        ] {
            assert_eq!(route(Method::GET, path), Err(Refusal::NotFound), "{path}");
        }
    }

    #[test]
    fn wrong_method_is_answered_with_the_allowed_ones() {
        for method in [Method::PUT, Method::HEAD, Method::from_bytes(b"BREW").unwrap()] {
            assert_eq!(
                route(method.clone(), CALLS),
                Err(Refusal::MethodNotAllowed { allow: "GET, POST" })
            );
            assert_eq!(
                route(method, "/v1/agent/calls/x"),
                Err(Refusal::MethodNotAllowed { allow: "GET" })
            );
        }
    }
}
