//! `handclasp run`: many servers and tunnels in one process, by a file.
//!
//! | file | what |
//! |---|---|
//! | `file` | tables and keys of the file, each with its place |
//! | `vocabulary` | keys are flags: the words of the command line that a table stands for |
//! | `configuration` | every table through the definition of its command, and all mistakes at once |
//! | `foreign` | options of stunnel, nginx and HAProxy, and the keys that take their place |
//! | `mistake` | what is wrong, by line and column |

mod configuration;
mod file;
mod foreign;
mod mistake;
mod vocabulary;

use std::{path::PathBuf, time::Duration};

use crate::{
    args::{DrainFlags, Observing, Run},
    daemon::{self, Before, Source, Unit},
    exit::Failure,
    observe,
    say::{about, say},
    secret, serve, tunnel,
};
use configuration::{Arguments, Configuration, Entry};

pub fn run(arguments: Run) -> Result<(), Failure> {
    let failed = |error| Failure::usage(format!("{}: {error}", arguments.file.display()));
    let path = std::path::absolute(&arguments.file).map_err(failed)?;
    // Paths of the file are relative to its folder, wherever this was started.
    if let Some(folder) = path.parent() {
        std::env::set_current_dir(folder).map_err(failed)?;
    }
    let mut file =
        File { path, shown: arguments.file.clone(), drain: arguments.drain, of_file: arguments.drain };
    // The form of the log is known before anything is said, but for mistakes of the file itself.
    let of_file = Configuration::read(&file.path, &file.shown)?.process;
    if arguments.check {
        let units = file.load(&Before::default())?;
        daemon::are_apart(&units)?;
        for unit in &units {
            say(format_args!("[{}] {}: ok", unit.title, unit.listen));
        }
        return Ok(());
    }
    observe::start(&Observing {
        log: arguments.observing.log.or(of_file.observing.log),
        metrics: arguments.observing.metrics.or(of_file.observing.metrics),
    })?;
    daemon::run(file)
}

/// The servers and tunnels of a file.
struct File {
    path: PathBuf,
    /// As it was typed.
    shown: PathBuf,
    /// By the flags, which count before the file.
    drain: DrainFlags,
    of_file: DrainFlags,
}

impl Source for File {
    fn load(&mut self, before: &Before) -> Result<Vec<Unit>, Failure> {
        let configuration = Configuration::read(&self.path, &self.shown)?;
        // Commands that sign get none of them, wherever in the file they stand.
        secret::note_variables(configuration.values());
        let (mut units, mut refused) = (Vec::new(), Vec::new());
        for entry in &configuration.entries {
            match about(&entry.title, || unit(entry, before)) {
                Ok(unit) => units.push(unit),
                Err(failure) => refused.push((entry, failure)),
            }
        }
        if !refused.is_empty() {
            return Err(configuration.refused(&self.shown, refused));
        }
        self.of_file = configuration.process.drain;
        Ok(units)
    }

    fn drain(&self) -> Duration {
        let drain = self.drain.drain.or(self.of_file.drain);
        DrainFlags { drain }.limit()
    }
}

fn unit(entry: &Entry, before: &Before) -> Result<Unit, Failure> {
    Ok(match &entry.arguments {
        Arguments::Serve(arguments) => {
            if !arguments.echo && arguments.reply.is_none() && arguments.forward.is_none() {
                return Err(Failure::usage(
                    "expected one of the keys forward, reply and echo: what is done with clients",
                ));
            }
            serve::Job::new(arguments, &entry.title, before)?.unit()
        }
        Arguments::Tunnel(arguments) => tunnel::Job::new(arguments, &entry.title, before)?.unit(),
    })
}
