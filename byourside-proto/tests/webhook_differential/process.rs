//! A process of the official Python client, which answers line by line.
use std::{
    io::{self, BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

pub struct Process {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Process {
    /// The Python that has the official client: `BYOURSIDE_PYTHON`, or `python3`.
    pub fn python() -> String {
        std::env::var("BYOURSIDE_PYTHON").unwrap_or_else(|_| "python3".into())
    }

    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let ends = child.stdin.take().zip(child.stdout.take());
        let (questions, answers) = ends.ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self {
            child,
            questions,
            answers: BufReader::new(answers),
        })
    }

    /// Sends a line.
    pub fn tell(&mut self, line: &str) {
        writeln!(self.questions, "{line}").unwrap();
    }

    /// Reads the next line, which is empty once the process has ended.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
