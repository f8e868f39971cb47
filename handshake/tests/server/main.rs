//! The server's machines against a scripted client. Flights are plaintext between the
//! machines, so the client needs the key schedule and no records. Only the public interface is
//! used.

mod client_auth;
mod client_refused;
mod cookie;
mod extensions;
mod flow12;
mod flow13;
mod harness;
mod limits;
mod offer;
mod peer12;
mod peer13;
mod raw_keys;
mod refuse12;
mod refuse13;
mod resume;
mod resume12;
mod retry;
mod states;
mod version;
