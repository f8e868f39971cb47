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

use handclasp_identity::{FolderError, FolderProblem, private_file::PrivateFileError};

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

/// An error of a folder, with the command that helps. `flag` stands in front.
pub fn refused(flag: &str, error: FolderError) -> Failure {
    let shown = error.path.display();
    let help = match &error.problem {
        FolderProblem::Missing => format!("; make one: handclasp id new {shown} --name NAME"),
        FolderProblem::Exists => format!("; look at it: handclasp id show {shown}"),
        FolderProblem::File(file) if is_denied(file) => {
            "; run the command as the user that owns it".to_owned()
        }
        _ => String::new(),
    };
    Failure::usage(format!("{flag}{error}{help}"))
}

fn is_denied(error: &PrivateFileError) -> bool {
    error.kind() == std::io::ErrorKind::PermissionDenied
}
