//! Does work in parallel, and reports it in order.
use std::{num::NonZero, ops::Range, thread};

/// How many pieces each thread does between two reports.
const BATCH: u64 = 4;

/// Does each piece of work, on this many threads, and passes the results to `take` in order until it returns false.
pub fn in_order<T: Send>(
    pieces: Range<u64>,
    jobs: NonZero<u64>,
    work: impl Fn(u64) -> T + Sync,
    mut take: impl FnMut(u64, T) -> bool,
) {
    if jobs.get() == 1 {
        for piece in pieces {
            if !take(piece, work(piece)) {
                return;
            }
        }
        return;
    }
    let mut from = pieces.start;
    while from < pieces.end {
        let until = pieces.end.min(from.saturating_add(jobs.get().saturating_mul(BATCH)));
        let mut done: Vec<(u64, T)> = thread::scope(|scope| {
            let job = |job: u64| {
                let work = &work;
                let mine = (from..until).filter(move |piece| piece % jobs.get() == job);
                scope.spawn(move || mine.map(|piece| (piece, work(piece))).collect::<Vec<_>>())
            };
            let running: Vec<_> = (0..jobs.get()).map(job).collect();
            running
                .into_iter()
                .flat_map(|job| job.join().unwrap_or_default())
                .collect()
        });
        done.sort_by_key(|(piece, _)| *piece);
        for (piece, result) in done {
            if !take(piece, result) {
                return;
            }
        }
        from = until;
    }
}
