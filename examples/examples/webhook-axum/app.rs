//! A router that receives webhook deliveries, and its extractor.
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRef, FromRequest, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use byourside_examples::{Inbox, MAX_BODY, READ_TIMEOUT, log, refused, unix_now, worth_reading};
use byourside_proto::webhook::{Event, Refusal, Verifier};
use std::sync::Arc;

/// The state of the handlers.
#[derive(Clone, FromRef)]
pub struct Shared {
    verifier: Arc<Verifier>,
    inbox: Arc<Inbox>,
}

/// A router that receives deliveries at every path, so that a webhook URL can have a token in its path or query.
pub fn router(verifier: Verifier, inbox: Arc<Inbox>) -> Router {
    let shared = Shared {
        verifier: Arc::new(verifier),
        inbox,
    };
    Router::new()
        .route("/", post(receive))
        .route("/{*path}", post(receive))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(shared)
}

async fn receive(State(inbox): State<Arc<Inbox>>, Verified(event): Verified) -> StatusCode {
    inbox.take(event).status()
}

/// Extracts an event that the service signed: a handler with this argument never sees any other delivery.
///
/// It reads the raw body, so it must be the last argument of a handler. The state must provide an `Arc<Verifier>`, and
/// the route needs a [`DefaultBodyLimit`].
pub struct Verified(pub Event);

impl<S> FromRequest<S> for Verified
where
    S: Send + Sync,
    Arc<Verifier>: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        // The time before the body is read: a slow sender does not make the delivery older.
        let received = unix_now();
        let verifier = Arc::<Verifier>::from_ref(state);
        worth_reading(&verifier, request.headers(), received).map_err(rejected)?;
        let headers = request.headers().clone();
        let read = tokio::time::timeout(READ_TIMEOUT, Bytes::from_request(request, state)).await;
        let body = read
            .map_err(|_| StatusCode::REQUEST_TIMEOUT.into_response())?
            .map_err(IntoResponse::into_response)?;
        let mut request = axum::http::Request::new(body);
        *request.headers_mut() = headers;
        let delivery = verifier.verify_request(&request, received).map_err(rejected)?;
        // Signed by the service, but not an event: a retry would bring the same bytes.
        delivery.event().map(Self).map_err(|error| {
            log(error);
            StatusCode::OK.into_response()
        })
    }
}

fn rejected(refusal: Refusal) -> Response {
    (refused(refusal), refusal.code().to_owned()).into_response()
}
