//! The command line of a program that takes no arguments.
use crate::say;
use lexopt::prelude::*;
use std::error::Error;

/// Whether the program is asked for its help, which is printed then.
///
/// # Errors
/// Any other argument; and where the help cannot be printed.
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
