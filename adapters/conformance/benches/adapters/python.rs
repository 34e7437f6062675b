//! The official Python client, in a process of its own.
use crate::measure::Contestant;
use std::{
    env,
    io::{self, BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

const SCRIPT: &str = include_str!("official.py");

pub struct Official {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Official {
    pub fn start(url: &str) -> io::Result<Self> {
        let mut child = Command::new(interpreter()?)
            .args(["-c", SCRIPT, url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let ends = child.stdin.take().zip(child.stdout.take());
        let (stdin, stdout) = ends.ok_or(io::ErrorKind::BrokenPipe)?;
        let stdout = BufReader::new(stdout);
        Ok(Self { child, stdin, stdout })
    }

    fn ask(&mut self, question: &str) -> io::Result<Vec<f64>> {
        writeln!(self.stdin, "{question}")?;
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        Ok(line
            .split_whitespace()
            .filter_map(|number| number.parse().ok())
            .collect())
    }
}

impl Contestant for Official {
    fn name(&self) -> &str {
        "official Python client"
    }

    fn base(&self) -> &str {
        "bare hyper, pooled"
    }

    fn round(&mut self, at_once: usize, requests: usize) -> Duration {
        let answer = self.ask(&format!("round {at_once} {requests}")).unwrap_or_default();
        Duration::from_secs_f64(answer.first().copied().unwrap_or(0.0))
    }

    fn memory(&mut self) -> Option<(usize, usize)> {
        let answer = self.ask("memory 200").ok()?;
        Some((200, *answer.first()? as usize))
    }
}

impl Drop for Official {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `BYOURSIDE_PYTHON`, or one that is set up beside the build's own files.
fn interpreter() -> io::Result<PathBuf> {
    if let Some(python) = env::var_os("BYOURSIDE_PYTHON") {
        return Ok(python.into());
    }
    let beside = env::current_exe()?;
    let directory = beside
        .ancestors()
        .nth(3)
        .ok_or(io::ErrorKind::NotFound)?
        .join("official-client");
    let python = directory.join("bin/python");
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&directory))?;
    }
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "byourside==0.1.0"]))?;
    Ok(python)
}

fn run(command: &mut Command) -> io::Result<()> {
    match command.status()? {
        status if status.success() => Ok(()),
        status => Err(io::Error::other(format!("{command:?}: {status}"))),
    }
}
