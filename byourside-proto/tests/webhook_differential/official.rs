//! The official client, asked over a pipe.
use super::Input;
use serde_json::json;
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// One long-running process of the official client.
pub struct Official {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Official {
    /// Starts it, and panics where it is not installed.
    pub fn start() -> Self {
        let python = std::env::var("BYOURSIDE_PYTHON").unwrap_or_else(|_| "python3".into());
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/webhook_differential/official.py");
        let mut process = Command::new(&python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("no Python at {python:?} (BYOURSIDE_PYTHON): {error}"));
        let mut official = Self {
            questions: process.stdin.take().unwrap(),
            answers: BufReader::new(process.stdout.take().unwrap()),
            process,
        };
        let version = official.line();
        assert!(
            !version.is_empty(),
            "{python:?} has no official client, the package `byourside`: run .ci/webhook-differential, which installs it"
        );
        println!("official client: {}", version.trim_end());
        official
    }

    /// Whether it accepts this input with this header in place of its own.
    pub fn accepts(&mut self, input: &Input, header: &str) -> bool {
        let question = json!({
            "header": header,
            "body": std::str::from_utf8(&input.body).unwrap(),
            "secret": input.secret,
            "now": input.now,
            "tolerance": input.tolerance,
        });
        writeln!(self.questions, "{question}").unwrap();
        serde_json::from_str(&self.line()).unwrap()
    }

    /// Empty once the process has ended.
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
