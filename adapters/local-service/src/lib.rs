//! The simulated By Your Side Agent calling API, served over HTTP on a loopback port.
