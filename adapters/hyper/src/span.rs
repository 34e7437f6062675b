//! A span for every attempt, where the feature `tracing` asks for it.
use byourside_proto::TransportFailure;
use http::{Request, Response};

/// The span of one attempt, if the feature `tracing` is on; else nothing.
///
/// The span, `byourside.attempt`, tells the method, the host, and the status or what went wrong, from which keys and
/// phone numbers are taken out. Path, headers and bodies are not in it.
#[derive(Debug)]
pub struct Span {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

impl Span {
    /// The span of the attempt to send this.
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

    /// Runs the attempt in this span.
    ///
    /// # Errors
    /// The attempt's own.
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
