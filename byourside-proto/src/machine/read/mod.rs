//! One read, a `GET`, with retries of what is transient.
mod options;
mod reader;

pub use options::ReadOptions;
pub use reader::{ReadOperation, Reader};
