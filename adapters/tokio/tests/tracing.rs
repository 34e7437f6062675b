//! The contents of the `tracing` spans.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use byourside_tokio::{Api, ApiKey, BaseUrl, Client, ClientOptions, PlaceCall};
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};
use tracing_subscriber::fmt::format::FmtSpan;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn span_describes_an_attempt_without_key_or_phone_number() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _logging = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);
    let service = byourside_local_service::LocalService::start().unwrap();
    let key = ApiKey::new("bys_ak_traced_secret").unwrap();
    let api = Api::new(BaseUrl::new(&service.base_url()).unwrap(), key);
    let mut options = ClientOptions::default();
    options.place.retries = 0;
    let client = Client::with_options(api, options).unwrap();
    let call = PlaceCall::new("+14155550123", "Ask for the secret ingredient.").unwrap();
    client.place_call(&call).await.unwrap();
    drop(service);
    client.place_call(&call).await.unwrap_err();
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains("byourside.attempt{method=\"POST\" host=\"127.0.0.1\" status=202"),
        "{log}"
    );
    assert!(log.contains("error=The request never left"), "{log}");
    for secret in ["bys_ak_traced_secret", "4155550123", "ingredient"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
