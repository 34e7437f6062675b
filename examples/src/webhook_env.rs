//! The secret and the time of a webhook receiver, from its environment.
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
/// The environment variable that holds the old secret while the secret is being replaced.
pub const OLD_SECRET_VAR: &str = "BYOURSIDE_WEBHOOK_SECRET_OLD";

/// A verifier with the secret in [`SECRET_VAR`] and, if it is set, the old secret in [`OLD_SECRET_VAR`].
///
/// # Errors
/// A message for the person who started the program.
pub fn verifier_from_env() -> Result<Verifier, String> {
    let verifier = Verifier::new(secret_from_env(SECRET_VAR)?);
    match env::var_os(OLD_SECRET_VAR) {
        Some(_) => Ok(verifier.with_additional_secret(secret_from_env(OLD_SECRET_VAR)?)),
        None => Ok(verifier),
    }
}

/// The secret in this environment variable, unchecked.
///
/// # Errors
/// A message for the person who started the program, if the variable is not set or not text. It does not show the
/// value.
pub fn secret_as_it_is(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| match error {
        VarError::NotPresent => format!("set {name} to the secret that the dashboard shows (whsec_...)"),
        // The error's `Display` would show the value.
        VarError::NotUnicode(_) => format!("{name} is no UTF-8 text"),
    })
}

/// The secret in this environment variable.
///
/// # Errors
/// A message for the person who started the program, if the variable is not set, empty, or has white space around it,
/// such as a newline from a file.
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
