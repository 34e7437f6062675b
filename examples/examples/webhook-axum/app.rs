//! A router that takes deliveries, and the extractor behind it.
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

/// What the handlers share.
#[derive(Clone, FromRef)]
pub struct Shared {
    verifier: Arc<Verifier>,
    inbox: Arc<Inbox>,
}

/// Takes deliveries at every path, so that a token can stand in the query or the path of the webhook URL.
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

/// An event that the service signed: a handler that takes one never sees any other delivery.
///
/// It reads the raw bytes, so it comes last among a handler's arguments. The state needs an `Arc<Verifier>`, and the
/// route a [`DefaultBodyLimit`].
pub struct Verified(pub Event);

impl<S> FromRequest<S> for Verified
where
    S: Send + Sync,
    Arc<Verifier>: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        // Now, before the body: a slow sender's delivery does not get older while it is read.
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
        // The service's own, and no event: asking for it again would bring nothing else.
        delivery.event().map(Self).map_err(|error| {
            log(error);
            StatusCode::OK.into_response()
        })
    }
}

fn rejected(refusal: Refusal) -> Response {
    (refused(refusal), refusal.code().to_owned()).into_response()
}
