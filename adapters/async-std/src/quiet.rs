//! A socket that is read from when there is something to read.
use byourside_hyper::Relay;
use futures_io::{AsyncRead, AsyncWrite};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

/// Asks the system for what a socket has received only if there is news of it.
///
/// async-io asks whenever it is polled, and whoever drives a connection polls it several times for each request.
pub(crate) struct Quiet<S> {
    socket: S,
    news: Relay,
}

impl<S> Quiet<S> {
    /// `news` is for this socket alone: stirred, it has the socket asked once more, before the reactor tells of it.
    pub(crate) fn new(socket: S, news: Relay) -> Self {
        Self { socket, news }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Quiet<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let Self { socket, news } = &mut *self;
        news.poll_news(context, |context| Pin::new(&mut *socket).poll_read(context, buffer))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Quiet<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(context, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_close(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;

    /// A socket that has received this many bytes, and how often it was asked for them.
    struct Socket {
        received: usize,
        asked: usize,
        reader: Option<Waker>,
    }

    impl AsyncRead for Socket {
        fn poll_read(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            buffer: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            self.asked += 1;
            if self.received == 0 {
                self.reader = Some(context.waker().clone());
                return Poll::Pending;
            }
            let some = self.received.min(buffer.len());
            self.received -= some;
            Poll::Ready(Ok(some))
        }
    }

    fn read(quiet: &mut Quiet<Socket>) -> Option<usize> {
        match Pin::new(quiet).poll_read(&mut Context::from_waker(Waker::noop()), &mut [0; 4]) {
            Poll::Ready(read) => read.ok(),
            Poll::Pending => None,
        }
    }

    #[test]
    fn a_socket_is_asked_until_it_has_nothing_and_then_not_before_there_is_news() {
        let news = Relay::default();
        let socket = Socket {
            received: 6,
            asked: 0,
            reader: None,
        };
        let mut quiet = Quiet::new(socket, news.clone());
        assert_eq!([(); 5].map(|()| read(&mut quiet)), [Some(4), Some(2), None, None, None]);
        assert_eq!(quiet.socket.asked, 3);

        quiet.socket.received = 1;
        assert_eq!(read(&mut quiet), None);
        quiet.socket.reader.take().unwrap().wake();
        assert_eq!([(); 3].map(|()| read(&mut quiet)), [Some(1), None, None]);
        assert_eq!(quiet.socket.asked, 5);

        quiet.socket.received = 1;
        news.stir();
        assert_eq!(read(&mut quiet), Some(1));
    }
}
