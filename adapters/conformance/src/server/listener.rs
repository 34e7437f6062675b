//! Accepts connections, each served on its own thread, and closes them all when it is dropped.
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

/// The state that the connection threads share with their server.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) log: Log,
    stop: AtomicBool,
    sockets: Mutex<Vec<Weak<TcpStream>>>,
}

/// A listening socket and its threads.
pub(super) struct Listener {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Listener {
    /// Listens on a loopback port, and runs `serve` for each connection on its own thread. Connections are numbered
    /// from 0.
    pub(super) fn start(
        serve: impl Fn(Arc<TcpStream>, usize, &Shared) + Clone + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let listening = shared.clone();
        thread::spawn(move || {
            for socket in listener.incoming() {
                if listening.stopped() {
                    break;
                }
                let Ok(socket) = socket.map(Arc::new) else { continue };
                let nth = listening.log.connected();
                listening.keep(&socket);
                let (serve, shared) = (serve.clone(), listening.clone());
                // If no thread can be started, the connection is closed.
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

impl Drop for Listener {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        let sockets = self.shared.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        for socket in sockets.iter().filter_map(Weak::upgrade) {
            let _ = socket.shutdown(Shutdown::Both);
        }
        // Wakes the listener thread, which blocks in `accept`.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_millis(200));
    }
}

impl Shared {
    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Sleeps, or returns early when the server stops.
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
