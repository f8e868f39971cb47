//! Manual pages and completions for shells, from the definition of the commands. A test writes them, since the crates that
//! generate them are no part of the program: `cargo xtask package` runs it with the folder in [`FOLDER`].
//!
//! | file | what |
//! |---|---|
//! | `manual` | the manual page of each command |
//! | `sections` | exit codes, files, variables: what a definition does not say |
//! | `tests` | mandoc and man read the pages, bash, zsh and fish the completions |

mod manual;
mod sections;
mod tests;

use std::{fs, io, path::Path};

use clap::Command;
use clap_complete::{Shell, generate_to};

use crate::args::usage;

/// Names the folder that [`write_files`] writes into.
const FOLDER: &str = "HANDCLASP_PACKAGE_FILES";

/// Writes `man/*.1` and `completions/*`.
fn write(folder: &Path) -> io::Result<()> {
    let (man, completions) = (folder.join("man"), folder.join("completions"));
    fs::create_dir_all(&man)?;
    fs::create_dir_all(&completions)?;
    for page in manual::pages() {
        fs::write(man.join(page.file_name()), page.text()?)?;
    }
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        generate_to(shell, &mut visible(&usage::command()), "handclasp", &completions)?;
    }
    Ok(())
}

/// The command without hidden flags, which are there to name better ones and which no shell should offer.
fn visible(command: &Command) -> Command {
    let arguments = command.get_arguments().filter(|argument| !argument.is_hide_set());
    // The crate clap is built without names that are not literals.
    let name: &'static str = command.get_name().to_owned().leak();
    Command::new(name)
        .about(command.get_about().cloned().unwrap_or_default())
        .version(env!("CARGO_PKG_VERSION"))
        .disable_version_flag(command.get_version().is_none())
        .args(arguments)
        .groups(command.get_groups())
        .subcommands(command.get_subcommands().map(visible))
}

/// Run by `cargo xtask package`.
#[test]
#[ignore = "writes the files of the Debian package into the folder that HANDCLASP_PACKAGE_FILES names"]
fn write_files() {
    let folder = std::env::var_os(FOLDER).expect("HANDCLASP_PACKAGE_FILES");
    write(Path::new(&folder)).expect("the folder can be written");
}
