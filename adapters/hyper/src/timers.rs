//! Deadlines of requests, most of which are over long before.
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

/// How many timers are kept.
const MOST: usize = 256;

type Timer = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Timers that go from one request to the next.
///
/// To set a timer wakes the thread that waits for all of them, which can cost as much as a good part of a request. So
/// the timer of a request that is over is left running, and serves the next one: if it goes off before that one's
/// deadline, it is set anew then.
///
/// `K` tells timers apart that cannot be polled in the same place, such as those of different runtimes.
pub struct Timers<K = ()>(Mutex<VecDeque<Armed<K>>>);

/// A timer that is set.
struct Armed<K> {
    key: K,
    at: Monotonic,
    timer: Timer,
    relay: Relay,
}

/// Done when its time has come.
#[must_use = "a future does nothing until it is polled"]
pub struct Deadline<'a, K: PartialEq + Clone, N: Fn() -> Monotonic, S> {
    timers: &'a Timers<K>,
    key: K,
    began: Monotonic,
    at: Monotonic,
    now: N,
    sleep: S,
    armed: Option<Armed<K>>,
}

impl<K: PartialEq + Clone> Timers<K> {
    /// A deadline so far from now, by the clock of `now` and the timers of `sleep`.
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
        let began = now();
        Deadline {
            timers: self,
            key,
            began,
            at: began.after(after),
            now,
            sleep,
            armed: None,
        }
    }

    /// The timer that was used last of those that go off by `at`.
    fn take(&self, key: &K, at: Monotonic) -> Option<Armed<K>> {
        let mut kept = self.kept();
        let last = kept.iter().rposition(|armed| armed.key == *key && armed.at <= at)?;
        kept.remove(last)
    }

    fn put(&self, armed: Armed<K>, now: Monotonic) {
        armed.relay.leave();
        let mut kept = self.kept();
        // What went off while nobody had it is of no use any more.
        while kept.len() >= MOST || kept.front().is_some_and(|armed| armed.at <= now) {
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
        // Twice at most: what is set here is set for the deadline itself.
        loop {
            let over = match &mut this.armed {
                Some(armed) => {
                    ready!(armed.poll(context));
                    armed.at >= this.at
                }
                None => false,
            };
            this.armed = None;
            let left = this.at.since((this.now)());
            if over || left.is_zero() {
                return Poll::Ready(());
            }
            this.armed = Some(Armed::new(this.key.clone(), this.at, Box::pin((this.sleep)(left))));
        }
    }
}

impl<K: PartialEq + Clone, N: Fn() -> Monotonic, S> Drop for Deadline<'_, K, N, S> {
    fn drop(&mut self) {
        if let Some(armed) = self.armed.take() {
            self.timers.put(armed, self.began);
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

    /// A clock that is set by hand, who waits for it, and the number of timers that were set by it.
    #[derive(Clone, Default)]
    struct Clock {
        seconds: Arc<AtomicU64>,
        waiting: Arc<Mutex<Vec<Waker>>>,
        set: Arc<AtomicUsize>,
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
            self.set.fetch_add(1, Ordering::Relaxed);
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

    /// At which of these seconds the deadline is over, asked in turn.
    fn over(timers: &Timers<u8>, key: u8, clock: &Clock, after: u64, seconds: &[u64]) -> Vec<bool> {
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
    fn one_timer_serves_one_request_after_the_other() {
        let (timers, clock) = (Timers::default(), Clock::default());
        for second in 0..10 {
            clock.set_to(second);
            assert_eq!(over(&timers, 0, &clock, 15, &[second]), [false]);
        }
        assert_eq!(clock.set.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_timer_that_was_set_for_less_is_set_anew() {
        let (timers, clock) = (Timers::default(), Clock::default());
        assert_eq!(over(&timers, 0, &clock, 15, &[0]), [false]);
        clock.set_to(10);
        assert_eq!(
            over(&timers, 0, &clock, 15, &[10, 14, 15, 24, 25]),
            [false, false, false, false, true]
        );
        assert_eq!(clock.set.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_timer_that_was_set_for_more_is_not_waited_for() {
        let (timers, clock) = (Timers::default(), Clock::default());
        assert_eq!(over(&timers, 0, &clock, 60, &[0]), [false]);
        assert_eq!(over(&timers, 0, &clock, 15, &[0, 14, 15]), [false, false, true]);
    }

    #[test]
    fn a_timer_stays_where_it_was_set() {
        let (timers, clock) = (Timers::default(), Clock::default());
        for key in [0, 1, 0, 1] {
            assert_eq!(over(&timers, key, &clock, 15, &[0]), [false]);
        }
        assert_eq!(clock.set.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn timers_that_went_off_unused_are_let_go() {
        let (timers, clock) = (Timers::default(), Clock::default());
        assert_eq!(over(&timers, 0, &clock, 15, &[0]), [false]);
        clock.set_to(20);
        assert_eq!(over(&timers, 1, &clock, 60, &[20]), [false]);
        assert_eq!(timers.kept().len(), 1);
    }
}
