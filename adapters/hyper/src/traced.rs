//! A span for every attempt, where the feature `tracing` asks for it.
use byourside_proto::TransportFailure;
use http::{Method, Response, Uri};

type Outcome = Result<Response<Vec<u8>>, TransportFailure>;

/// Runs an attempt, in a span of its own if the feature `tracing` is on.
///
/// The span, `byourside.attempt`, tells the method, the host, and the status or what went wrong, from which keys and
/// phone numbers are taken out. Path, headers and bodies are not in it.
///
/// # Errors
/// The attempt's own.
pub async fn traced(method: Method, uri: Uri, attempt: impl Future<Output = Outcome>) -> Outcome {
    #[cfg(feature = "tracing")]
    {
        use tracing::{Instrument, field};
        let span = tracing::info_span!(
            "byourside.attempt",
            method = method.as_str(),
            host = uri.host().unwrap_or_default(),
            status = field::Empty,
            error = field::Empty,
        );
        let outcome = attempt.instrument(span.clone()).await;
        match &outcome {
            Ok(response) => span.record("status", response.status().as_u16()),
            Err(failure) => span.record("error", field::display(failure)),
        };
        outcome
    }
    #[cfg(not(feature = "tracing"))]
    {
        let _ = (method, uri);
        attempt.await
    }
}
