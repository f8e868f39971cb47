//! Peers on the local network: `serve --advertise`, `browse` and `connect --service` against avahi, against each other,
//! and against machines that announce what is not true. Each test has a network of its own: [`crate::lan`].
//!
//! | file | content |
//! |---|---|
//! | `stage` | a network, and the program on its machines |
//! | `avahi` | avahi finds what we announce, and we find what avahi announces |
//! | `trust` | first contact, known keys, pins; the example of the library |
//! | `impostor` | another machine announces the name of a known one |
//! | `hostile` | packets that no honest machine sends |

mod avahi;
mod hostile;
mod impostor;
mod stage;
mod trust;

use anyhow::Result;

use crate::fixtures::Fixtures;
use crate::harness::{Test, Transcript};
use stage::Stage;

/// A test by its name.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    run: fn(&Stage) -> Result<()>,
}

/// Every test, named `discovery::…`.
pub fn tests() -> Result<Vec<Box<dyn Test>>> {
    let groups = [avahi::CASES, trust::CASES, impostor::CASES, hostile::CASES];
    Ok(groups.into_iter().flatten().map(|case| Box::new(*case) as Box<dyn Test>).collect())
}

impl Test for Case {
    fn name(&self) -> String {
        format!("discovery::{}", self.name)
    }

    fn run(&self, fixtures: &Fixtures) -> Result<Transcript> {
        // First what may have to be built.
        let (program, example) = (fixtures.program()?, fixtures.local_network()?);
        let stage = Stage::set(program, example)?;
        (self.run)(&stage).map(|()| Transcript::default())
    }
}
