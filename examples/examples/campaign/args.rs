//! The command line of `campaign`.
use lexopt::prelude::*;
use std::{error::Error, path::PathBuf, time::Duration};

pub const HELP: &str = "\
Calls every number of a list once. It can be killed at any moment and started again: no number is called twice.

Usage: campaign CALLS.csv [OPTION...]

CALLS.csv has a header with the columns to and objective. A number must not have the same objective twice.

  --state FILE        the database for the next start; default CALLS.csv.redb
  --results FILE      the results, one line of JSON for each call; default CALLS.csv.jsonl
  --rate N            how many calls are placed in a second, 1 to 100; default 5
  --in-flight N       how many calls are being placed at the same time, 1 to 40; default 8
  --settle SECONDS    how long the service may still act on a request whose answer was lost; default 30
  --timeout SECONDS   how long to wait for the end of a call; default 3600
  --webhook-url URL   where webhooks go; each call appends a token of its own
  --confirm N         confirms that N real phones may ring

If neither BYOURSIDE_API_KEY nor VOXPLO_API_KEY is set, the service is simulated and no phone rings. The exit code is 0
when every call has a result. A result of unknown needs a person: look for that call before placing it again.";

pub struct Args {
    pub calls: PathBuf,
    pub state: PathBuf,
    pub results: PathBuf,
    pub rate: u32,
    pub in_flight: usize,
    pub settle: Duration,
    pub timeout: Duration,
    pub webhook_url: Option<String>,
    pub confirmed: Option<usize>,
}

impl Args {
    /// Parses the command line; `None` if help is asked for.
    pub fn parse(mut args: lexopt::Parser) -> Result<Option<Self>, Box<dyn Error>> {
        let (mut calls, mut state, mut results) = (None, None, None);
        let (mut rate, mut in_flight, mut webhook_url, mut confirmed) = (5, 8, None, None);
        let (mut settle, mut timeout) = (30, 3600);
        while let Some(arg) = args.next()? {
            match arg {
                Value(path) if calls.is_none() => calls = Some(PathBuf::from(path)),
                Long("state") => state = Some(PathBuf::from(args.value()?)),
                Long("results") => results = Some(PathBuf::from(args.value()?)),
                Long("rate") => rate = args.value()?.parse()?,
                Long("in-flight") => in_flight = args.value()?.parse()?,
                Long("settle") => settle = args.value()?.parse()?,
                Long("timeout") => timeout = args.value()?.parse()?,
                Long("webhook-url") => webhook_url = Some(args.value()?.string()?),
                Long("confirm") => confirmed = Some(args.value()?.parse()?),
                Long("help") | Short('h') => return Ok(None),
                _ => return Err(arg.unexpected().into()),
            }
        }
        let calls = calls.ok_or("which list? see --help")?;
        let beside = |extension: &str| {
            let mut path = calls.clone().into_os_string();
            path.push(extension);
            PathBuf::from(path)
        };
        Ok(Some(Self {
            state: state.unwrap_or_else(|| beside(".redb")),
            results: results.unwrap_or_else(|| beside(".jsonl")),
            rate,
            in_flight: in_flight.clamp(1, 40),
            settle: Duration::from_secs(settle),
            timeout: Duration::from_secs(timeout),
            webhook_url,
            confirmed,
            calls,
        }))
    }
}
