//! The adapters, as their users use them.
use crate::{
    bare::threads,
    measure::{Contestant, cpu, resident},
};
use byourside_proto::{Api, ApiKey, BaseUrl, CallId, WaitOptions};
use byourside_ureq::ClientOptions;
use std::{thread, time::Duration};

pub fn contestants(url: &str) -> Vec<Box<dyn Contestant>> {
    let api = Api::new(
        BaseUrl::new(url).expect("loopback"),
        ApiKey::new("bys_ak_bench").expect("a key"),
    );
    let options = ClientOptions::default();
    vec![Box::new(Ureq(
        byourside_ureq::Client::with_options(api, options).expect("a client"),
    ))]
}

/// Asks once, and then not for an hour.
fn pending() -> WaitOptions {
    let hour = Duration::from_secs(3600);
    WaitOptions {
        timeout: 2 * hour,
        interval: hour,
        max_interval: hour,
        ..WaitOptions::default()
    }
}

fn id() -> CallId {
    CallId::new("c1").expect("an id")
}

struct Ureq(byourside_ureq::Client);

impl Contestant for Ureq {
    fn name(&self) -> &str {
        "byourside-ureq"
    }

    fn base(&self) -> &str {
        "bare ureq"
    }

    fn round(&mut self, at_once: usize, requests: usize) -> Duration {
        let id = id();
        cpu(|| {
            threads(at_once, || {
                for _ in 0..requests / at_once {
                    self.0.get_call(&id).expect("a record");
                }
            });
        })
    }

    fn memory(&mut self) -> Option<(usize, usize)> {
        const WAITS: usize = 200;
        let before = resident();
        for _ in 0..WAITS {
            let client = self.0.clone();
            thread::spawn(move || client.wait_for_call_with(&id(), pending(), |_status| {}));
        }
        thread::sleep(Duration::from_secs(2));
        Some((WAITS, resident().saturating_sub(before) / WAITS))
    }
}
