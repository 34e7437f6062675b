//! Reads a whole response body, up to a limit.
use bytes::Buf;
use http::Response;
use http_body::Body;
use std::{
    error::Error,
    fmt,
    future::poll_fn,
    pin::{Pin, pin},
};

/// Reads a response body to its end, up to `max_body` bytes.
///
/// # Errors
/// The body's own error, or an error that says that the body is longer than `max_body`. A body that announces a greater
/// length is not read at all.
pub async fn collect<B>(
    response: Response<B>,
    max_body: usize,
) -> Result<Response<Vec<u8>>, Box<dyn Error + Send + Sync>>
where
    B: Body,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let (head, body) = response.into_parts();
    if usize::try_from(body.size_hint().lower()).map_or(true, |length| length > max_body) {
        return Err(BodyTooLong(max_body).into());
    }
    let mut body = pin!(body);
    let mut collected = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::as_mut(&mut body).poll_frame(context)).await {
        let Ok(mut data) = frame.map_err(Into::into)?.into_data() else {
            continue;
        };
        if data.remaining() > max_body - collected.len() {
            return Err(BodyTooLong(max_body).into());
        }
        while data.has_remaining() {
            let chunk = data.chunk();
            collected.extend_from_slice(chunk);
            data.advance(chunk.len());
        }
    }
    Ok(Response::from_parts(head, collected))
}

#[derive(Debug)]
struct BodyTooLong(usize);

impl fmt::Display for BodyTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the response body is longer than {} bytes", self.0)
    }
}

impl Error for BodyTooLong {}
