//! `handclasp serve`: one task for each client, as many as the flags permit.
//!
//! | file | what |
//! |---|---|
//! | `job` | a server by its flags, before it listens and while it runs |
//! | `configuration` | which server the flags describe |
//! | `clients` | which clients are accepted |
//! | `limits` | how many clients there may be at once |
//! | `application` | what is done with each client |
//! | `answers` | the same without a service behind: a text, or standard output |
//! | `log` | what is said about clients |

mod answers;
mod application;
mod clients;
mod configuration;
mod job;
pub mod limits;
mod log;

use std::{sync::Arc, time::Duration};

use crate::{
    args::Serve,
    daemon::{self, Before, Source, Unit},
    exit::Failure,
    observe, runtime,
};
pub use job::Job;

pub fn run(arguments: Serve) -> Result<(), Failure> {
    observe::start(&arguments.observing)?;
    let arguments = Arc::new(arguments);
    if arguments.once {
        return runtime::block_on(Job::new(&arguments, "", &Before::default())?.once())?;
    }
    daemon::run(Flags(arguments))
}

/// The server of the flags of `serve`.
struct Flags(Arc<Serve>);

impl Source for Flags {
    fn load(&mut self, before: &Before) -> Result<Vec<Unit>, Failure> {
        Ok(vec![Job::new(&self.0, "", before)?.unit()])
    }

    fn drain(&self) -> Duration {
        self.0.drain.limit()
    }
}
