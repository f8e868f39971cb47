//! The client's machines against a scripted server, which can send anything at any time, and
//! against our own server. Only the public interface is used.

mod client_auth;
mod extensions;
mod fake;
mod fake12;
mod fake13;
mod hello;
mod pairs;
mod post_handshake;
mod raw_keys;
mod refusals12;
mod refusals13;
mod resume;
mod retry;
mod session_limits;
mod setup;
mod state_table;
mod version;
mod without_ems;
