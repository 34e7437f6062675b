//! A connection on which every read and write ends at a deadline.
use http::Uri;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use std::{
    io::{self, Error, ErrorKind, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    sync::Arc,
    time::{Duration, Instant},
};

/// A socket with a deadline for a whole exchange, not a timeout for each read.
struct Timed {
    socket: TcpStream,
    until: Instant,
}

pub struct Wire {
    origin: String,
    stream: Stream,
}

enum Stream {
    Plain(Timed),
    Tls(Box<StreamOwned<ClientConnection, Timed>>),
}

impl Timed {
    fn left(&self) -> io::Result<Duration> {
        match self.until.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(ErrorKind::TimedOut.into()),
            left => Ok(left),
        }
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(Some(self.left()?))?;
        self.socket.read(buffer)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(Some(self.left()?))?;
        self.socket.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Wire {
    pub fn connect(uri: &Uri, tls: &Arc<ClientConfig>, until: Instant) -> io::Result<Self> {
        let secure = uri.scheme_str() == Some("https");
        let host = uri.host().unwrap_or_default();
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let mut connected = Err(Error::from(ErrorKind::NotFound));
        for address in (host, port).to_socket_addrs()? {
            let left = until.saturating_duration_since(Instant::now());
            connected = TcpStream::connect_timeout(&address, left.max(Duration::from_millis(1)));
            if connected.is_ok() {
                break;
            }
        }
        let mut timed = Timed {
            socket: connected?,
            until,
        };
        timed.socket.set_nodelay(true)?;
        let stream = if secure {
            let name = host.to_owned().try_into().map_err(Error::other)?;
            let mut session = ClientConnection::new(tls.clone(), name).map_err(Error::other)?;
            while session.is_handshaking() {
                session.complete_io(&mut timed)?;
            }
            Stream::Tls(Box::new(StreamOwned::new(session, timed)))
        } else {
            Stream::Plain(timed)
        };
        Ok(Self {
            origin: origin(uri),
            stream,
        })
    }

    pub fn until(&mut self, until: Instant) {
        self.timed_mut().until = until;
    }

    pub fn is_for(&self, uri: &Uri) -> bool {
        self.origin == origin(uri)
    }

    /// Whether an idle connection can be used: it was not closed, and no unsolicited answer has arrived.
    pub fn is_open(&self) -> bool {
        let socket = match &self.stream {
            Stream::Plain(timed) => &timed.socket,
            Stream::Tls(tls) => &tls.sock.socket,
        };
        let quiet = socket.set_nonblocking(true).is_ok()
            && matches!(socket.peek(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock);
        quiet && socket.set_nonblocking(false).is_ok()
    }

    fn timed_mut(&mut self) -> &mut Timed {
        match &mut self.stream {
            Stream::Plain(timed) => timed,
            Stream::Tls(tls) => &mut tls.sock,
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.stream {
            Stream::Plain(timed) => timed.read(buffer),
            Stream::Tls(tls) => tls.read(buffer),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.stream {
            Stream::Plain(timed) => timed.write(bytes),
            Stream::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(timed) => timed.flush(),
            Stream::Tls(tls) => tls.flush(),
        }
    }
}

fn origin(uri: &Uri) -> String {
    format!("{:?} {:?}", uri.scheme(), uri.authority())
}
