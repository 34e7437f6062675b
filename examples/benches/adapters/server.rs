//! The server: this program again, in another process.
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Response, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{
    convert::Infallible,
    env, io,
    io::{BufRead, BufReader, Read},
    net::Ipv4Addr,
    process::{Child, Command, ExitCode, Stdio},
    thread,
};
use tokio::{net::TcpListener, runtime};

pub const SERVE: &str = "--serve-and-nothing-else";

/// The record of a call that is in progress, about 600 bytes.
fn record() -> Bytes {
    let objective = "Ask whether the appointment on Tuesday at ten can be moved to Thursday. ".repeat(6);
    format!(
        r#"{{"id":"c1","status":"in_progress","to":"+14155550123","objective":"{objective}","summary":null,"extracted":null,"transcript":null,"recordingUrl":null}}"#
    )
    .into()
}

pub fn serve() -> ExitCode {
    // The parent holds the other end of standard input; when it ends, the server ends.
    thread::spawn(|| {
        let _ = io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    let serving = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .and_then(|runtime| {
            runtime.block_on(async {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
                println!("http://{}", listener.local_addr()?);
                let record = record();
                loop {
                    let (socket, _) = listener.accept().await?;
                    socket.set_nodelay(true)?;
                    let record = record.clone();
                    tokio::spawn(async move {
                        let answer = service_fn(|_request| {
                            let record = record.clone();
                            async { Ok::<_, Infallible>(Response::new(Full::new(record))) }
                        });
                        let _ = http1::Builder::new()
                            .serve_connection(TokioIo::new(socket), answer)
                            .await;
                    });
                }
            })
        });
    let _: io::Result<()> = serving;
    ExitCode::FAILURE
}

pub struct Process {
    pub url: String,
    child: Child,
}

impl Process {
    pub fn start() -> io::Result<Self> {
        let mut child = Command::new(env::current_exe()?)
            .arg(SERVE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut url)?;
        }
        let url = url.trim().to_owned();
        Ok(Self { url, child })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
