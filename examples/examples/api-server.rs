//! Serves the simulated calling API over HTTP, for clients in any language. No phone rings.
use byourside_examples::log;
use byourside_local_service::LocalService;
use byourside_sim::{DeliveryFaults, Profile, Rate};
use lexopt::prelude::*;
use std::{
    error::Error,
    fmt::Display,
    io::{Write, stdout},
    process::ExitCode,
    thread,
};

const HELP: &str = "\
Serves the simulated calling API on 127.0.0.1, until Ctrl-C. No phone rings.

Usage: api-server [--port PORT] [--speed SPEED] [--seed SEED] [--faults PROFILE] [--lose PERCENT] [--double PERCENT]

  --port PORT       the port to listen on; 0, the default, picks a free port
  --speed SPEED     virtual seconds in a real second; default 1
  --seed SEED       decides every random choice of the service; default 0
  --faults PROFILE  faults of requests, answers and webhooks: none (the default), mild or harsh
  --lose PERCENT    how many webhook deliveries are lost; default as the profile says
  --double PERCENT  how many webhook deliveries arrive twice; default as the profile says

Any key that starts with bys_ak_ is valid. The number that is called picks the outcome:

  +14155550101  no_answer           +14155550111  502 placement_failed
  +14155550102  voicemail           +14155550112  429 rate_limited
  +14155550103  declined            +14155550113  429 over_minute_cap
  +14155550104  failed              +14155550114  503 store_error
  any other     completed           +19005550100  400 destination_blocked

The documentation of the crate byourside-sim has the whole table. Webhooks go to a webhookUrl like
http://127.0.0.1:PORT/, signed with the secret whsec_simulated.";

fn main() -> ExitCode {
    serve().unwrap_or_else(|error| {
        log(format_args!("api-server: {error}; see --help"));
        ExitCode::from(2)
    })
}

fn serve() -> Result<ExitCode, Box<dyn Error>> {
    let mut builder = LocalService::builder()
        .on_request(|exchange| say(exchange))
        .on_delivery(|delivery| say(delivery));
    let (mut seed, mut profile) = (0, Profile::None);
    let (mut lost, mut doubled) = (None, None);
    let mut args = lexopt::Parser::from_env();
    while let Some(arg) = args.next()? {
        builder = match arg {
            Long("port") => builder.port(args.value()?.parse()?),
            Long("speed") => builder.speed(args.value()?.parse()?),
            Long("seed") => {
                seed = args.value()?.parse()?;
                builder.seed(seed)
            }
            Long("faults") => {
                profile = Profile::named(&args.value()?.string()?).ok_or("the faults are none, mild or harsh")?;
                builder
            }
            Long("lose") => {
                lost = Some(Rate::percent(args.value()?.parse()?));
                builder
            }
            Long("double") => {
                doubled = Some(Rate::percent(args.value()?.parse()?));
                builder
            }
            Long("help") | Short('h') => {
                say(HELP);
                return Ok(ExitCode::SUCCESS);
            }
            _ => return Err(arg.unexpected().into()),
        };
    }
    let usual = profile.delivery_faults(seed);
    let deliveries = DeliveryFaults {
        lost: lost.unwrap_or(usual.lost),
        duplicated: doubled.unwrap_or(usual.duplicated),
        ..usual
    };
    let service = builder
        .faults(profile.faults(seed))
        .delivery_faults(deliveries)
        .start()?;
    say(format_args!("listening on {}", service.base_url()));
    loop {
        // The service answers on a thread of its own, until the process ends.
        thread::park();
    }
}

/// Prints a line and flushes it. A closed output is ignored.
fn say(line: impl Display) {
    let mut out = stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
