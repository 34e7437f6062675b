//! What a receiver takes from its surroundings: the secret and the time.
use byourside_proto::{
    UnixTime,
    webhook::{Verifier, WebhookSecret},
};
use std::{
    env::{self, VarError},
    time::SystemTime,
};

/// The environment variable that holds the webhook secret.
pub const SECRET_VAR: &str = "BYOURSIDE_WEBHOOK_SECRET";
/// The one that holds, while the secret is being replaced, the secret that goes.
pub const OLD_SECRET_VAR: &str = "BYOURSIDE_WEBHOOK_SECRET_OLD";

/// A verifier with the secret in [`SECRET_VAR`] and, where there is one, the old secret in [`OLD_SECRET_VAR`].
///
/// # Errors
/// In words for the one who started the program.
pub fn verifier_from_env() -> Result<Verifier, String> {
    let verifier = Verifier::new(secret_from_env(SECRET_VAR)?);
    match env::var_os(OLD_SECRET_VAR) {
        Some(_) => Ok(verifier.with_additional_secret(secret_from_env(OLD_SECRET_VAR)?)),
        None => Ok(verifier),
    }
}

/// The secret in this environment variable, spoilt or not.
///
/// # Errors
/// In words for the one who started the program, where it is not set or no text. Its value is not in them.
pub fn secret_as_it_is(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| match error {
        VarError::NotPresent => format!("set {name} to the secret that the dashboard shows (whsec_...)"),
        // With its `Display` comes the value.
        VarError::NotUnicode(_) => format!("{name} is no UTF-8 text"),
    })
}

/// The secret in this environment variable.
///
/// # Errors
/// In words for the one who started the program, where it is not set, empty, or has white space around it, as it has
/// when it was read from a file with a newline at its end.
pub fn secret_from_env(name: &str) -> Result<WebhookSecret, String> {
    let secret = secret_as_it_is(name)?;
    if secret.trim() != secret {
        return Err(format!(
            "{name} has white space around it, a newline perhaps: take it off"
        ));
    }
    WebhookSecret::new(secret).map_err(|error| format!("{name}: {error}"))
}

/// The time by this machine's clock, for signatures.
#[must_use]
pub fn unix_now() -> UnixTime {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    UnixTime::new(since_1970.map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX)))
}
