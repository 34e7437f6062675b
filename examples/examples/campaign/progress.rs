//! The progress line.
use byourside_examples::say;
use indicatif::{ProgressBar, ProgressStyle};
use std::{io, time::Instant};

/// A progress line, which is hidden if the output is not a terminal.
pub struct Progress {
    bar: ProgressBar,
    pub placed: usize,
    pub done: usize,
    pub failed: usize,
    last: (Instant, u64),
}

impl Progress {
    pub fn new(calls: usize) -> Self {
        let bar = ProgressBar::new(u64::try_from(calls).unwrap_or(u64::MAX));
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self {
            bar,
            placed: 0,
            done: 0,
            failed: 0,
            last: (Instant::now(), 0),
        }
    }

    /// Shows the progress, with the rate since the last time.
    pub fn show(&mut self, requests: u64) {
        let now = Instant::now();
        let (since, before) = std::mem::replace(&mut self.last, (now, requests));
        let seconds = now.duration_since(since).as_secs_f64().max(0.001);
        let rate = f64::from(u32::try_from(requests - before).unwrap_or(u32::MAX)) / seconds;
        self.bar.set_position(u64::try_from(self.done).unwrap_or(u64::MAX));
        self.bar.set_message(format!(
            "{} placed, {} ringing, {} failed, {rate:.0} requests/s",
            self.placed,
            self.placed.saturating_sub(self.done - self.failed),
            self.failed,
        ));
    }

    pub fn end(self) -> io::Result<()> {
        self.bar.finish_and_clear();
        let (placed, done, failed) = (self.placed, self.done, self.failed);
        say(format_args!(
            "{done} results: {placed} placed, {failed} without a known end"
        ))
    }
}
