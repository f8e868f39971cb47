//! Profiles of a client.

super::lists::profiles!();
