//! `handclasp id`: the identity of a device or program, in its folder.
//!
//! | file | what |
//! |---|---|
//! | `new` | a new folder, and new keys wherever they are |
//! | `show` | what is known of an identity, for people and for scripts |
//! | `csr` | certificate requests |
//! | `change` | renewal, rotation, and the chain of a CA |

mod change;
mod csr;
mod new;
mod show;

pub use new::key_elsewhere;

use crate::{
    args::{Id, IdCommand},
    exit::Failure,
};

/// Runs it.
pub fn run(arguments: &Id) -> Result<(), Failure> {
    match &arguments.command {
        IdCommand::New(arguments) => new::run(arguments),
        IdCommand::Show(arguments) => show::run(arguments),
        IdCommand::Csr(arguments) => csr::run(arguments),
        IdCommand::Install(arguments) => change::install(arguments),
        IdCommand::Renew(arguments) => change::renew(arguments),
        IdCommand::Rotate(arguments) => change::rotate(arguments),
    }
}
