//! The answer, whole and bounded.
use bytes::Buf;
use http::Response;
use http_body::Body;
use std::{
    error::Error,
    fmt,
    future::poll_fn,
    pin::{Pin, pin},
};

/// Reads the body of an answer to its end, if that comes within `max_body` bytes.
///
/// # Errors
/// The body's own error, or that it is too long.
pub async fn collect<B>(
    response: Response<B>,
    max_body: usize,
) -> Result<Response<Vec<u8>>, Box<dyn Error + Send + Sync>>
where
    B: Body,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let (head, body) = response.into_parts();
    if usize::try_from(body.size_hint().lower()).map_or(true, |least| least > max_body) {
        return Err(TooLong(max_body).into());
    }
    let mut body = pin!(body);
    let mut whole = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::as_mut(&mut body).poll_frame(context)).await {
        let Ok(mut data) = frame.map_err(Into::into)?.into_data() else {
            continue;
        };
        if data.remaining() > max_body - whole.len() {
            return Err(TooLong(max_body).into());
        }
        while data.has_remaining() {
            let chunk = data.chunk();
            whole.extend_from_slice(chunk);
            data.advance(chunk.len());
        }
    }
    Ok(Response::from_parts(head, whole))
}

#[derive(Debug)]
struct TooLong(usize);

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the body of the answer is longer than {} bytes", self.0)
    }
}

impl Error for TooLong {}
