//! What goes wrong between a request and its answer, and whether the request can have left.
use crate::server::{Opening, Server, Step, authority, head};
use byourside_proto::machine::Sent;
use socket2::{Domain, Socket, Type};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    time::Duration,
};

/// One fault. `sent` is what must be told of it; `None` where either is true.
pub(super) struct Fault {
    pub(super) name: &'static str,
    pub(super) sent: Option<Sent>,
    pub(super) start: fn() -> io::Result<Faulty>,
}

/// What has the fault. Dropped, it is over.
pub(super) enum Faulty {
    Server(Server),
    Refusing(SocketAddr),
    Full(FullBacklog),
}

/// For faults that are only over when the client gives up.
pub(super) const SOON: Duration = Duration::from_millis(400);

pub(super) const FAULTS: &[Fault] = &[
    Fault::new("refused", Some(Sent::No), || {
        // A port that was free a moment ago.
        Ok(Faulty::Refusing(
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?,
        ))
    }),
    Fault::new("no room to connect", Some(Sent::No), || {
        Ok(match full_backlog()? {
            Some(full) => Faulty::Full(full),
            None => Faulty::Refusing(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?),
        })
    }),
    Fault::new("TLS: silence", Some(Sent::No), || no_tls(Opening::Silence)),
    Fault::new("TLS: reset", Some(Sent::No), || no_tls(Opening::Reset)),
    Fault::new("TLS: reset in the handshake", Some(Sent::No), || {
        no_tls(Opening::ResetAfter(16))
    }),
    Fault::new("TLS: plain HTTP", Some(Sent::No), || {
        no_tls(Opening::Say(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    }),
    Fault::new("TLS: unknown issuer", Some(Sent::No), || {
        let stranger = crate::server::stranger()?;
        tls(&stranger.identity("localhost")?)
    }),
    Fault::new("TLS: wrong name", Some(Sent::No), || {
        tls(&authority()?.identity("other.test")?)
    }),
    Fault::new("TLS: expired", Some(Sent::No), || {
        tls(&authority()?.expired("localhost")?)
    }),
    Fault::new("reset before the request", None, || {
        Server::opening(Opening::Reset, |_| vec![Step::Close]).map(Faulty::Server)
    }),
    Fault::new("reset during the request", Some(Sent::Maybe), || {
        Server::opening(Opening::ResetAfter(16), |_| vec![Step::Close]).map(Faulty::Server)
    }),
    Fault::new("reset after the request", Some(Sent::Maybe), || {
        after(vec![Step::Reset])
    }),
    Fault::new("closed after the request", Some(Sent::Maybe), || {
        after(vec![Step::Close])
    }),
    Fault::new("silence after the request", Some(Sent::Maybe), || {
        after(vec![Step::Silence])
    }),
    Fault::new("reset in the headers", Some(Sent::Maybe), || {
        after_sending(b"HTTP/1.1 200 OK\r\nx-a", Step::Reset)
    }),
    Fault::new("silence in the headers", Some(Sent::Maybe), || {
        after_sending(b"HTTP/1.1 200 OK\r\nx-a", Step::Silence)
    }),
    Fault::new("reset in the body", Some(Sent::Maybe), || {
        after_sending(&half_a_body(), Step::Reset)
    }),
    Fault::new("closed in the body", Some(Sent::Maybe), || {
        after_sending(&half_a_body(), Step::Close)
    }),
    Fault::new("silence in the body", Some(Sent::Maybe), || {
        after_sending(&half_a_body(), Step::Silence)
    }),
    Fault::new("no HTTP", Some(Sent::Maybe), || {
        after_sending(b"no HTTP at all\r\n\r\n", Step::Close)
    }),
];

impl Fault {
    const fn new(name: &'static str, sent: Option<Sent>, start: fn() -> io::Result<Faulty>) -> Self {
        Self { name, sent, start }
    }
}

impl Faulty {
    pub(super) fn url(&self) -> String {
        match self {
            Self::Server(server) => server.url(),
            Self::Refusing(address) => format!("http://{address}"),
            Self::Full(full) => full.url(),
        }
    }

    /// POSTs that began to arrive.
    pub(super) fn posts(&self) -> usize {
        match self {
            Self::Server(server) => server.log().posts(),
            Self::Refusing(_) | Self::Full(_) => 0,
        }
    }
}

fn no_tls(opening: Opening) -> io::Result<Faulty> {
    Server::no_tls(opening).map(Faulty::Server)
}

fn tls(identity: &crate::server::Identity) -> io::Result<Faulty> {
    Server::tls(identity, |_| vec![Step::Close]).map(Faulty::Server)
}

fn after(steps: Vec<Step>) -> io::Result<Faulty> {
    Server::start(move |_| steps.clone()).map(Faulty::Server)
}

fn after_sending(bytes: &[u8], step: Step) -> io::Result<Faulty> {
    // A moment, so that what was sent is read before what comes after it.
    after(vec![
        Step::Send(bytes.to_vec()),
        Step::Pause(Duration::from_millis(30)),
        step,
    ])
}

fn half_a_body() -> Vec<u8> {
    [&head(200, &[("content-length", "100")])[..], br#"{"callId":"c1","#].concat()
}

/// A listener that nobody accepts from and whose queue is full: to connect to it takes for ever.
pub(super) struct FullBacklog {
    listener: Socket,
    _queued: Vec<Socket>,
}

/// `None` where the system lets everyone in.
pub(super) fn full_backlog() -> io::Result<Option<FullBacklog>> {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    listener.listen(0)?;
    let address = listener.local_addr()?;
    let mut queued = Vec::new();
    for _ in 0..16 {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        let connected = socket.connect_timeout(&address, Duration::from_millis(100));
        queued.push(socket);
        if connected.is_err() {
            return Ok(Some(FullBacklog {
                listener,
                _queued: queued,
            }));
        }
    }
    Ok(None)
}

impl FullBacklog {
    pub(super) fn url(&self) -> String {
        let address = self.listener.local_addr().ok().and_then(|address| address.as_socket());
        format!("http://127.0.0.1:{}", address.map_or(0, |address| address.port()))
    }
}
