//! Profiles of a server.

super::lists::profiles!();
