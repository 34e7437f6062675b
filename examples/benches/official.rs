//! The official Python client, in a process that times itself.
use std::{
    io::{self, BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

pub struct Official {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Official {
    /// Runs a script, which first prints a line about itself. Returns `None`, and prints so, if the client is not
    /// installed.
    pub fn start(script: &str, arguments: &[&str]) -> Option<Self> {
        let python = std::env::var("BYOURSIDE_PYTHON").unwrap_or_else(|_| "python3".into());
        let started = Self::spawn(&python, script, arguments).ok();
        let official = started.and_then(|mut official| {
            let version = official.line();
            (!version.is_empty()).then(|| {
                println!("official Python client: {}", version.trim_end());
                official
            })
        });
        if official.is_none() {
            println!(
                "official Python client: LEFT OUT, {python} cannot import `byourside`; name one in BYOURSIDE_PYTHON"
            );
        }
        official
    }

    fn spawn(python: &str, script: &str, arguments: &[&str]) -> io::Result<Self> {
        let mut process = Command::new(python)
            .args(["-c", script])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let ends = process.stdin.take().zip(process.stdout.take());
        let (questions, answers) = ends.ok_or(io::ErrorKind::BrokenPipe)?;
        let answers = BufReader::new(answers);
        Ok(Self {
            process,
            questions,
            answers,
        })
    }

    /// Sends the script a line that has no answer.
    pub fn tell(&mut self, line: &str) {
        writeln!(self.questions, "{line}").unwrap();
    }

    /// Sends the script a line, and reads the number that it answers.
    pub fn ask(&mut self, question: &str) -> f64 {
        self.tell(question);
        self.line().trim_end().parse().unwrap()
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
