//! A stream as hyper reads and writes it.
use crate::dial::Stream;
use byourside_hyper::Relay;
use futures_io::{AsyncRead, AsyncWrite};
use hyper::rt::{Read, ReadBufCursor, Write};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

/// As much as hyper reads at once to begin with.
const BUFFER: usize = 8192;

/// Reads from a stream only if there is news of it, and into a buffer of its own.
///
/// hyper reads several times for each request, most of them for nothing. async-io would ask the system each time, and
/// hyper's buffer would have to be filled with zeros first.
pub(crate) struct Wire {
    stream: Stream,
    news: Relay,
    buffer: Box<[u8]>,
}

impl Wire {
    /// `news` is for this stream alone: stirred, it has the stream read once more, before the reactor tells of it.
    pub(crate) fn new(stream: Stream, news: Relay) -> Self {
        Self {
            stream,
            news,
            buffer: vec![0; BUFFER].into(),
        }
    }

    pub(crate) fn into_inner(self) -> Stream {
        self.stream
    }
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { stream, news, buffer } = &mut *self;
        let most = into.remaining().min(buffer.len());
        let Some(buffer @ [_, ..]) = buffer.get_mut(..most) else {
            // There is no room. To read nothing from a stream could be taken for its end.
            return Poll::Ready(Ok(()));
        };
        news.poll_news(context, |context| Pin::new(&mut *stream).poll_read(context, buffer))
            .map_ok(|read| into.put_slice(buffer.get(..read).unwrap_or_default()))
    }
}

impl Write for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::rt::ReadBuf;
    use std::{
        sync::{Arc, Mutex},
        task::Waker,
    };

    /// What a stream has received, how often it was asked for it, and who waits for it.
    #[derive(Clone, Default)]
    struct Scripted(Arc<Mutex<Received>>);

    #[derive(Default)]
    struct Received {
        bytes: Vec<u8>,
        asked: usize,
        reader: Option<Waker>,
    }

    impl AsyncRead for Scripted {
        fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
            let mut received = self.0.lock().unwrap();
            received.asked += 1;
            if received.bytes.is_empty() {
                received.reader = Some(context.waker().clone());
                return Poll::Pending;
            }
            let some = received.bytes.len().min(buffer.len());
            buffer[..some].copy_from_slice(&received.bytes[..some]);
            received.bytes.drain(..some);
            Poll::Ready(Ok(some))
        }
    }

    impl AsyncWrite for Scripted {
        fn poll_write(self: Pin<&mut Self>, _context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(data.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_close(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// What is read into four bytes, if anything is.
    fn read(wire: &mut Wire) -> Option<Vec<u8>> {
        let mut bytes = [0; 4];
        let mut buffer = ReadBuf::new(&mut bytes);
        let polled = Pin::new(wire).poll_read(&mut Context::from_waker(Waker::noop()), buffer.unfilled());
        polled.is_ready().then(|| buffer.filled().to_vec())
    }

    #[test]
    fn a_stream_is_read_until_it_has_nothing_and_then_not_before_there_is_news() {
        let (stream, news) = (Scripted::default(), Relay::default());
        let received = stream.0.clone();
        let mut wire = Wire::new(Box::new(stream), news.clone());
        let asked = || received.lock().unwrap().asked;
        let receive = |bytes: &[u8]| received.lock().unwrap().bytes.extend_from_slice(bytes);

        receive(b"abcdef");
        let all = [(); 4].map(|()| read(&mut wire));
        assert_eq!(all, [Some(b"abcd".to_vec()), Some(b"ef".to_vec()), None, None]);
        assert_eq!(asked(), 3);

        receive(b"g");
        assert_eq!(read(&mut wire), None);
        received.lock().unwrap().reader.take().unwrap().wake();
        assert_eq!([(); 3].map(|()| read(&mut wire)), [Some(b"g".to_vec()), None, None]);
        assert_eq!(asked(), 5);

        receive(b"h");
        news.stir();
        assert_eq!(read(&mut wire), Some(b"h".to_vec()));
    }

    #[test]
    fn more_than_its_buffer_is_read_in_parts() {
        let stream = Scripted::default();
        stream.0.lock().unwrap().bytes = vec![7; BUFFER + 5];
        let mut wire = Wire::new(Box::new(stream), Relay::default());
        let mut bytes = vec![0; 2 * BUFFER];
        for part in [BUFFER, 5] {
            let mut buffer = ReadBuf::new(&mut bytes);
            let polled = Pin::new(&mut wire).poll_read(&mut Context::from_waker(Waker::noop()), buffer.unfilled());
            assert!(polled.is_ready());
            assert_eq!(buffer.filled(), vec![7; part]);
        }
    }
}
