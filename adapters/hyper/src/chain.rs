//! What went wrong, down to its cause.
use std::{error::Error, fmt};

/// An error and what caused it: hyper's own text ends before the part that helps.
///
/// ```
/// use byourside_hyper::Chain;
/// let refused = std::io::Error::other(std::io::Error::from(std::io::ErrorKind::ConnectionRefused));
/// assert_eq!(Chain(&refused).to_string(), "connection refused");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Chain<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.to_string();
        f.write_str(&shown)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // Some repeat their cause in their own text.
            if !shown.contains(&text) {
                write!(f, ": {text}")?;
            }
            shown = text;
            cause = error.source();
        }
        Ok(())
    }
}
