//! A waker that stays the same while the task that it wakes changes.
use futures_util::task::AtomicWaker;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

/// How often a future that wakes itself is polled before other tasks get their turn.
const MAX_REPOLLS: usize = 16;

/// A stable waker that wakes whichever task polled through it last.
///
/// A socket or a timer that moves from task to task is polled with a different waker each time. It registers each of
/// them anew, and wakes the task that had it before. A future that wakes its own task while it is polled costs another
/// poll of everything in that task. A relay avoids both: its waker is always the same, and a future that wakes the
/// relay while it is polled is polled again at once.
///
/// ```
/// use byourside_hyper::Relay;
/// use std::task::{Context, Poll, Waker};
///
/// let (relay, mut polls) = (Relay::default(), 0);
/// let done = relay.poll(&Context::from_waker(Waker::noop()), |context| {
///     polls += 1;
///     context.waker().wake_by_ref();
///     if polls == 3 { Poll::Ready(()) } else { Poll::Pending }
/// });
/// assert!(done.is_ready());
/// ```
///
/// A clone is the same relay.
#[derive(Clone, Debug)]
pub struct Relay {
    state: Arc<State>,
    /// Created once: `Waker::will_wake` compares addresses.
    waker: Waker,
}

#[derive(Debug)]
struct State {
    woken: AtomicBool,
    task: AtomicWaker,
}

impl Relay {
    /// Polls with the relay's waker, again at once while `poll` wakes the relay, and registers the task of `context`
    /// for later wake-ups. Use one relay from one task at a time.
    pub fn poll<T>(&self, context: &Context<'_>, poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        self.stir();
        self.poll_news(context, poll)
    }

    /// As [`poll`](Self::poll), but skips polling while nothing has woken the relay since the last `Pending`. This
    /// saves the system call of a socket that has nothing to read.
    ///
    /// It must poll the same socket or timer each time, and that must keep the last waker it was given. If another one
    /// takes its place, call [`stir`](Self::stir) first.
    ///
    /// ```
    /// use byourside_hyper::Relay;
    /// use std::task::{Context, Poll, Waker};
    ///
    /// let (relay, mut polls) = (Relay::default(), 0);
    /// for _ in 0..10 {
    ///     let polled = relay.poll_news(&Context::from_waker(Waker::noop()), |_context| {
    ///         polls += 1;
    ///         Poll::<()>::Pending
    ///     });
    ///     assert!(polled.is_pending());
    /// }
    /// assert_eq!(polls, 1);
    /// ```
    pub fn poll_news<T>(&self, context: &Context<'_>, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        for _ in 0..MAX_REPOLLS {
            // A swap: the poll then sees what was stored before a wake-up that came too early to be seen.
            if self.state.woken.swap(false, Ordering::SeqCst) {
                self.leave();
                if let Poll::Ready(done) = poll(&mut Context::from_waker(&self.waker)) {
                    // There may be more to read.
                    self.stir();
                    return Poll::Ready(done);
                }
            }
            self.state.task.register(context.waker());
            // A wake-up before the registration has woken no task.
            if !self.state.woken.load(Ordering::SeqCst) {
                return Poll::Pending;
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Marks the relay as woken, so that the next [`poll_news`](Self::poll_news) polls.
    pub fn stir(&self) {
        self.state.woken.store(true, Ordering::SeqCst);
    }

    /// Unregisters the task that polled last: it is no longer woken.
    pub fn leave(&self) {
        self.state.task.take();
    }
}

impl Default for Relay {
    fn default() -> Self {
        let state = Arc::new(State {
            // Nothing was polled yet, so nothing is known to be pending.
            woken: AtomicBool::new(true),
            task: AtomicWaker::new(),
        });
        let waker = Waker::from(state.clone());
        Self { state, waker }
    }
}

impl Wake for State {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        self.task.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn tasks() -> [(Arc<Count>, Waker); 2] {
        [(); 2].map(|()| {
            let count = Arc::<Count>::default();
            (count.clone(), Waker::from(count))
        })
    }

    fn woken(tasks: &[(Arc<Count>, Waker); 2]) -> [usize; 2] {
        [0, 1].map(|nth| tasks[nth].0.0.load(Ordering::Relaxed))
    }

    #[test]
    fn relay_wakes_the_last_task_through_the_same_waker() {
        let (relay, tasks) = (Relay::default(), tasks());
        let mut seen = Vec::new();
        for (_, waker) in &tasks {
            let polled = relay.poll(&Context::from_waker(waker), |context| {
                seen.push(context.waker().clone());
                Poll::<()>::Pending
            });
            assert!(polled.is_pending());
        }
        assert!(seen[0].will_wake(&seen[1]));
        seen[0].wake_by_ref();
        assert_eq!(woken(&tasks), [0, 1]);
    }

    #[test]
    fn relay_repolls_what_wakes_itself_without_waking_the_task() {
        let (relay, tasks) = (Relay::default(), tasks());
        let mut polls = 0;
        let polled = relay.poll(&Context::from_waker(&tasks[0].1), |context| {
            polls += 1;
            if polls < 3 {
                context.waker().wake_by_ref();
            }
            Poll::<()>::Pending
        });
        assert!(polled.is_pending());
        assert_eq!((polls, woken(&tasks)), (3, [0, 0]));
    }

    #[test]
    fn relay_yields_to_other_tasks_after_max_repolls() {
        let (relay, tasks) = (Relay::default(), tasks());
        let mut polls = 0;
        let polled = relay.poll(&Context::from_waker(&tasks[0].1), |context| {
            polls += 1;
            context.waker().wake_by_ref();
            Poll::<()>::Pending
        });
        assert!(polled.is_pending());
        assert_eq!((polls, woken(&tasks)), (MAX_REPOLLS, [1, 0]));
    }

    /// How often `poll_news` polls something that stays pending.
    fn count_polls(relay: &Relay, task: &Waker) -> usize {
        let mut polls = 0;
        let polled = relay.poll_news(&Context::from_waker(task), |_context| {
            polls += 1;
            Poll::<()>::Pending
        });
        assert!(polled.is_pending());
        polls
    }

    #[test]
    fn poll_news_polls_again_once_the_relay_was_woken() {
        let (relay, tasks) = (Relay::default(), tasks());
        let polls = || tasks.each_ref().map(|(_, waker)| count_polls(&relay, waker));
        assert_eq!(polls(), [1, 0]);
        assert_eq!(polls(), [0, 0]);
        relay.waker.wake_by_ref();
        assert_eq!((polls(), woken(&tasks)), ([1, 0], [0, 1]));
        relay.stir();
        assert_eq!((polls(), woken(&tasks)), ([1, 0], [0, 1]));
    }

    #[test]
    fn poll_news_polls_again_after_ready() {
        let relay = Relay::default();
        for _ in 0..3 {
            let polled = relay.poll_news(&Context::from_waker(Waker::noop()), |_context| Poll::Ready(()));
            assert!(polled.is_ready());
        }
        assert_eq!(count_polls(&relay, Waker::noop()), 1);
    }

    #[test]
    fn poll_news_sees_a_wake_up_during_the_poll() {
        let (relay, mut polls) = (Relay::default(), 0);
        let polled = relay.poll_news(&Context::from_waker(Waker::noop()), |context| {
            polls += 1;
            match polls {
                1 => {
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
                _ => Poll::Ready(()),
            }
        });
        assert!(polled.is_ready());
    }

    #[test]
    fn leave_unregisters_the_task() {
        let (relay, tasks) = (Relay::default(), tasks());
        let polled = relay.poll(&Context::from_waker(&tasks[0].1), |_context| Poll::<()>::Pending);
        assert!(polled.is_pending());
        relay.leave();
        relay.waker.wake_by_ref();
        assert_eq!(woken(&tasks), [0, 0]);
    }
}
