//! The ten rules of `Machine`, for any machine.
use crate::{
    answer::Given,
    driver::{END_OF_TIME, Run, Seen, Step, What, foreign_slot},
    events::EventData,
    subject::Subject,
    support::Polled,
};
use byourside_proto::{Action, Machine, Monotonic, TransportFailure, drive, drive_blocking};
use core::{cell::Cell, future, future::Future as _, pin::pin, task, time::Duration};
use http::Response;
use proptest::{prelude::*, test_runner::TestCaseError};

type Checked = Result<(), TestCaseError>;

const TICK: Duration = Duration::from_nanos(1);
const MIN_PAUSE: Duration = Duration::from_millis(10);

/// Rule 1: a second poll at the same time returns the same, and a request is sent only once.
pub fn polls_idempotently<S: Subject>(setup: &S, start: Monotonic, script: &[Step]) -> Checked {
    let mut run = Run::new(setup, start);
    for step in script {
        run.step(step);
        let mut machine = run.time.machine.clone();
        // The second time is new to the machine; the script may already have polled at the first one.
        for now in [run.clock, run.clock.after(Duration::from_secs(2))] {
            let first = Polled::from(machine.poll(now));
            let after = machine.clone();
            let second = Polled::from(machine.poll(now));
            match first {
                Polled::Send(timeout) if now < END_OF_TIME => prop_assert_eq!(second, Polled::Sleep(timeout)),
                Polled::Send(_) => {}
                Polled::Sleep(_) | Polled::Done(_) => prop_assert_eq!(second, first),
            }
            prop_assert!(now == END_OF_TIME || machine == after);
        }
    }
    Ok(())
}

/// Rule 2: a sleep is never empty, and a poll before or after its end is harmless.
pub fn sleeps_no_longer_than_it_says<S: Subject>(setup: &S, start: Monotonic, script: &[Step]) -> Checked {
    let mut run = Run::new(setup, start);
    for step in script {
        let seen = run.step(step);
        if let Seen::Said(Polled::Sleep(duration)) = seen {
            prop_assert!(duration > Duration::ZERO);
            let wake = run.clock.after(duration);
            let [mut punctual, mut early, mut late] = [(); 3].map(|()| run.time.machine.clone());
            let expected = Polled::from(punctual.poll(wake));
            prop_assert!(!matches!(expected, Polled::Sleep(_)));
            for share in [1, 2, 3, 7] {
                let now = Monotonic::new(wake.since_origin() - duration / share);
                if now < wake {
                    prop_assert_eq!(Polled::from(early.poll(now)), Polled::Sleep(wake.since(now)));
                }
            }
            prop_assert_eq!(Polled::from(early.poll(wake)), expected);
            prop_assert_eq!(early, punctual);
            let late = Polled::from(late.poll(wake.after(Duration::from_secs(9))));
            prop_assert!(!matches!(late, Polled::Sleep(_)));
        }
    }
    Ok(())
}

/// Rule 3: `next_wake` is the time at which the machine stops sleeping.
pub fn wakes_when_it_said<S: Subject>(setup: &S, start: Monotonic, script: &[Step]) -> Checked {
    let mut run = Run::new(setup, start);
    for step in script {
        run.step(step);
        let poll = |now: Monotonic| Polled::from(run.time.machine.clone().poll(now));
        match run.time.machine.next_wake() {
            Some(wake) => {
                prop_assert!(!matches!(poll(wake), Polled::Sleep(_)));
                if wake > run.clock {
                    prop_assert_eq!(poll(run.clock), Polled::Sleep(wake.since(run.clock)));
                    prop_assert_eq!(poll(Monotonic::new(wake.since_origin() - TICK)), Polled::Sleep(TICK));
                }
            }
            None => prop_assert!(matches!(poll(run.clock), Polled::Done(_))),
        }
    }
    Ok(())
}

/// Rule 4: a clock that steps back has the same effect as one that stands still.
pub fn never_goes_back_in_time<S: Subject>(setup: &S, start: Monotonic, script: &[Step]) -> Checked {
    let (mut jumping, mut steady) = (Run::new(setup, start), Run::new(setup, start));
    for step in script {
        let now = jumping.moment(&step.when);
        let steady_now = now.max(steady.clock);
        let (ours, theirs) = (jumping.perform(now, &step.what), steady.perform(steady_now, &step.what));
        if let (Seen::Said(ours), Seen::Said(theirs)) = (ours, theirs) {
            prop_assert_eq!(ours, theirs);
        }
        prop_assert_eq!(&jumping.time.machine, &steady.time.machine);
    }
    Ok(())
}

/// Rule 5: done is sticky.
pub fn stays_done<S: Subject>(setup: &S, start: Monotonic, script: &[Step]) -> Checked {
    let mut run = Run::new(setup, start);
    let (before, after) = script.split_at(script.len() / 2);
    for step in before {
        run.step(step);
    }
    let output = run.finish(&Given::the_end());
    for step in after {
        if let Seen::Said(said) = run.step(step) {
            prop_assert_eq!(said, Polled::Done(output.clone()));
        }
        prop_assert_eq!(run.time.machine.next_wake(), None);
    }
    Ok(())
}

/// Rule 6: no step panics, and only a reply to the request in flight has an effect.
pub fn ignores_what_is_stale_or_foreign<S: Subject>(setup: &S, start: Monotonic, script: &[Step]) -> Checked {
    let mut run = Run::new(setup, start);
    for step in script {
        run.step(step);
        let before = run.time.machine.clone();
        prop_assert_ne!(format!("{:?}", before), "");
        if let Some(slot) = foreign_slot(setup, start, run.sent()) {
            run.handle(run.clock, Given::the_end().through(slot));
            prop_assert_eq!(&run.time.machine, &before, "after another machine's reply");
        }
        let stale = run.time.unanswered.iter().position(|held| held.number < run.sent());
        if let Some(stale) = stale {
            let slot = run.time.unanswered.remove(stale).slot;
            run.handle(run.clock, Given::the_end().through(slot));
            prop_assert_eq!(&run.time.machine, &before, "after a stale reply");
        }
    }
    Ok(())
}

/// Rule 7: the machine sleeps until the attempt timeout of the request in flight.
pub fn sleeps_while_a_request_is_in_flight<S: Subject>(setup: &S, start: Monotonic, script: &[Step]) -> Checked {
    let mut run = Run::new(setup, start);
    let mut in_flight: Option<Monotonic> = None;
    for step in script {
        let before = run.clock;
        match run.step(step) {
            Seen::Said(said) => {
                if let Some(until) = in_flight.filter(|until| run.clock < *until) {
                    prop_assert_eq!(&said, &Polled::Sleep(until.since(run.clock)));
                } else if in_flight.is_some() {
                    prop_assert!(!matches!(said, Polled::Sleep(_)), "after the attempt timeout");
                }
                if !matches!(said, Polled::Sleep(_)) {
                    in_flight = None;
                }
                if let Polled::Send(timeout) = said {
                    prop_assert!(timeout >= MIN_PAUSE || run.clock.after(MIN_PAUSE) == END_OF_TIME);
                    in_flight = Some(run.clock.after(timeout));
                }
            }
            Seen::Answered(attempt, _) if attempt == run.sent() => in_flight = None,
            // An event ended the wait while its GET was in flight.
            Seen::Received if run.time.machine.next_wake().is_none() => in_flight = None,
            Seen::Answered(..) | Seen::Received | Seen::Ignorable => {}
        }
        prop_assert!(before <= run.clock);
        if in_flight.is_some() {
            prop_assert_eq!(run.time.machine.next_wake(), in_flight);
        }
    }
    Ok(())
}

/// Rule 8: at most 100 requests a second, with a driver that never sleeps, answers at once and delivers many events.
pub fn sends_at_most_a_hundred_requests_a_second<S: Subject>(
    setup: &S,
    start: Monotonic,
    haste: Duration,
    answers: &[Given],
    events: &[EventData],
) -> Checked {
    let mut run = Run::new(setup, start);
    let mut sends: Vec<Monotonic> = Vec::new();
    let (mut answers, mut events) = (answers.iter().cycle(), events.iter().cycle());
    for _ in 0..400 {
        if let Some(event) = events.next() {
            run.perform(run.clock, &What::Receive(event.clone()));
        }
        if let Polled::Send(_) = run.poll(run.clock) {
            sends.push(run.clock);
            if let Some(given) = answers.next() {
                run.perform(run.clock, &What::Answer(given.clone()));
            }
        }
        let next = run.clock.after(haste);
        if next == END_OF_TIME {
            break;
        }
        run.time.now = next;
        run.clock = next;
    }
    for pair in sends.windows(2) {
        prop_assert!(pair[1].since(pair[0]) >= MIN_PAUSE);
    }
    for second in sends.windows(101) {
        prop_assert!(second[100].since(second[0]) >= Duration::from_secs(1));
    }
    Ok(())
}

/// Rule 9: the deadline holds regardless of how the driver sleeps, because sleeps are never added up.
pub fn keeps_its_deadline_however_it_is_slept<S: Subject>(
    setup: &S,
    start: Monotonic,
    script: &[Step],
    late: Duration,
) -> Checked {
    let mut run = Run::new(setup, start);
    for step in script {
        run.step(step);
        // If sleeps were added up, a hundred polls would move the next wake.
        let wake = run.time.machine.next_wake();
        for _ in 0..100 {
            if run.time.machine.next_wake().is_some_and(|wake| wake > run.clock) {
                run.poll(run.clock);
            }
        }
        prop_assert_eq!(run.time.machine.next_wake(), wake);
    }
    let Some(deadline) = setup.deadline(start) else {
        return Ok(());
    };
    // After the deadline the machine makes at most one last request.
    let mut now = deadline.max(run.clock).after(late);
    let mut sent = 0;
    for _ in 0..8 {
        match run.poll(now) {
            Polled::Done(_) => return Ok(()),
            Polled::Sleep(duration) => now = now.after(duration),
            Polled::Send(_) => {
                sent += 1;
                run.perform(now, &What::Answer(Given::new(503, "")));
            }
        }
        prop_assert!(sent <= 1, "{} requests after the deadline", sent);
    }
    prop_assert!(false, "the machine does not end");
    Ok(())
}

/// Rule 10: a future that is dropped with a request in flight leaves a machine that any other driver can continue with.
pub fn continues_with_another_driver<S: Subject>(setup: &S, start: Monotonic, script: &[Step]) -> Checked {
    let mut run = Run::new(setup, start);
    for step in script {
        run.step(step);
    }
    let mut by_hand = run.time.machine.clone();
    {
        let pending = async |_, _| future::pending::<Result<Response<Vec<u8>>, TransportFailure>>().await;
        let mut driven = pin!(drive(
            &mut run.time.machine,
            pending,
            async |_| future::pending().await,
            || run.clock
        ));
        let _ = driven
            .as_mut()
            .poll(&mut task::Context::from_waker(task::Waker::noop()));
    }
    drop(by_hand.poll(run.clock));
    prop_assert_eq!(&run.time.machine, &by_hand);

    let (clock, sent) = (Cell::new(run.clock), Cell::new(0));
    let mut turns = 0;
    let output = drive_blocking(
        &mut run.time.machine,
        |_request, timeout| {
            sent.set(sent.get() + 1);
            clock.set(clock.get().after(timeout / 2));
            Ok(Response::new(r#"{"id": "c1", "status": "declined", "calls": []}"#))
        },
        |duration| clock.set(clock.get().after(duration)),
        || {
            turns += 1;
            assert!(turns < 1000, "the machine does not end");
            clock.get()
        },
    );
    prop_assert!(sent.get() <= 4);
    prop_assert!(matches!(run.time.machine.poll(clock.get()), Action::Done(again) if again == output));
    Ok(())
}
