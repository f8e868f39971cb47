//! `handclasp id`: the identity of a device or program, in its folder.
//!
//! | file | what |
//! |---|---|
//! | `show` | what is known of an identity, for people and for scripts |

mod show;

use handclasp_identity::{FolderError, FolderProblem, IdentityFolder, private_file::PrivateFileError};

use crate::{
    args::{Id, IdCommand, IdNew},
    exit::Failure,
    say::say,
};

/// Runs it.
pub fn run(arguments: &Id) -> Result<(), Failure> {
    match &arguments.command {
        IdCommand::New(arguments) => new(arguments),
        IdCommand::Show(arguments) => show::run(arguments),
    }
}

fn new(arguments: &IdNew) -> Result<(), Failure> {
    let mut folder = IdentityFolder::new(&arguments.folder);
    if let Some(kind) = arguments.key {
        folder = folder.with_key_kind(kind);
    }
    folder.create(&arguments.name).map_err(|error| refused("", error))?;
    show::print(&folder, false)?;
    let shown = arguments.folder.display();
    say(format_args!("use it: handclasp serve ADDR:PORT --identity {shown}"));
    Ok(())
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
