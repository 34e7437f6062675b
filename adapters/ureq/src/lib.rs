//! By Your Side Agent calling API client, blocking, on ureq.
