//! The service's refusals: token, status and headers.
use http::{HeaderValue, Response, StatusCode, header};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Unauthorized,
    NotFound,
    MethodNotAllowed { allow: &'static str },
    BodyTooLong,
    InvalidRequest,
    ToRequired,
    ObjectiveRequired,
    InvalidNumber,
    DestinationBlocked,
    CallerIdNotOwned,
    RateLimited,
    OverMinuteCap,
    PlacementFailed,
    StoreError,
}

impl Refusal {
    pub(crate) fn response(self) -> Response<Vec<u8>> {
        let mut response = json(self.status(), format!(r#"{{"error":"{}"}}"#, self.token()).into_bytes());
        let headers = response.headers_mut();
        match self {
            Self::RateLimited => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Self::MethodNotAllowed { allow } => {
                headers.insert(header::ALLOW, HeaderValue::from_static(allow));
            }
            _ => {}
        }
        response
    }

    fn token(self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::BodyTooLong | Self::InvalidRequest => "invalid_request",
            Self::ToRequired => "to_required",
            Self::ObjectiveRequired => "objective_required",
            Self::InvalidNumber => "invalid_number",
            Self::DestinationBlocked => "destination_blocked",
            Self::CallerIdNotOwned => "caller_id_not_owned",
            Self::RateLimited => "rate_limited",
            Self::OverMinuteCap => "over_minute_cap",
            Self::PlacementFailed => "placement_failed",
            Self::StoreError => "store_error",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::InvalidRequest
            | Self::ToRequired
            | Self::ObjectiveRequired
            | Self::InvalidNumber
            | Self::DestinationBlocked
            | Self::CallerIdNotOwned => StatusCode::BAD_REQUEST,
            Self::RateLimited | Self::OverMinuteCap => StatusCode::TOO_MANY_REQUESTS,
            Self::PlacementFailed => StatusCode::BAD_GATEWAY,
            Self::StoreError => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

pub(crate) fn json(status: StatusCode, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
