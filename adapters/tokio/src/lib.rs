//! By Your Side Agent calling API client for tokio, on hyper.
