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

use handclasp_relay::Drain;

use crate::{args::Tunnel, exit::Failure, observe, runtime};
use job::Job;

pub fn run(arguments: Tunnel) -> Result<(), Failure> {
    observe::start(&arguments.observing)?;
    let job = Job::new(arguments)?;
    runtime::block_on(job.run(Drain::new()))?
}
