//! Runs the examples as programs.
use std::{
    env::current_exe,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, ChildStdout, Command, Stdio},
    thread::sleep,
    time::Duration,
};

pub const SECRET: &str = "whsec_dGVzdA";

/// An example, with the secret in its environment. `cargo test` builds them all first.
pub fn program(name: &str) -> Command {
    let this = current_exe().unwrap();
    let path = this.parent().unwrap().with_file_name("examples").join(name);
    assert!(
        path.exists(),
        "{name} is not built: cargo build -p byourside-examples --examples"
    );
    let mut command = Command::new(path);
    command.env("BYOURSIDE_WEBHOOK_SECRET", SECRET).stdin(Stdio::null());
    command
}

/// A receiver that listens until it is dropped.
pub struct Receiver {
    process: Child,
    pub address: SocketAddr,
    lines: Option<BufReader<ChildStdout>>,
}

impl Receiver {
    pub fn start(name: &str) -> Self {
        let mut process = program(name)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Its log is not read, which must not matter.
        drop(process.stderr.take());
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        let address = first
            .trim_end()
            .strip_prefix("listening on http://")
            .unwrap()
            .parse()
            .unwrap();
        Self {
            process,
            address,
            lines: Some(lines),
        }
    }

    /// The next line that it prints.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.as_mut().unwrap().read_line(&mut line).unwrap();
        line.trim_end().into()
    }

    /// Closes the program's output.
    pub fn stop_reading(&mut self) {
        self.lines = None;
    }

    /// The exit code, if the program ends within ten seconds.
    pub fn exit_code(&mut self) -> Option<i32> {
        for _ in 0..500 {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status.code();
            }
            sleep(Duration::from_millis(20));
        }
        None
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
