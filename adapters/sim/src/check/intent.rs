//! The intent of a program: the call to place, and with which options.
use byourside_proto::{
    Api, ApiKey, BaseUrl, BuildError, Monotonic, PlaceCall,
    machine::{
        place::PlaceOptions,
        reconcile::ReconcileOptions,
        wait::{OnTerminalEvent, WaitOptions},
    },
};
use fastrand::Rng;
use std::time::Duration;

/// How many calls share an account: few enough for one list, so that the reconciler can report *absent*.
const CALLS_PER_ACCOUNT: u64 = 20;
pub const KEY: &str = "bys_ak_simulated";

/// A call to place and wait for.
#[derive(Clone, Debug)]
pub struct Intent {
    pub number: u64,
    pub api: Api,
    pub call: PlaceCall,
    pub to: String,
    pub objective: String,
    /// When the program starts.
    pub begins: Monotonic,
    pub place: PlaceOptions,
    pub reconcile: ReconcileOptions,
    pub wait: WaitOptions,
}

impl Intent {
    /// Draws the intent of this number in a wave. Its events go to `own`, or for some intents to `other`, which is
    /// another program's URL; some have no webhook.
    pub fn draw(number: u64, random: &mut Rng, own: &str, other: &str) -> Result<Self, BuildError> {
        let key = ApiKey::new(format!("{KEY}_{}", number / CALLS_PER_ACCOUNT))?;
        let to = destination(random);
        let objective = format!("Call {number}.");
        let mut call = PlaceCall::new(&*to, &*objective)?;
        match random.u32(..10) {
            0..2 => {}
            2..4 => call = call.webhook_url(own)?,
            4 => call = call.webhook_url(other)?.correlation(&format!("i{number}"))?,
            _ => call = call.webhook_url(own)?.correlation(&format!("i{number}"))?,
        }
        let mut seconds = |range| Duration::from_secs(random.u64(range));
        let begins = Monotonic::ORIGIN.after(seconds(0..60));
        let place = PlaceOptions {
            attempt_timeout: seconds(3..20),
            ..PlaceOptions::default()
        };
        let wait = WaitOptions {
            timeout: seconds(0..90),
            interval: seconds(1..6),
            attempt_timeout: seconds(3..15),
            ..WaitOptions::default()
        };
        let wait = WaitOptions {
            seed: random.u64(..),
            settle: random.u32(..3),
            on_terminal_event: if random.bool() {
                OnTerminalEvent::Finish
            } else {
                OnTerminalEvent::Refetch
            },
            ..wait
        };
        Ok(Self {
            number,
            api: Api::new(BaseUrl::default(), key),
            call,
            to,
            objective,
            begins,
            place: PlaceOptions {
                seed: random.u64(..),
                ..place
            },
            reconcile: ReconcileOptions {
                seed: random.u64(..),
                ..ReconcileOptions::default()
            },
            wait,
        })
    }
}

/// A row of a list: the call to place.
#[derive(Clone, Debug)]
pub struct RowIntent {
    pub call: PlaceCall,
    pub to: String,
    pub objective: String,
}

/// Draws a number: mostly one that answers, else one with a special outcome.
fn destination(random: &mut Rng) -> String {
    match random.u32(..40) {
        0..18 => format!("+1415556{:04}", random.u32(..10_000)),
        18..22 => "+14155550101".into(),
        22..24 => "+14155550102".into(),
        24..26 => "+14155550103".into(),
        26..28 => "+14155550104".into(),
        28 => "+14155550105".into(),
        29 => "+14155550106".into(),
        30..33 => "+14155550107".into(),
        33 => "+14155550111".into(),
        34 => "+14155550112".into(),
        35 => "+14155550113".into(),
        36 => "+14155550114".into(),
        37 => "+14155550115".into(),
        38 => "+14155550116".into(),
        _ => "+19005550123".into(),
    }
}
