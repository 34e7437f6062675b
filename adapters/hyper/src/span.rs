//! A `tracing` span for each attempt, with the feature `tracing`.
use byourside_proto::TransportFailure;
use http::{Request, Response};

/// The `tracing` span of one attempt. Without the feature `tracing` it does nothing.
///
/// The span is named `byourside.attempt`. Its fields are `method`, `host`, and `status` or `error`; keys and phone
/// numbers are redacted from the error. Path, headers and bodies are not recorded.
#[derive(Debug)]
pub struct Span {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

impl Span {
    /// Creates the span of an attempt to send this request.
    #[must_use]
    pub fn of<B>(request: &Request<B>) -> Self {
        #[cfg(not(feature = "tracing"))]
        let _ = request;
        Self {
            #[cfg(feature = "tracing")]
            span: tracing::info_span!(
                "byourside.attempt",
                method = request.method().as_str(),
                host = request.uri().host().unwrap_or_default(),
                status = tracing::field::Empty,
                error = tracing::field::Empty,
            ),
        }
    }

    /// Runs the attempt in this span, and records its outcome.
    ///
    /// # Errors
    /// The attempt's error.
    pub async fn around(
        self,
        attempt: impl Future<Output = Result<Response<Vec<u8>>, TransportFailure>>,
    ) -> Result<Response<Vec<u8>>, TransportFailure> {
        #[cfg(feature = "tracing")]
        {
            use tracing::{Instrument, field};
            let outcome = attempt.instrument(self.span.clone()).await;
            match &outcome {
                Ok(response) => self.span.record("status", response.status().as_u16()),
                Err(failure) => self.span.record("error", field::display(failure)),
            };
            outcome
        }
        #[cfg(not(feature = "tracing"))]
        attempt.await
    }
}
