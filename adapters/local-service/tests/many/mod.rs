//! Many calls at the local service: the set-up of the adapters' tests, which differ only in how a set is driven.
use byourside_local_service::LocalService;
use byourside_proto::{
    Api, Monotonic, PlaceCall,
    machine::{
        place_set::{Intent, PlaceSet, PlaceSetOptions},
        wait_set::WaitSetOptions,
    },
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// The methods of the requests that the service has seen.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    pub fn posts(&self) -> usize {
        let seen = self.0.lock().unwrap();
        seen.iter().filter(|method| *method == "POST").count()
    }

    #[allow(dead_code, reason = "not every adapter has such a test")]
    pub fn is_empty(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }
}

/// The service, a client of it, and the requests that it has seen.
pub fn local<C>(client: impl FnOnce(Api) -> C) -> (LocalService, C, Seen) {
    let seen = Seen::default();
    let log = seen.clone();
    let service = LocalService::builder()
        .speed(30.0)
        .on_request(move |exchange| log.0.lock().unwrap().push(exchange.method().to_owned()))
        .start()
        .unwrap();
    let client = client(service.api().unwrap());
    (service, client, seen)
}

/// A set of so many calls, with the intents `0`, `1` and so on.
pub fn set(api: Api, options: PlaceSetOptions, now: Monotonic, calls: u32) -> PlaceSet {
    let mut set = PlaceSet::new(api, options, now);
    for call in 0..calls {
        let to = format!("+1415556{call:04}");
        set.add(Intent::new(&call.to_string()), PlaceCall::new(to, "Ask.").unwrap());
    }
    set
}

/// The pace of a test: as fast as a set can be.
pub fn fast() -> PlaceSetOptions {
    PlaceSetOptions {
        max_per_second: 100,
        ..PlaceSetOptions::default()
    }
}

/// Asks for the list as often as the service's speed is worth it.
pub fn often() -> WaitSetOptions {
    WaitSetOptions {
        list_interval: Duration::from_millis(100),
        ..WaitSetOptions::default()
    }
}
