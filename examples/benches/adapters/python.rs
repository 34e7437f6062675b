//! The official Python client as a contestant.
use super::contest::Contestant;
use crate::official::Official;
use std::time::Duration;

pub struct Python(Official);

impl Python {
    pub fn start(url: &str) -> Option<Self> {
        Official::start(include_str!("official.py"), &[url]).map(Self)
    }
}

impl Contestant for Python {
    fn name(&self) -> &str {
        "official Python client"
    }

    fn bases(&self) -> [&str; 2] {
        super::bare::HYPER
    }

    fn round(&mut self, at_once: usize, requests: usize) -> Duration {
        Duration::from_secs_f64(self.0.ask(&format!("round {at_once} {requests}")))
    }

    fn memory(&mut self) -> Option<(usize, usize)> {
        Some((200, self.0.ask("memory 200") as usize))
    }
}
