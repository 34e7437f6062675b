//! What every adapter of the By Your Side Agent calling API client must pass.
