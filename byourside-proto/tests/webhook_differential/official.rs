//! The official client in a process, over a pipe.
use super::{Input, process::Process};
use serde_json::json;
use std::process::Command;

/// One long-running process of the official client.
pub struct Official(Process);

impl Official {
    /// Starts the official client. Panics if it is not installed.
    pub fn start() -> Self {
        let python = Process::python();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/webhook_differential/official.py");
        let mut process = Process::spawn(Command::new(&python).arg(script))
            .unwrap_or_else(|error| panic!("no Python at {python:?} (BYOURSIDE_PYTHON): {error}"));
        let version = process.line();
        assert!(
            !version.is_empty(),
            "{python:?} lacks the official client (`byourside`): run .ci/webhook-differential, which installs it"
        );
        println!("official client: {}", version.trim_end());
        Self(process)
    }

    /// Whether the official client accepts this input with this header instead of its own.
    pub fn accepts(&mut self, input: &Input, header: &str) -> bool {
        let question = json!({
            "header": header,
            "body": std::str::from_utf8(&input.body).unwrap(),
            "secret": input.secret,
            "now": input.now,
            "tolerance": input.tolerance,
        });
        self.0.tell(&question.to_string());
        serde_json::from_str(&self.0.line()).unwrap()
    }
}
