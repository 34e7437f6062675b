//! The official Python client, in a process that times itself.
#[path = "../../byourside-proto/tests/webhook_differential/process.rs"]
mod process;

use process::Process;
use std::process::{Command, Stdio};

pub struct Official(Process);

impl Official {
    /// Runs a script, which first prints a line about itself. Returns `None`, and prints so, if the client is not
    /// installed.
    pub fn start(script: &str, arguments: &[&str]) -> Option<Self> {
        let python = Process::python();
        let mut command = Command::new(&python);
        command.args(["-c", script]).args(arguments).stderr(Stdio::null());
        let official = Process::spawn(&mut command).ok().and_then(|mut process| {
            let version = process.line();
            (!version.is_empty()).then(|| {
                println!("official Python client: {}", version.trim_end());
                Self(process)
            })
        });
        if official.is_none() {
            println!(
                "official Python client: LEFT OUT, {python} cannot import `byourside`; name one in BYOURSIDE_PYTHON"
            );
        }
        official
    }

    /// Sends the script a line that has no answer.
    pub fn tell(&mut self, line: &str) {
        self.0.tell(line);
    }

    /// Sends the script a line, and reads the number that it answers.
    pub fn ask(&mut self, question: &str) -> f64 {
        self.tell(question);
        self.0.line().trim_end().parse().unwrap()
    }
}
