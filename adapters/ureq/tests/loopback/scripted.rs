//! A scripted server on a loopback port, and a client whose log and `Debug` output are checked for the key.
use byourside_ureq::{Api, ApiKey, BaseUrl, Client, ClientOptions};
use std::{
    fmt::{Debug, Display},
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

pub const KEY: &str = "bys_ak_loopback_secret";

/// After this long, a test counts as stuck.
const BOUND: Duration = Duration::from_secs(20);

/// One step of an answer.
#[derive(Clone)]
pub enum Step {
    Write(String),
    /// Writes this repeatedly, with a pause each time, until the client closes the connection.
    Repeat(String, Duration),
    /// Sends nothing, until the client closes the connection or the time is over.
    Silence(Duration),
    Close,
    Reset,
}

/// A request as it was received.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub head: String,
    pub body: String,
    /// The number of its connection, from 0.
    pub connection: usize,
}

pub struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Recorded>>>,
    stop: Arc<AtomicBool>,
}

type Script = dyn Fn(usize, &Recorded) -> Vec<Step> + Send + Sync;

impl Server {
    /// A server that calls `script` with the number of each request, from 0, and the request, and takes the steps it
    /// returns.
    pub fn start(script: impl Fn(usize, &Recorded) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
            stop: Arc::default(),
        };
        let (requests, stop) = (server.requests.clone(), server.stop.clone());
        let script: Arc<Script> = Arc::new(script);
        thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let (requests, script) = (requests.clone(), script.clone());
                thread::spawn(move || serve(&stream.unwrap(), connection, &requests, &*script));
            }
        });
        server
    }

    /// A server that sends these answers in turn, and repeats the last one.
    pub fn answering(answers: Vec<Vec<Step>>) -> Self {
        Self::start(move |nth, _| answers[nth.min(answers.len() - 1)].clone())
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().unwrap().clone()
    }

    pub fn client(&self, options: ClientOptions) -> Client {
        client(&self.url(), options)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

pub fn client(url: &str, options: ClientOptions) -> Client {
    // Fails if a logger is set already: it is this one.
    let _ = log::set_logger(&Log);
    log::set_max_level(log::LevelFilter::Trace);
    let api = Api::new(BaseUrl::new(url).unwrap(), ApiKey::new(KEY).unwrap());
    let client = Client::with_options(api, options).unwrap();
    assert!(!format!("{client:?}").contains(KEY));
    client
}

/// An answer with this status and a JSON body.
pub fn json(status: u16, body: &str) -> Vec<Step> {
    answer(status, "content-type: application/json\r\n", body)
}

/// An answer with this status, these header lines and this body, with its `content-length`.
pub fn answer(status: u16, headers: &str, body: &str) -> Vec<Step> {
    let length = body.len();
    vec![Step::Write(format!(
        "HTTP/1.1 {status} x\r\n{headers}content-length: {length}\r\n\r\n{body}"
    ))]
}

/// These bytes, and then the connection is closed.
pub fn raw(bytes: &str) -> Vec<Step> {
    vec![Step::Write(bytes.to_owned()), Step::Close]
}

/// The record of the call `c1`.
pub fn record(status: &str) -> Vec<Step> {
    json(200, &format!(r#"{{"id":"c1","status":"{status}"}}"#))
}

/// Formats the value with `Display` and `Debug`. The key must be neither in the text nor in the log.
pub fn shown<T: Debug + Display>(value: &T) -> String {
    let shown = format!("{value} {value:?} {value:#?}");
    assert!(!shown.contains(KEY), "{shown}");
    assert!(!logged().contains(KEY), "{}", logged());
    shown
}

/// Everything that was logged.
pub fn logged() -> String {
    LOGGED.lock().unwrap().clone()
}

static LOGGED: Mutex<String> = Mutex::new(String::new());

struct Log;

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        *LOGGED.lock().unwrap() += &format!("{}\n", record.args());
    }

    fn flush(&self) {}
}

/// Runs this, which must take less than `limit`.
pub fn within<T>(limit: Duration, run: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let outcome = run();
    assert!(began.elapsed() < limit, "took {:?}", began.elapsed());
    outcome
}

fn serve(stream: &TcpStream, connection: usize, requests: &Mutex<Vec<Recorded>>, script: &Script) {
    stream.set_read_timeout(Some(BOUND)).unwrap();
    stream.set_write_timeout(Some(BOUND)).unwrap();
    while let Some((head, body)) = read_request(stream) {
        let request = Recorded { head, body, connection };
        let nth = {
            let mut requests = requests.lock().unwrap();
            requests.push(request.clone());
            requests.len() - 1
        };
        for step in script(nth, &request) {
            if !take(stream, step) {
                return;
            }
        }
    }
}

/// Takes one step. Returns whether the connection goes on.
fn take(mut stream: &TcpStream, step: Step) -> bool {
    let until = Instant::now() + BOUND;
    match step {
        Step::Write(text) => stream.write_all(text.as_bytes()).is_ok(),
        Step::Repeat(text, pause) => {
            while Instant::now() < until && stream.write_all(text.as_bytes()).is_ok() {
                thread::sleep(pause);
            }
            false
        }
        Step::Silence(time) => {
            stream.set_read_timeout(Some(time.min(BOUND))).unwrap();
            let ended = stream.read(&mut [0]);
            stream.set_read_timeout(Some(BOUND)).unwrap();
            matches!(ended, Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
        }
        Step::Close => false,
        Step::Reset => {
            socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO)).unwrap();
            false
        }
    }
}

/// The head and body of the next request, or `None` at the end of the connection.
fn read_request(mut stream: &TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some((head.to_owned(), body.to_owned()));
            }
        }
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
    }
}
