//! The server's machines against a scripted client. Flights are plaintext between the
//! machines, so the client needs the key schedule and no records. Only the public interface is
//! used.

mod flow12;
mod flow13;
mod harness;
mod offer;
mod peer12;
mod peer13;
mod refuse12;
mod refuse13;
mod retry;
mod states;
mod version;
