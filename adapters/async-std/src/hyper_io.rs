//! Adapts a `futures-io` stream to hyper's I/O traits.
use crate::dial::Stream;
use byourside_hyper::Relay;
use futures_io::{AsyncRead, AsyncWrite};
use hyper::rt::{Read, ReadBufCursor, Write};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

/// The size of hyper's first read.
const BUFFER: usize = 8192;

/// A stream as hyper reads and writes it. It reads only if the stream was woken, and into a buffer of its own.
///
/// hyper tries to read several times for each request, mostly when there is nothing to read. Each try would be a system
/// call in async-io, and hyper's buffer would have to be filled with zeros first.
pub(crate) struct HyperIo {
    stream: Stream,
    readable: Relay,
    buffer: Box<[u8]>,
}

impl HyperIo {
    /// `readable` is for this stream alone. After [`Relay::stir`] the stream is read once more, without waiting for the
    /// reactor.
    pub(crate) fn new(stream: Stream, readable: Relay) -> Self {
        Self {
            stream,
            readable,
            buffer: vec![0; BUFFER].into(),
        }
    }

    pub(crate) fn into_inner(self) -> Stream {
        self.stream
    }
}

impl Read for HyperIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let Self {
            stream,
            readable,
            buffer,
        } = &mut *self;
        let limit = into.remaining().min(buffer.len());
        let Some(buffer @ [_, ..]) = buffer.get_mut(..limit) else {
            // There is no space. A read of zero bytes could be mistaken for the end of the stream.
            return Poll::Ready(Ok(()));
        };
        readable
            .poll_news(context, |context| Pin::new(&mut *stream).poll_read(context, buffer))
            .map_ok(|read| into.put_slice(buffer.get(..read).unwrap_or_default()))
    }
}

impl Write for HyperIo {
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

    /// A stream in memory: the bytes that it has received, how often it was read, and the waker of its reader.
    #[derive(Clone, Default)]
    struct Scripted(Arc<Mutex<Received>>);

    #[derive(Default)]
    struct Received {
        bytes: Vec<u8>,
        reads: usize,
        reader: Option<Waker>,
    }

    impl AsyncRead for Scripted {
        fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
            let mut received = self.0.lock().unwrap();
            received.reads += 1;
            if received.bytes.is_empty() {
                received.reader = Some(context.waker().clone());
                return Poll::Pending;
            }
            let count = received.bytes.len().min(buffer.len());
            buffer[..count].copy_from_slice(&received.bytes[..count]);
            received.bytes.drain(..count);
            Poll::Ready(Ok(count))
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

    /// Reads up to four bytes; `None` while the read is pending.
    fn read(io: &mut HyperIo) -> Option<Vec<u8>> {
        let mut bytes = [0; 4];
        let mut buffer = ReadBuf::new(&mut bytes);
        let polled = Pin::new(io).poll_read(&mut Context::from_waker(Waker::noop()), buffer.unfilled());
        polled.is_ready().then(|| buffer.filled().to_vec())
    }

    #[test]
    fn stream_is_read_only_after_it_was_woken_or_stirred() {
        let (stream, readable) = (Scripted::default(), Relay::default());
        let received = stream.0.clone();
        let mut io = HyperIo::new(Box::new(stream), readable.clone());
        let reads = || received.lock().unwrap().reads;
        let receive = |bytes: &[u8]| received.lock().unwrap().bytes.extend_from_slice(bytes);

        receive(b"abcdef");
        let all = [(); 4].map(|()| read(&mut io));
        assert_eq!(all, [Some(b"abcd".to_vec()), Some(b"ef".to_vec()), None, None]);
        assert_eq!(reads(), 3);

        receive(b"g");
        assert_eq!(read(&mut io), None);
        received.lock().unwrap().reader.take().unwrap().wake();
        assert_eq!([(); 3].map(|()| read(&mut io)), [Some(b"g".to_vec()), None, None]);
        assert_eq!(reads(), 5);

        receive(b"h");
        readable.stir();
        assert_eq!(read(&mut io), Some(b"h".to_vec()));
    }

    #[test]
    fn read_larger_than_the_buffer_comes_in_parts() {
        let stream = Scripted::default();
        stream.0.lock().unwrap().bytes = vec![7; BUFFER + 5];
        let mut io = HyperIo::new(Box::new(stream), Relay::default());
        let mut bytes = vec![0; 2 * BUFFER];
        for part in [BUFFER, 5] {
            let mut buffer = ReadBuf::new(&mut bytes);
            let polled = Pin::new(&mut io).poll_read(&mut Context::from_waker(Waker::noop()), buffer.unfilled());
            assert!(polled.is_ready());
            assert_eq!(buffer.filled(), vec![7; part]);
        }
    }
}
