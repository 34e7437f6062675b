//! Request deadlines on timers that are reused from request to request.
use crate::Relay;
use byourside_proto::Monotonic;
use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

/// How many armed timers are kept.
const MAX_KEPT: usize = 256;

type Timer = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A pool of armed timers, reused from one request to the next.
///
/// Arming a timer wakes the thread that waits for all timers, which can cost a good part of a request. Most requests
/// finish long before their deadline. So the timer of a finished request stays armed and serves the next one; if it
/// fires before the new deadline, it is armed again.
///
/// Timers with different keys `K` are kept apart. Use it for timers that belong to different runtimes.
pub struct Timers<K = ()>(Mutex<VecDeque<Armed<K>>>);

/// A timer that is armed to fire at `at`.
struct Armed<K> {
    key: K,
    at: Monotonic,
    timer: Timer,
    relay: Relay,
}

/// A future that is done at its deadline. Created by [`Timers::deadline`].
#[must_use = "a future does nothing until it is polled"]
pub struct Deadline<'a, K: PartialEq + Clone, N: Fn() -> Monotonic, S> {
    timers: &'a Timers<K>,
    key: K,
    created: Monotonic,
    at: Monotonic,
    now: N,
    sleep: S,
    armed: Option<Armed<K>>,
}

impl<K: PartialEq + Clone> Timers<K> {
    /// A deadline `after` from now. `now` reads the clock, and `sleep` creates a timer.
    ///
    /// ```
    /// use byourside_hyper::Timers;
    /// use byourside_proto::Monotonic;
    /// use std::{future::ready, pin::pin, task::{Context, Waker}, time::Duration};
    ///
    /// let timers = Timers::default();
    /// let deadline = timers.deadline((), Duration::ZERO, || Monotonic::ORIGIN, |_duration| ready(()));
    /// assert!(pin!(deadline).poll(&mut Context::from_waker(Waker::noop())).is_ready());
    /// ```
    pub fn deadline<N, S, F>(&self, key: K, after: Duration, now: N, sleep: S) -> Deadline<'_, K, N, S>
    where
        N: Fn() -> Monotonic,
        S: Fn(Duration) -> F,
        F: Future<Output = ()> + Send + 'static,
    {
        let created = now();
        Deadline {
            timers: self,
            key,
            created,
            at: created.after(after),
            now,
            sleep,
            armed: None,
        }
    }

    /// Takes the most recently used timer that fires no later than `at`.
    fn take(&self, key: &K, at: Monotonic) -> Option<Armed<K>> {
        let mut kept = self.kept();
        let last = kept.iter().rposition(|armed| armed.key == *key && armed.at <= at)?;
        kept.remove(last)
    }

    fn put(&self, armed: Armed<K>, now: Monotonic) {
        armed.relay.leave();
        let mut kept = self.kept();
        // A timer that fired while it was kept is of no use any more.
        while kept.len() >= MAX_KEPT || kept.front().is_some_and(|armed| armed.at <= now) {
            kept.pop_front();
        }
        kept.push_back(armed);
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Armed<K>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K> Armed<K> {
    fn new(key: K, at: Monotonic, timer: Timer) -> Self {
        let relay = Relay::default();
        Self { key, at, timer, relay }
    }

    fn poll(&mut self, context: &Context<'_>) -> Poll<()> {
        self.relay
            .poll_news(context, |context| self.timer.as_mut().poll(context))
    }
}

impl<K, N, S, F> Future for Deadline<'_, K, N, S>
where
    K: PartialEq + Clone + Unpin,
    N: Fn() -> Monotonic + Unpin,
    S: Fn(Duration) -> F + Unpin,
    F: Future<Output = ()> + Send + 'static,
{
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.armed.is_none() {
            this.armed = this.timers.take(&this.key, this.at);
        }
        // At most twice: a timer that is armed here fires at the deadline itself.
        loop {
            let fired = match &mut this.armed {
                Some(armed) => {
                    ready!(armed.poll(context));
                    armed.at >= this.at
                }
                None => false,
            };
            this.armed = None;
            let time_left = this.at.since((this.now)());
            if fired || time_left.is_zero() {
                return Poll::Ready(());
            }
            this.armed = Some(Armed::new(this.key.clone(), this.at, Box::pin((this.sleep)(time_left))));
        }
    }
}

impl<K: PartialEq + Clone, N: Fn() -> Monotonic, S> Drop for Deadline<'_, K, N, S> {
    fn drop(&mut self) {
        if let Some(armed) = self.armed.take() {
            self.timers.put(armed, self.created);
        }
    }
}

impl<K> Default for Timers<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K> fmt::Debug for Timers<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timers").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        pin::pin,
        sync::{
            Arc,
            atomic::{AtomicU64, AtomicUsize, Ordering},
        },
        task::Waker,
    };

    /// A manual clock, the wakers that wait for it, and how many timers were armed on it.
    #[derive(Clone, Default)]
    struct Clock {
        seconds: Arc<AtomicU64>,
        waiting: Arc<Mutex<Vec<Waker>>>,
        armed: Arc<AtomicUsize>,
    }

    impl Clock {
        fn now(&self) -> Monotonic {
            Monotonic::new(Duration::from_secs(self.seconds.load(Ordering::Relaxed)))
        }

        fn set_to(&self, seconds: u64) {
            self.seconds.store(seconds, Ordering::Relaxed);
            self.waiting.lock().unwrap().drain(..).for_each(Waker::wake);
        }

        fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static {
            self.armed.fetch_add(1, Ordering::Relaxed);
            let (clock, until) = (self.clone(), self.now().after(duration));
            std::future::poll_fn(move |context| match clock.now() < until {
                true => {
                    clock.waiting.lock().unwrap().push(context.waker().clone());
                    Poll::Pending
                }
                false => Poll::Ready(()),
            })
        }
    }

    /// Whether the deadline is done at each of these seconds, in turn.
    fn done_at(timers: &Timers<u8>, key: u8, clock: &Clock, after: u64, seconds: &[u64]) -> Vec<bool> {
        let after = Duration::from_secs(after);
        let mut deadline = pin!(timers.deadline(key, after, || clock.now(), |duration| clock.sleep(duration)));
        let mut context = Context::from_waker(Waker::noop());
        let asked = seconds.iter().map(|seconds| {
            clock.set_to(*seconds);
            deadline.as_mut().poll(&mut context).is_ready()
        });
        asked.collect()
    }

    #[test]
    fn timer_serves_one_request_after_the_other() {
        let (timers, clock) = (Timers::default(), Clock::default());
        for second in 0..10 {
            clock.set_to(second);
            assert_eq!(done_at(&timers, 0, &clock, 15, &[second]), [false]);
        }
        assert_eq!(clock.armed.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn timer_that_fires_too_early_is_armed_again() {
        let (timers, clock) = (Timers::default(), Clock::default());
        assert_eq!(done_at(&timers, 0, &clock, 15, &[0]), [false]);
        clock.set_to(10);
        assert_eq!(
            done_at(&timers, 0, &clock, 15, &[10, 14, 15, 24, 25]),
            [false, false, false, false, true]
        );
        assert_eq!(clock.armed.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn timer_that_fires_too_late_is_not_used() {
        let (timers, clock) = (Timers::default(), Clock::default());
        assert_eq!(done_at(&timers, 0, &clock, 60, &[0]), [false]);
        assert_eq!(done_at(&timers, 0, &clock, 15, &[0, 14, 15]), [false, false, true]);
    }

    #[test]
    fn timers_with_different_keys_are_kept_apart() {
        let (timers, clock) = (Timers::default(), Clock::default());
        for key in [0, 1, 0, 1] {
            assert_eq!(done_at(&timers, key, &clock, 15, &[0]), [false]);
        }
        assert_eq!(clock.armed.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn timers_that_fired_unused_are_dropped() {
        let (timers, clock) = (Timers::default(), Clock::default());
        assert_eq!(done_at(&timers, 0, &clock, 15, &[0]), [false]);
        clock.set_to(20);
        assert_eq!(done_at(&timers, 1, &clock, 60, &[20]), [false]);
        assert_eq!(timers.kept().len(), 1);
    }
}
