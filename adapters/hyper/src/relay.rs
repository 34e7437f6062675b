//! A waker that stays the same while the task behind it changes.
use futures_util::task::AtomicWaker;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

/// How often what wakes itself is polled before others have their turn.
const TURNS: usize = 16;

/// Wakes the task that polled through it last, unless that is polling just now.
///
/// A socket or a timer that is polled with another waker than before is registered anew, and wakes the task that had it
/// before. What wakes its own task while that polls costs another poll of all that the task does. Behind a relay
/// neither happens: its waker is always the same, and what wakes it meanwhile is polled again at once.
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
    news: Arc<News>,
    /// Made once: wakers are told apart by where they are.
    waker: Waker,
}

#[derive(Debug)]
struct News {
    came: AtomicBool,
    task: AtomicWaker,
}

impl Relay {
    /// Polls, again at once while that wakes this relay, and then tells the task of `context` of what happens later.
    /// What is behind one relay is polled from one place at a time.
    pub fn poll<T>(&self, context: &Context<'_>, poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        self.stir();
        self.poll_news(context, poll)
    }

    /// As [`poll`](Self::poll), but what was pending is not polled before it has woken this relay: for what would ask
    /// the system each time.
    ///
    /// It must be the same thing each time, and one that keeps the waker that it was given last, as a socket or a timer
    /// does. Where it is replaced by another, [`stir`](Self::stir) first.
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
        for _ in 0..TURNS {
            // A swap: what was stored before it, by whoever was missed, is seen by the poll.
            if self.news.came.swap(false, Ordering::SeqCst) {
                self.leave();
                if let Poll::Ready(done) = poll(&mut Context::from_waker(&self.waker)) {
                    // There may be more.
                    self.stir();
                    return Poll::Ready(done);
                }
            }
            self.news.task.register(context.waker());
            // What came before the task was registered has told nobody.
            if !self.news.came.load(Ordering::SeqCst) {
                return Poll::Pending;
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Has the next [`poll_news`](Self::poll_news) poll, as if there were news.
    pub fn stir(&self) {
        self.news.came.store(true, Ordering::SeqCst);
    }

    /// The task that polled last is no longer told.
    pub fn leave(&self) {
        self.news.task.take();
    }
}

impl Default for Relay {
    fn default() -> Self {
        let news = Arc::new(News {
            // What was never polled is not known to be pending.
            came: AtomicBool::new(true),
            task: AtomicWaker::new(),
        });
        let waker = Waker::from(news.clone());
        Self { news, waker }
    }
}

impl Wake for News {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.came.store(true, Ordering::SeqCst);
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
    fn whoever_polled_last_is_told_through_the_same_waker() {
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
    fn what_wakes_itself_is_polled_again_and_its_task_is_not_woken() {
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
    fn what_never_stops_waking_itself_lets_others_have_their_turn() {
        let (relay, tasks) = (Relay::default(), tasks());
        let mut polls = 0;
        let polled = relay.poll(&Context::from_waker(&tasks[0].1), |context| {
            polls += 1;
            context.waker().wake_by_ref();
            Poll::<()>::Pending
        });
        assert!(polled.is_pending());
        assert_eq!((polls, woken(&tasks)), (TURNS, [1, 0]));
    }

    /// How often something that stays pending is polled for its news.
    fn polls_for_news(relay: &Relay, task: &Waker) -> usize {
        let mut polls = 0;
        let polled = relay.poll_news(&Context::from_waker(task), |_context| {
            polls += 1;
            Poll::<()>::Pending
        });
        assert!(polled.is_pending());
        polls
    }

    #[test]
    fn what_was_pending_is_polled_for_news_once_it_has_some() {
        let (relay, tasks) = (Relay::default(), tasks());
        let polls = || tasks.each_ref().map(|(_, waker)| polls_for_news(&relay, waker));
        assert_eq!(polls(), [1, 0]);
        assert_eq!(polls(), [0, 0]);
        relay.waker.wake_by_ref();
        assert_eq!((polls(), woken(&tasks)), ([1, 0], [0, 1]));
        relay.stir();
        assert_eq!((polls(), woken(&tasks)), ([1, 0], [0, 1]));
    }

    #[test]
    fn what_was_ready_is_polled_for_news_again() {
        let relay = Relay::default();
        for _ in 0..3 {
            let polled = relay.poll_news(&Context::from_waker(Waker::noop()), |_context| Poll::Ready(()));
            assert!(polled.is_ready());
        }
        assert_eq!(polls_for_news(&relay, Waker::noop()), 1);
    }

    #[test]
    fn news_that_come_while_it_is_polled_are_not_missed() {
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
    fn who_has_left_is_not_told() {
        let (relay, tasks) = (Relay::default(), tasks());
        let polled = relay.poll(&Context::from_waker(&tasks[0].1), |_context| Poll::<()>::Pending);
        assert!(polled.is_pending());
        relay.leave();
        relay.waker.wake_by_ref();
        assert_eq!(woken(&tasks), [0, 0]);
    }
}
