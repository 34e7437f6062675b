//! The command line of a program without arguments.
use crate::say;
use lexopt::prelude::*;
use std::error::Error;

/// Prints the help and returns true if the program is asked for it.
///
/// # Errors
/// Any other argument, and failure to print the help.
pub fn helped(help: &str) -> Result<bool, Box<dyn Error>> {
    match lexopt::Parser::from_env().next()? {
        None => Ok(false),
        Some(Long("help") | Short('h')) => {
            say(help)?;
            Ok(true)
        }
        Some(other) => Err(other.unexpected().into()),
    }
}
