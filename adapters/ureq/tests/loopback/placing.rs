//! A call is placed at most once, regardless of what the service and the network do.
use crate::scripted::{KEY, Recorded, Server, Step, answer, client, json, raw, record, shown, within};
use byourside_ureq::{
    ClientOptions, PlaceCall,
    machine::{
        Backoff, Sent,
        place::{NotPlaced, PlaceError, PlaceOptions, Unknown},
    },
};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

const PLACED: &str = r#"{"callId":"c1","status":"queued"}"#;

fn quick() -> ClientOptions {
    ClientOptions {
        place: PlaceOptions {
            attempt_timeout: Duration::from_millis(500),
            retries: 2,
            backoff: Backoff::doubling(Duration::from_millis(10), Duration::from_millis(20)),
            ..PlaceOptions::default()
        },
        ..ClientOptions::default()
    }
}

fn call() -> PlaceCall {
    PlaceCall::new("+14155550123", "Confirm the appointment.").unwrap()
}

/// Places a call against a server that takes these steps with every request. It must receive one POST.
fn place_once(steps: Vec<Step>) -> PlaceError {
    let server = Server::answering(vec![steps]);
    let client = server.client(quick());
    let error = within(Duration::from_secs(3), || client.place_call(&call())).unwrap_err();
    let requests = server.requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert!(requests[0].head.starts_with("POST /v1/agent/calls HTTP/1.1\r\n"));
    shown(&error);
    error
}

/// Places a call where no service can be reached. The request must be reported as not sent.
fn place_nowhere(url: &str) -> String {
    let mut options = quick();
    options.connect_timeout = Duration::from_millis(300);
    options.place.attempt_timeout = Duration::from_secs(10);
    let error = within(Duration::from_secs(5), || client(url, options).place_call(&call())).unwrap_err();
    let shown = shown(&error);
    assert!(
        matches!(&error, PlaceError::NotPlaced(NotPlaced::NoConnection(failure)) if failure.sent() == Sent::No),
        "{shown}"
    );
    shown
}

/// A server that does this with each connection.
fn accepting(serve: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || listener.incoming().take(3).for_each(|stream| serve(stream.unwrap())));
    address.to_string()
}

#[test]
fn placing_is_unknown_after_a_server_error() {
    let error = place_once(json(500, r#"{"error":"boom"}"#));
    assert!(matches!(&error, PlaceError::Unknown(Unknown::Answer(_))));
    assert_eq!((error.code(), error.status()), ("boom", 500));
}

#[test]
fn placing_is_unknown_after_silence() {
    let error = place_once(vec![Step::Silence(Duration::from_secs(10))]);
    assert!(matches!(error, PlaceError::Unknown(Unknown::Lost(failure)) if failure.is_timeout()));
}

#[test]
fn placing_is_unknown_after_a_reset() {
    let error = place_once(vec![Step::Reset]);
    assert!(matches!(error, PlaceError::Unknown(Unknown::Lost(failure)) if !failure.is_timeout()));
}

#[test]
fn placing_is_unknown_after_a_closed_connection() {
    assert!(matches!(
        place_once(vec![Step::Close]),
        PlaceError::Unknown(Unknown::Lost(_))
    ));
}

#[test]
fn placing_is_unknown_after_a_truncated_body() {
    let steps = raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"callId\"");
    assert!(matches!(place_once(steps), PlaceError::Unknown(Unknown::Lost(_))));
}

#[test]
fn placing_is_unknown_after_a_response_that_is_not_http() {
    assert!(matches!(
        place_once(raw("SSH-2.0-x\r\n\r\n")),
        PlaceError::Unknown(Unknown::Lost(_))
    ));
}

#[test]
fn placing_is_unknown_after_a_redirect_and_the_key_stays() {
    let elsewhere = Server::answering(vec![json(200, PLACED)]);
    for status in [301, 302, 303, 307, 308] {
        let location = format!("location: {}/v1/agent/calls\r\n", elsewhere.url());
        let error = place_once(answer(status, &location, ""));
        assert!(matches!(&error, PlaceError::Unknown(Unknown::Answer(_))), "{error:?}");
        assert_eq!(error.status(), status);
    }
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn placing_is_not_placed_after_a_refusal() {
    let error = place_once(json(400, r#"{"error":"destination_blocked"}"#));
    assert!(matches!(&error, PlaceError::NotPlaced(NotPlaced::Refused(_))));
    assert_eq!((error.code(), error.status()), ("destination_blocked", 400));
}

#[test]
fn placing_retries_after_a_rate_limit() {
    let refused = json(429, r#"{"error":"rate_limited"}"#);
    let server = Server::answering(vec![refused, json(201, PLACED)]);
    assert_eq!(server.client(quick()).place_call(&call()).unwrap().id(), Some("c1"));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn placing_is_not_placed_if_the_connection_is_refused() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    place_nowhere(&format!("http://{free}"));
}

#[test]
fn placing_is_not_placed_if_the_host_is_unknown() {
    place_nowhere("https://byourside.invalid");
}

#[test]
fn placing_is_not_placed_if_connecting_times_out() {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket
        .bind(&"127.0.0.1:0".parse::<std::net::SocketAddr>().unwrap().into())
        .unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    // Nothing accepts, and these connections fill the backlog.
    let waiting: Vec<_> = (0..4)
        .map(|_| TcpStream::connect_timeout(&address, Duration::from_millis(50)))
        .collect();
    assert!(waiting.iter().any(Result::is_err));
    assert!(place_nowhere(&format!("http://{address}")).contains("timeout"));
}

#[test]
fn placing_is_not_placed_if_the_tls_handshake_fails() {
    let says = |answer: &'static [u8]| {
        accepting(move |mut stream| {
            let mut hello = [0; 1024];
            let read = stream.read(&mut hello).unwrap();
            assert!(!String::from_utf8_lossy(&hello[..read]).contains(KEY));
            let _ = stream.write_all(answer);
        })
    };
    place_nowhere(&format!("https://{}", says(b"HTTP/1.1 400 Bad Request\r\n\r\n")));
    place_nowhere(&format!("https://{}", says(b"")));
}

#[test]
fn placing_is_not_placed_if_the_tls_handshake_is_silent() {
    let address = accepting(|mut stream| {
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    assert!(place_nowhere(&format!("https://{address}")).contains("timeout"));
}

#[test]
fn reads_share_a_connection_and_a_call_gets_a_new_one() {
    let server = Server::start(|_, request: &Recorded| {
        if request.head.starts_with("POST") {
            json(201, PLACED)
        } else {
            record("queued")
        }
    });
    let client = server.client(quick());
    let id = byourside_ureq::CallId::new("c1").unwrap();
    client.get_call(&id).unwrap();
    client.place_call(&call()).unwrap();
    client.get_call(&id).unwrap();
    let connections: Vec<_> = server.requests().iter().map(|request| request.connection).collect();
    assert_eq!(connections, [0, 1, 1]);
}

#[test]
fn requests_have_exactly_these_headers() {
    let server = Server::start(|_, request: &Recorded| {
        if request.head.starts_with("POST") {
            json(201, PLACED)
        } else {
            record("queued")
        }
    });
    let client = server.client(quick());
    client.place_call(&call()).unwrap();
    client.get_call(&byourside_ureq::CallId::new("c1").unwrap()).unwrap();
    let lines = |nth: usize| {
        let head = server.requests()[nth].head.to_lowercase();
        let mut lines: Vec<_> = head
            .lines()
            .map(str::to_owned)
            .filter(|line| !line.starts_with("host: "))
            .collect();
        lines[1..].sort_unstable();
        lines
    };
    let (key, agent) = (
        format!("authorization: bearer {KEY}"),
        concat!("user-agent: byourside-ureq/", env!("CARGO_PKG_VERSION")),
    );
    let (accept, json) = ("accept: application/json", "content-type: application/json");
    let length = format!("content-length: {}", server.requests()[0].body.len());
    assert_eq!(
        lines(0),
        ["post /v1/agent/calls http/1.1", accept, &key, &length, json, agent]
    );
    assert_eq!(lines(1), ["get /v1/agent/calls/c1 http/1.1", accept, &key, agent]);
}
