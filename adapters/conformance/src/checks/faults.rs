//! Faults between a request and its answer, and whether the request can have left.
use crate::server::{Opening, Server, Step, authority, head};
use byourside_proto::machine::Sent;
use socket2::{Domain, Socket, Type};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    time::Duration,
};

/// One fault. `sent` is what a transport must report; `None` if both are correct.
pub(super) struct Fault {
    pub(super) name: &'static str,
    pub(super) sent: Option<Sent>,
    pub(super) start: fn() -> io::Result<FaultySite>,
}

/// A server or address with the fault. Dropping it ends the fault.
pub(super) enum FaultySite {
    Server(Server),
    Refusing(SocketAddr),
    Full(FullBacklog),
}

/// A timeout for faults that end only when the client gives up.
pub(super) const SHORT_TIMEOUT: Duration = Duration::from_millis(400);

pub(super) const FAULTS: &[Fault] = &[
    Fault::new("refused", Some(Sent::No), || {
        // A free port: the listener is closed again.
        Ok(FaultySite::Refusing(
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?,
        ))
    }),
    Fault::new("full backlog", Some(Sent::No), || {
        Ok(match full_backlog()? {
            Some(full) => FaultySite::Full(full),
            None => FaultySite::Refusing(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?),
        })
    }),
    Fault::new("TLS: silence", Some(Sent::No), || without_tls(Opening::Silence)),
    Fault::new("TLS: reset", Some(Sent::No), || without_tls(Opening::Reset)),
    Fault::new("TLS: reset in the handshake", Some(Sent::No), || {
        without_tls(Opening::ResetAfter(16))
    }),
    Fault::new("TLS: plain HTTP", Some(Sent::No), || {
        without_tls(Opening::Say(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    }),
    Fault::new("TLS: unknown issuer", Some(Sent::No), || {
        let untrusted = crate::server::untrusted_authority()?;
        tls(&untrusted.identity("localhost")?)
    }),
    Fault::new("TLS: wrong name", Some(Sent::No), || {
        tls(&authority()?.identity("other.test")?)
    }),
    Fault::new("TLS: expired", Some(Sent::No), || {
        tls(&authority()?.expired("localhost")?)
    }),
    Fault::new("reset before the request", None, || {
        Server::opening(Opening::Reset, |_| vec![Step::Close]).map(FaultySite::Server)
    }),
    Fault::new("reset during the request", Some(Sent::Maybe), || {
        Server::opening(Opening::ResetAfter(16), |_| vec![Step::Close]).map(FaultySite::Server)
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
    Fault::new("not HTTP", Some(Sent::Maybe), || {
        after_sending(b"no HTTP at all\r\n\r\n", Step::Close)
    }),
];

impl Fault {
    const fn new(name: &'static str, sent: Option<Sent>, start: fn() -> io::Result<FaultySite>) -> Self {
        Self { name, sent, start }
    }
}

impl FaultySite {
    pub(super) fn url(&self) -> String {
        match self {
            Self::Server(server) => server.url(),
            Self::Refusing(address) => format!("http://{address}"),
            Self::Full(full) => full.url(),
        }
    }

    /// How many POSTs began to arrive.
    pub(super) fn posts(&self) -> usize {
        match self {
            Self::Server(server) => server.log().posts(),
            Self::Refusing(_) | Self::Full(_) => 0,
        }
    }
}

fn without_tls(opening: Opening) -> io::Result<FaultySite> {
    Server::without_tls(opening).map(FaultySite::Server)
}

fn tls(identity: &crate::server::Identity) -> io::Result<FaultySite> {
    Server::tls(identity, |_| vec![Step::Close]).map(FaultySite::Server)
}

fn after(steps: Vec<Step>) -> io::Result<FaultySite> {
    Server::start(move |_| steps.clone()).map(FaultySite::Server)
}

fn after_sending(bytes: &[u8], step: Step) -> io::Result<FaultySite> {
    // Pause, so that the client reads the bytes before the next step.
    after(vec![
        Step::Send(bytes.to_vec()),
        Step::Pause(Duration::from_millis(30)),
        step,
    ])
}

fn half_a_body() -> Vec<u8> {
    [&head(200, &[("content-length", "100")])[..], br#"{"callId":"c1","#].concat()
}

/// A listener that accepts nothing and whose backlog is full, so that connecting to it never ends.
pub(super) struct FullBacklog {
    listener: Socket,
    _queued: Vec<Socket>,
}

/// `None` on systems that complete every connection.
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
