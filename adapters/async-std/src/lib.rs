//! By Your Side Agent calling API client for async-std and smol.
