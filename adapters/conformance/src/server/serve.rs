//! Serves one connection: its opening, and the steps for each request.
use super::{Opening, Received, Script, Step, listener::Shared};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

/// A socket that the server can shut down from another thread.
struct Socket(Arc<TcpStream>);

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(buffer)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn plain(socket: Arc<TcpStream>, nth: usize, opening: Opening, script: &Script, shared: &Shared) {
    prepare(&socket);
    let mut wire = Socket(socket.clone());
    match opening {
        Opening::Serve => serve(&mut wire, &socket, nth, script, shared),
        Opening::Reset => reset(&socket),
        Opening::ResetAfter(bytes) => {
            let mut buffer = vec![0; bytes];
            if wire.read_exact(&mut buffer).is_ok() {
                shared.log.began(&buffer);
            }
            reset(&socket);
        }
        Opening::Silence => silence(shared),
        Opening::Say(bytes) => {
            let mut buffer = [0; 1024];
            if let Ok(count) = wire.read(&mut buffer) {
                shared.log.began(&buffer[..count]);
                let _ = wire.write_all(bytes);
            }
        }
    }
}

pub(super) fn tls(socket: Arc<TcpStream>, nth: usize, config: &Arc<ServerConfig>, script: &Script, shared: &Shared) {
    prepare(&socket);
    if let Ok(session) = ServerConnection::new(config.clone()) {
        let mut wire = StreamOwned::new(session, Socket(socket.clone()));
        serve(&mut wire, &socket, nth, script, shared);
        wire.conn.send_close_notify();
        let _ = wire.flush();
    }
}

/// Bounds every read and write, so that no thread waits for ever for a client.
fn prepare(socket: &TcpStream) {
    let _ = socket.set_nodelay(true);
    let _ = socket.set_read_timeout(Some(Duration::from_secs(60)));
    let _ = socket.set_write_timeout(Some(Duration::from_secs(60)));
}

fn serve(wire: &mut (impl Read + Write), socket: &TcpStream, nth: usize, script: &Script, shared: &Shared) {
    let mut left = Vec::new();
    while let Ok(Some(mut request)) = Received::read(wire, &mut left, &shared.log) {
        request.connection = nth;
        let request = shared.log.received(request);
        for step in script(&request) {
            if !take(step, wire, socket, shared) {
                return;
            }
        }
    }
}

/// Takes one step. Returns whether the connection goes on.
fn take(step: Step, wire: &mut impl Write, socket: &TcpStream, shared: &Shared) -> bool {
    match step {
        Step::Send(bytes) => send(wire, &bytes, shared),
        Step::Pause(duration) => {
            shared.pause(duration);
            true
        }
        Step::Repeat { bytes, every, at_most } => {
            let mut sent = 0;
            while sent < at_most && !shared.stopped() && send(wire, &bytes, shared) {
                sent += bytes.len();
                shared.pause(every);
            }
            if sent >= at_most {
                silence(shared);
            }
            false
        }
        Step::Silence => {
            silence(shared);
            false
        }
        Step::Close => false,
        Step::Reset => {
            reset(socket);
            false
        }
    }
}

fn send(wire: &mut impl Write, bytes: &[u8], shared: &Shared) -> bool {
    let sent = wire.write_all(bytes).and_then(|()| wire.flush()).is_ok();
    if sent {
        shared.log.wrote(bytes.len());
    }
    sent
}

fn silence(shared: &Shared) {
    shared.pause(Duration::from_secs(60));
}

/// Disables lingering: the connection is then reset when its last owner closes the socket.
fn reset(socket: &TcpStream) {
    let _ = socket2::SockRef::from(socket).set_linger(Some(Duration::ZERO));
}
