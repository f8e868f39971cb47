//! `handclasp tunnel`: plain in, TLS out.
//!
//! | file | what |
//! |---|---|
//! | `job` | a tunnel by its flags, before it listens and while it runs |
//! | `dialogue` | what is said before TLS, to the server and to the client |
//! | `handshakes` | reports, and what is new about known peers |

mod dialogue;
mod handshakes;
mod job;

use std::{sync::Arc, time::Duration};

use crate::{
    args::Tunnel,
    daemon::{self, Before, Source, Unit},
    exit::Failure,
    observe,
};
pub use job::Job;

pub fn run(arguments: Tunnel) -> Result<(), Failure> {
    observe::start(&arguments.observing)?;
    daemon::run(Flags(Arc::new(arguments)))
}

/// The tunnel of the flags of `tunnel`.
struct Flags(Arc<Tunnel>);

impl Source for Flags {
    fn load(&mut self, before: &Before) -> Result<Vec<Unit>, Failure> {
        Ok(vec![Job::new(&self.0, "", before)?.unit()])
    }

    fn drain(&self) -> Duration {
        self.0.drain.limit()
    }
}
