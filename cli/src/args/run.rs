//! The arguments of `handclasp run`.

use std::path::PathBuf;

use clap::Args;

use super::{DrainFlags, Observing};

/// Run the servers and tunnels of a file
///
/// Each table [serve.NAME] or [tunnel.NAME] is one server or tunnel; its keys are the flags of `handclasp serve` and
/// `handclasp tunnel` without the dashes in front. The address to listen on is `listen`, the other end of a tunnel
/// `target`. A flag without a value is `true`, one that is repeatable takes a list. Keys in [defaults] hold for all tables
/// that have such a flag. Paths are relative to the folder of the file. Secrets are @FILE or env:NAME.
///
/// SIGHUP reads the file again, with all certificates, keys and lists that it names: connections in progress are kept, and
/// a file with a mistake changes nothing. SIGTERM and SIGINT end the program gracefully; a second one ends it at once.
#[derive(Debug, Args)]
pub struct Run {
    /// The file
    #[arg(value_name = "FILE.toml")]
    pub file: PathBuf,
    /// Check the file and all files that it names, then exit
    #[arg(long)]
    pub check: bool,
    #[command(flatten)]
    pub drain: DrainFlags,
    #[command(flatten)]
    pub observing: Observing,
}
