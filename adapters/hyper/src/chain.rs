//! Displays an error together with its sources.
use std::{error::Error, fmt};

/// Displays an error and its sources, separated by colons. hyper's own text leaves out the sources, which say what is
/// wrong.
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
        let mut source = self.0.source();
        while let Some(error) = source {
            let text = error.to_string();
            // Some errors repeat their source in their own text.
            if !shown.contains(&text) {
                write!(f, ": {text}")?;
            }
            shown = text;
            source = error.source();
        }
        Ok(())
    }
}
