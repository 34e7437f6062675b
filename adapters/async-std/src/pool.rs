//! The pool of idle connections.
use crate::connection::Connection;
use http::{Uri, uri::Authority, uri::Scheme};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How long an idle connection is kept. Servers and load balancers commonly keep theirs longer.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);
/// How many idle connections are kept. A full pool drops the one that was idle for longest.
const MAX_IDLE: usize = 256;

/// The origin that a connection is for.
pub(crate) type Key = (Scheme, Authority);

/// Idle connections, the longest idle first.
#[derive(Default)]
pub(crate) struct Pool(Mutex<Vec<IdleConnection>>);

struct IdleConnection {
    key: Key,
    since: Instant,
    connection: Connection,
}

/// The key of a URI, if it is absolute.
pub(crate) fn key(uri: &Uri) -> Option<Key> {
    Some((uri.scheme()?.clone(), uri.authority()?.clone()))
}

impl Pool {
    /// Takes the most recently used connection, which is the least likely to have been closed.
    pub(crate) fn take(&self, key: &Key) -> Option<Connection> {
        let mut idle = self.idle(Instant::now());
        let last = idle.iter().rposition(|idle| idle.key == *key)?;
        Some(idle.remove(last).connection)
    }

    pub(crate) fn put(&self, key: Key, connection: Connection) {
        let since = Instant::now();
        let mut idle = self.idle(since);
        if idle.len() >= MAX_IDLE {
            idle.remove(0);
        }
        idle.push(IdleConnection { key, since, connection });
    }

    /// The idle connections, without those that have timed out.
    fn idle(&self, now: Instant) -> MutexGuard<'_, Vec<IdleConnection>> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|idle| now.saturating_duration_since(idle.since) < IDLE_TIMEOUT);
        idle
    }
}
