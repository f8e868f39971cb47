//! `handclasp serve`: one task for each client, as many as the flags permit.
//!
//! | file | what |
//! |---|---|
//! | `job` | a server by its flags, before it listens and while it runs |
//! | `configuration` | which server the flags describe |
//! | `clients` | which clients are accepted |
//! | `advertise` | the announcement on the local network |
//! | `limits` | how many clients there may be at once |
//! | `desk` | what is done with each client |
//! | `answers` | the same without a service behind: a text, or standard output |
//! | `log` | what is said about clients |

mod advertise;
mod answers;
mod clients;
mod configuration;
mod desk;
mod job;
pub mod limits;
mod log;

use handclasp_relay::Drain;

use crate::{args::Serve, exit::Failure, runtime};
use job::Job;

pub fn run(arguments: Serve) -> Result<(), Failure> {
    let job = Job::new(arguments)?;
    runtime::block_on(job.run(Drain::new()))?
}
