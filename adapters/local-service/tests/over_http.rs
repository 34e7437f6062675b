//! The local service as a client sees it: through a socket.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use byourside_local_service::LocalService;
use byourside_sim::{Faults, Rate};
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    sync::mpsc,
    time::Duration,
};

fn connect(service: &LocalService) -> TcpStream {
    let stream = TcpStream::connect(service.addr()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// Writes this and reads until the connection closes, however it does.
fn exchange(service: &LocalService, request: &[u8]) -> String {
    let mut stream = connect(service);
    // The service may close before it has read everything.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

fn get(service: &LocalService, path: &str) -> String {
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer bys_ak_test\r\nconnection: close\r\n\r\n"
    );
    exchange(service, request.as_bytes())
}

fn place(service: &LocalService, to: &str) -> String {
    post(service, &format!(r#"{{"to":"{to}","objective":"Ask."}}"#))
}

fn post(service: &LocalService, body: &str) -> String {
    let head = "POST /v1/agent/calls HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer bys_ak_test\r\n";
    let length = body.len();
    let request = format!("{head}connection: close\r\ncontent-length: {length}\r\n\r\n{body}");
    exchange(service, request.as_bytes())
}

fn call_id(answer: &str) -> &str {
    let (_, from) = answer.split_once(r#""callId":""#).unwrap();
    from.split_once('"').unwrap().0
}

#[test]
fn call_is_placed_and_read() {
    let service = LocalService::start().unwrap();
    let placed = place(&service, "+14155550123");
    assert!(placed.starts_with("HTTP/1.1 202 "), "{placed}");
    let record = get(&service, &format!("/v1/agent/calls/{}", call_id(&placed)));
    assert!(record.contains(r#""status":"queued""#), "{record}");
    assert!(record.contains("content-type: application/json"), "{record}");
}

#[test]
fn virtual_time_passes_at_the_requested_speed() {
    let service = LocalService::builder().speed(1e5).start().unwrap();
    let placed = place(&service, "+14155550105");
    // The call takes some 610 virtual seconds: 6 ms.
    std::thread::sleep(Duration::from_millis(20));
    let record = get(&service, &format!("/v1/agent/calls/{}", call_id(&placed)));
    assert!(record.contains(r#""status":"completed""#), "{record}");
}

#[test]
fn lost_answer_closes_the_connection_after_placing() {
    let service = LocalService::start().unwrap();
    assert_eq!(place(&service, "+14155550116"), "");
    let list = get(&service, "/v1/agent/calls");
    assert!(list.contains("+14155550116"), "{list}");
}

#[test]
fn connection_is_reused() {
    let service = LocalService::start().unwrap();
    let mut stream = connect(&service);
    for _ in 0..3 {
        stream
            .write_all(b"GET /v1/agent/calls HTTP/1.1\r\nhost: a\r\n\r\n")
            .unwrap();
        let mut answer = [0; 4096];
        let read = stream.read(&mut answer).unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 401 "));
    }
}

#[test]
fn client_that_closes_its_half_is_answered() {
    let service = LocalService::start().unwrap();
    let mut stream = connect(&service);
    stream
        .write_all(b"GET /v1/agent/calls HTTP/1.1\r\nhost: a\r\n\r\n")
        .unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[test]
fn service_survives_garbage_and_stalled_clients() {
    let service = LocalService::start().unwrap();
    let mut stalled: Vec<_> = (0..50).map(|_| connect(&service)).collect();
    for (nth, stream) in stalled.iter_mut().enumerate() {
        let part = b"POST /v1/agent/calls HTTP/1.1\r\ncontent-length: 9\r\n\r\n{";
        stream.write_all(&part[..part.len() * nth / 50]).unwrap();
    }
    for garbage in [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc".as_slice(),
        b"GET\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/agent/calls HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"POST /v1/agent/calls HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let answer = exchange(&service, garbage);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    assert!(place(&service, "+14155550123").starts_with("HTTP/1.1 202 "));
}

#[test]
fn headers_and_bodies_are_bounded() {
    let service = LocalService::start().unwrap();
    let long = get(&service, &format!("/v1/{}", "a".repeat(20_000)));
    assert!(
        long.starts_with("HTTP/1.1 431 ") || long.starts_with("HTTP/1.1 414 "),
        "{long}"
    );

    let just_too_long = post(&service, &"a".repeat(100_000));
    assert!(just_too_long.starts_with("HTTP/1.1 413 "), "{just_too_long}");

    let mut stream = connect(&service);
    stream
        .write_all(
            b"POST /v1/agent/calls HTTP/1.1\r\nauthorization: Bearer bys_ak_a\r\ntransfer-encoding: chunked\r\n\r\n",
        )
        .unwrap();
    let chunk = [b"10000\r\n".as_slice(), &[b'a'; 65_536], b"\r\n"].concat();
    let ended = (0..1_000).any(|_| stream.write_all(&chunk).is_err());
    assert!(ended, "a body of 64 MB was read to its end");
}

#[test]
fn drop_closes_the_port_and_the_connections() {
    let service = LocalService::start().unwrap();
    let addr = service.addr();
    let mut open = connect(&service);
    drop(service);
    assert!(TcpStream::connect(addr).is_err());
    assert!(matches!(open.read(&mut [0]), Ok(0) | Err(_)));
}

#[test]
fn log_names_calls_and_refusals_but_no_key_and_no_number() {
    let (log, told) = mpsc::channel();
    let on_request = move |exchange: &byourside_local_service::Exchange| {
        log.send(format!("{exchange}|{exchange:?}")).unwrap();
    };
    let service = LocalService::builder().on_request(on_request).start().unwrap();
    let id = call_id(&place(&service, "+14155550123")).to_owned();
    get(&service, &format!("/v1/agent/calls/{id}?key=bys_ak_query"));
    place(&service, "+19005550123");
    place(&service, "+14155550116");
    get(&service, "/v1/agent/calls/+14155550123");
    get(&service, "/agent/4155550123/bys_ak_path");
    exchange(
        &service,
        b"bys_ak_method / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    );
    drop(service);

    let log: Vec<_> = told.iter().collect();
    let lines: Vec<_> = log.iter().map(|entry| entry.split_once('|').unwrap().0).collect();
    assert_eq!(
        lines,
        [
            format!("POST /v1/agent/calls 202 {id}").as_str(),
            &format!("GET /v1/agent/calls/{id} 200"),
            "POST /v1/agent/calls 400 destination_blocked",
            "POST /v1/agent/calls (answer lost)",
            "GET /v1/agent/calls/… 404 not_found",
            "GET /agent/…/… 404 not_found",
            "… / 404 not_found",
        ]
    );
    let all = log.join("\n").replace(&id, "");
    assert!(!all.contains("bys_ak_") && !all.contains("5550"), "{all}");
}

#[test]
fn faults_apply_over_http() {
    let faulty = |faults| LocalService::builder().faults(faults).start().unwrap();
    let lost = faulty(Faults {
        answer_lost: Rate::ALWAYS,
        silent: Rate::NEVER,
        ..Faults::default()
    });
    assert_eq!(place(&lost, "+14155550123"), "", "the answer is lost");
    let limited = faulty(Faults {
        rate_limited: Rate::ALWAYS,
        ..Faults::default()
    });
    let answer = place(&limited, "+14155550123");
    assert!(
        answer.starts_with("HTTP/1.1 429 ") && answer.contains("retry-after: "),
        "{answer}"
    );
}
