//! The last column of `numbers.md`, held against what the blocking client reports for each number.
use byourside_proto::{
    Api, PlaceCall, Status,
    client::{CallError, ClientOptions, blocking::Client},
    machine::{place::PlaceError, reconcile::Reconciliation},
};
use byourside_sim::{Faults, Service, ServiceOptions, SimTransport};

const TABLE: &str = include_str!("../numbers.md");
const OBJECTIVE: &str = "Ask for the opening hours.";

/// What `place_and_wait` reports for this number, in the words of the table.
fn report(number: &str) -> Result<String, CallError> {
    let options = ServiceOptions {
        count_placements: true,
        ..ServiceOptions::default()
    };
    let transport = SimTransport::new(Service::with_options(7, options), Faults::default());
    let api = Api::with_key("bys_ak_example")?;
    let client = Client::with_transport(api, ClientOptions::default(), transport);
    let call = PlaceCall::new(number, OBJECTIVE)?;
    let status = |status: Option<Status>| status.map_or("none".to_owned(), |status| status.as_str().to_owned());
    let mut words = match client.place_and_wait(&call) {
        Ok(finished) => format!("finished: `{}`", status(finished.call.status())),
        Err(CallError::Wait(error)) => format!(
            "`WaitError`: `{}`; last record: `{}`",
            error.code(),
            status(error.last.as_ref().and_then(|call| call.status()))
        ),
        Err(CallError::Place(PlaceError::NotPlaced(reason))) => {
            format!("*not placed*: `{}`, {}", reason.code(), reason.status())
        }
        Err(CallError::Place(PlaceError::Unknown(reason))) => {
            let found = match client.reconcile(&call, []) {
                Reconciliation::Found(_) => "found",
                Reconciliation::Absent => "absent",
                Reconciliation::Ambiguous { .. } => "ambiguous",
            };
            format!(
                "*unknown*: `{}`, {}; reconciling: *{found}*",
                reason.code(),
                reason.status()
            )
        }
        Err(error @ CallError::Build(_)) => return Err(error),
    };
    let posts = client.transport().service().placements(number, OBJECTIVE).posts;
    if posts > 1 {
        words += &format!("; {posts} POSTs");
    }
    Ok(words)
}

#[test]
fn table_says_what_the_client_reports_for_each_number() -> Result<(), CallError> {
    let rows: Vec<Vec<&str>> = TABLE
        .lines()
        .skip(2)
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), 15);
    for row in rows {
        let [number, _, reported] = row[..] else {
            panic!("three columns: {row:?}")
        };
        let number = match number {
            "`+1900...`" => "+19005550123",
            "any other valid number" => "+14155550123",
            number => number.trim_matches('`'),
        };
        assert_eq!(report(number)?, reported, "{number}");
    }
    Ok(())
}
