//! The listener: a thread that accepts, one more for each connection, and an end to all of them.
use super::Log;
use std::{
    io,
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// What a connection's thread shares with its server.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) log: Log,
    stop: AtomicBool,
    sockets: Mutex<Vec<Weak<TcpStream>>>,
}

pub(super) struct Accepting {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Accepting {
    /// Listens, and gives each connection with its number, from 0, to `serve` on a thread of its own.
    pub(super) fn start(
        serve: impl Fn(Arc<TcpStream>, usize, &Shared) + Clone + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let accepting = shared.clone();
        thread::spawn(move || {
            for socket in listener.incoming() {
                if accepting.stopped() {
                    break;
                }
                let Ok(socket) = socket.map(Arc::new) else { continue };
                let nth = accepting.log.connected();
                accepting.keep(&socket);
                let (serve, shared) = (serve.clone(), accepting.clone());
                // A thread that cannot be had is a connection that closes.
                let _ = thread::Builder::new()
                    .stack_size(256 * 1024)
                    .spawn(move || serve(socket, nth, &shared));
            }
        });
        Ok(Self { address, shared })
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(super) fn log(&self) -> &Log {
        &self.shared.log
    }
}

impl Drop for Accepting {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        let sockets = self.shared.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        for socket in sockets.iter().filter_map(Weak::upgrade) {
            let _ = socket.shutdown(Shutdown::Both);
        }
        // The listener only looks up when someone comes.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_millis(200));
    }
}

impl Shared {
    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Sleeps, unless the server stops before.
    pub(super) fn pause(&self, duration: Duration) {
        let until = Instant::now() + duration;
        while !self.stopped() {
            match until.saturating_duration_since(Instant::now()) {
                Duration::ZERO => break,
                left => thread::sleep(left.min(Duration::from_millis(20))),
            }
        }
    }

    fn keep(&self, socket: &Arc<TcpStream>) {
        let mut sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        sockets.retain(|socket| socket.strong_count() > 0);
        sockets.push(Arc::downgrade(socket));
    }
}
