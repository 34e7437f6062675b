//! The official Python client's function, in a process that times itself.
use serde_json::json;
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

pub struct Official {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Official {
    /// `None`, and a line that says so, where it is not installed.
    pub fn start() -> Option<Self> {
        let python = std::env::var("BYOURSIDE_PYTHON").unwrap_or_else(|_| "python3".into());
        let started = Self::spawn(&python);
        match &started {
            Some((version, _)) => println!("official Python client: {}", version.trim_end()),
            None => println!(
                "official Python client: LEFT OUT, {python} cannot import `byourside`; name one that can in BYOURSIDE_PYTHON"
            ),
        }
        started.map(|(_, official)| official)
    }

    fn spawn(python: &str) -> Option<(String, Self)> {
        let mut process = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/webhooks/official.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut official = Self {
            questions: process.stdin.take()?,
            answers: BufReader::new(process.stdout.take()?),
            process,
        };
        let version = official.line();
        (!version.is_empty()).then_some((version, official))
    }

    /// Gives it the delivery to verify.
    pub fn prepare(&mut self, header: &str, body: &str, secret: &str) {
        writeln!(self.questions, "{}", json!([header, body, secret])).unwrap();
    }

    /// How long so many verifications take it.
    pub fn time(&mut self, repetitions: u32) -> Duration {
        writeln!(self.questions, "{repetitions}").unwrap();
        Duration::from_nanos(self.line().trim_end().parse().unwrap())
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line
    }
}

impl Drop for Official {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
