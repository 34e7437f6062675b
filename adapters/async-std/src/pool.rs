//! Connections that are kept for the next request.
use crate::connection::Connection;
use http::{Uri, uri::Authority, uri::Scheme};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How long a connection is kept that nothing uses: less than servers and load balancers commonly keep theirs.
const IDLE: Duration = Duration::from_secs(50);
/// How many are kept. The one that was idle for longest makes room.
const MOST: usize = 256;

/// Where a connection goes to.
pub(crate) type Key = (Scheme, Authority);

/// The connections that have no request under way, the longest idle first.
#[derive(Default)]
pub(crate) struct Pool(Mutex<Vec<Idle>>);

struct Idle {
    key: Key,
    since: Instant,
    connection: Connection,
}

pub(crate) fn key(uri: &Uri) -> Option<Key> {
    Some((uri.scheme()?.clone(), uri.authority()?.clone()))
}

impl Pool {
    /// The one that was used last; it is the least likely to have been closed.
    pub(crate) fn take(&self, key: &Key) -> Option<Connection> {
        let mut idle = self.idle(Instant::now());
        let last = idle.iter().rposition(|idle| idle.key == *key)?;
        Some(idle.remove(last).connection)
    }

    pub(crate) fn put(&self, key: Key, connection: Connection) {
        let since = Instant::now();
        let mut idle = self.idle(since);
        if idle.len() >= MOST {
            idle.remove(0);
        }
        idle.push(Idle { key, since, connection });
    }

    fn idle(&self, now: Instant) -> MutexGuard<'_, Vec<Idle>> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|idle| now.saturating_duration_since(idle.since) < IDLE);
        idle
    }
}
