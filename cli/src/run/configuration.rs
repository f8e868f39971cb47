//! From a file to servers and tunnels: every table goes through the definition of its command.

use std::{ops::Range, path::Path, sync::Arc};

use clap::{
    ArgMatches, Command, FromArgMatches as _,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::{
    file::{self, COMMANDS, Content, Settings, Table},
    mistake::{self, Mistake},
    vocabulary::{Words, argument, arguments, key, suggestion},
};
use crate::{
    args::{self, Run, Serve, Tunnel},
    daemon::plain,
    exit::Failure,
};

/// A server or tunnel of a file.
pub struct Entry {
    /// Such as `serve.web`.
    pub title: String,
    pub arguments: Arguments,
    /// Where its table stands, for mistakes that are found later.
    place: Range<usize>,
    keys: Vec<Key>,
}

/// A key with its value, for finding out which one a message is about.
struct Key {
    name: String,
    place: Range<usize>,
    /// The strings of its value.
    values: Vec<String>,
    /// Whether it stands in `[defaults]`.
    is_default: bool,
}

impl Entry {
    /// For a message about the table as a whole: the keys that do not stand in it.
    fn defaults_in_question(&self) -> String {
        let names = self.keys.iter().filter(|key| key.is_default).map(|key| &key.name[..]);
        match &names.collect::<Vec<_>>()[..] {
            [] => String::new(),
            names => format!(" (of [defaults] it has {})", names.join(", ")),
        }
    }

    /// The key that a message is about: it begins with the flag, or quotes the value, as of a file that cannot be read.
    fn key_of(&self, text: &str) -> Option<&Key> {
        let flag = text.strip_prefix("--").and_then(|rest| rest.split([':', ' ']).next());
        let named = self.keys.iter().find(|key| Some(&key.name[..]) == flag);
        let longest = |key: &&Key| {
            let quoted = key.values.iter().filter(|value| text.contains(value.as_str()));
            quoted.map(String::len).max()
        };
        named.or_else(|| self.keys.iter().filter(|key| longest(key).is_some()).max_by_key(longest))
    }
}

/// The arguments of a table.
pub enum Arguments {
    Serve(Arc<Serve>),
    Tunnel(Arc<Tunnel>),
}

/// A file that was read.
pub struct Configuration {
    pub entries: Vec<Entry>,
    /// The keys in front of all tables: flags of `run` itself.
    pub process: Run,
    text: String,
}

impl Configuration {
    /// Reads a file; `shown` is its path as it was typed.
    ///
    /// # Errors
    /// All mistakes of its syntax; or all unknown keys, values that are not permitted, and keys that exclude each other.
    pub fn read(path: &Path, shown: &Path) -> Result<Self, Failure> {
        let failed = |error: String| Failure::usage(format!("{}: {error}", shown.display()));
        let text = file::read(path).map_err(failed)?;
        match entries(&text) {
            Ok((entries, process)) => Ok(Self { entries, process, text }),
            Err(mistakes) => Err(mistake::refused(shown, &text, mistakes)),
        }
    }

    /// All strings of the file.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        let keys = self.entries.iter().flat_map(|entry| &entry.keys);
        keys.flat_map(|key| key.values.iter().map(String::as_str))
    }

    /// What was found wrong with an entry when its files were read: at the key that a message begins with, else at the
    /// table.
    pub fn refused(&self, path: &Path, failures: Vec<(&Entry, Failure)>) -> Failure {
        let mistakes = failures.into_iter().map(|(entry, failure)| {
            let text = plain(&failure);
            let Some(key) = entry.key_of(&text) else {
                let text = text + &entry.defaults_in_question();
                return Mistake::new(entry.place.clone(), &entry.title, text);
            };
            let text = match text.strip_prefix("--") {
                Some(text) => text.to_owned(),
                None => format!("{}: {text}", key.name),
            };
            Mistake::new(key.place.clone(), &entry.title, text)
        });
        mistake::refused(path, &self.text, mistakes.collect())
    }
}

/// The servers and tunnels of a file, or all that is wrong with it.
fn entries(text: &str) -> Result<(Vec<Entry>, Run), Vec<Mistake>> {
    let (content, mut mistakes) = file::parse(text)?;
    let definition = args::usage::command();
    let commands: Vec<Command> = COMMANDS.iter().filter_map(|name| built(&definition, name)).collect();
    let Content { tables, defaults, top } = content;
    let process = match built(&definition, "run").map(|run| process(&run, top)) {
        Some(Ok(process)) => Some(process),
        Some(Err(wrong)) => {
            mistakes.extend(wrong);
            None
        }
        None => None,
    };
    for (name, setting) in &defaults {
        if commands.iter().all(|command| argument(command, name).is_none()) {
            let keys = commands.iter().flat_map(|command| arguments(command).map(key));
            let text = format!(
                "{}: neither serve nor tunnel has such a key{}",
                handclasp_codec::Printable(name),
                suggestion(name, keys.collect::<Vec<_>>())
            );
            mistakes.push(Mistake::new(setting.place.clone(), "defaults", text));
        }
    }
    if tables.is_empty() && mistakes.is_empty() {
        let text = "expected a table for each server or tunnel: [serve.NAME] or [tunnel.NAME]".to_owned();
        mistakes.push(Mistake::new(0..0, "", text));
    }
    let mut found = Vec::new();
    for mut table in tables {
        let Some(command) = commands.iter().find(|command| command.get_name() == table.command) else {
            continue;
        };
        for (name, setting) in &defaults {
            if argument(command, name).is_some() {
                table.settings.entry(name.clone()).or_insert_with(|| setting.clone());
            }
        }
        match entry(command, &table) {
            Ok(entry) => found.push(entry),
            Err(wrong) => mistakes.extend(wrong),
        }
    }
    // What is wrong with a default is wrong in each table.
    let mut seen = std::collections::HashSet::new();
    mistakes.retain(|mistake| seen.insert((mistake.place.start, mistake.text.clone())));
    match process {
        Some(process) if mistakes.is_empty() => Ok((found, process)),
        _ => Err(mistakes),
    }
}

/// The definition of a command.
fn built(definition: &Command, name: &str) -> Option<Command> {
    let mut command = definition.find_subcommand(name)?.clone();
    command.build();
    Some(command)
}

/// The flags of `run` that stand in front of all tables.
fn process(run: &Command, top: Settings<'_>) -> Result<Run, Vec<Mistake>> {
    let (known, unknown): (Settings<'_>, Settings<'_>) =
        top.into_iter().partition(|(name, _)| is_of_process(run, name));
    let mut mistakes: Vec<Mistake> = unknown
        .iter()
        .map(|(name, setting)| {
            let tables = ["serve", "tunnel", "defaults"].map(str::to_owned);
            let keys = arguments(run).map(key).filter(|key| is_of_process(run, key));
            let text = format!(
                "{}: expected the tables [serve.NAME], [tunnel.NAME] and [defaults]{}",
                handclasp_codec::Printable(name),
                suggestion(name, tables.into_iter().chain(keys).collect::<Vec<_>>())
            );
            Mistake::new(setting.place.clone(), "", text)
        })
        .collect();
    let table = Table { command: "run", name: String::new(), place: 0..0, settings: known };
    match matches(run, &table, &["FILE.toml"]) {
        Ok(matches) if mistakes.is_empty() => {
            Run::from_arg_matches(&matches).map_err(|error| vec![Mistake::new(0..0, "", error.to_string())])
        }
        Ok(_) => Err(mistakes),
        Err(wrong) => {
            mistakes.extend(wrong);
            Err(mistakes)
        }
    }
}

/// Whether a key is a flag of the whole program.
fn is_of_process(run: &Command, name: &str) -> bool {
    argument(run, name).is_some_and(|argument| !argument.is_positional() && argument.get_id() != "check")
}

/// One table.
fn entry(command: &Command, table: &Table<'_>) -> Result<Entry, Vec<Mistake>> {
    let matches = matches(command, table, &[])?;
    let failed =
        |error: clap::Error| vec![Mistake::new(table.place.clone(), &table.title(), error.to_string())];
    let arguments = match table.command {
        "tunnel" => Arguments::Tunnel(Arc::new(Tunnel::from_arg_matches(&matches).map_err(failed)?)),
        _ => Arguments::Serve(Arc::new(Serve::from_arg_matches(&matches).map_err(failed)?)),
    };
    let keys = table.settings.iter().map(|(name, setting)| Key {
        name: name.clone(),
        place: setting.place.clone(),
        values: setting.strings(),
        is_default: setting.title == "defaults",
    });
    Ok(Entry { title: table.title(), arguments, place: table.place.clone(), keys: keys.collect() })
}

/// What the definition of a command says of a table, with `more` behind its words. Each mistake is taken out before the
/// definition judges the rest, so that all of them are found.
fn matches(command: &Command, table: &Table<'_>, more: &[&str]) -> Result<ArgMatches, Vec<Mistake>> {
    let (mut words, mut mistakes) = Words::of(command, table);
    loop {
        let line = words.line(table.command).into_iter().chain(more.iter().map(Into::into));
        let error = match command.clone().try_get_matches_from(line) {
            Ok(matches) if mistakes.is_empty() => return Ok(matches),
            Ok(_) => return Err(mistakes),
            Err(error) => error,
        };
        let named = named(command, &error);
        let place = named.iter().find_map(|key| Some((key, table.settings.get(key)?)));
        let is_missing = matches!(error.kind(), ErrorKind::MissingRequiredArgument);
        // What is missing may be what was taken out.
        if is_missing && !mistakes.is_empty() {
            return Err(mistakes);
        }
        match place.filter(|_| !is_missing) {
            Some((key, setting)) => {
                let text = format!("{key}: {}", sentence(command, &error));
                mistakes.push(Mistake::new(setting.place.clone(), &setting.title, text));
                if words.remove(key) {
                    continue;
                }
            }
            None => {
                let text = sentence(command, &error);
                mistakes.push(Mistake::new(table.place.clone(), &table.title(), text));
            }
        }
        return Err(mistakes);
    }
}

/// The keys that an error of the definition names.
fn named(command: &Command, error: &clap::Error) -> Vec<String> {
    strings(error, ContextKind::InvalidArg).iter().filter_map(|text| key_of(command, text)).collect()
}

/// The key of an argument as clap writes it: `--name <VALUE>`, `<VALUE>`.
fn key_of(command: &Command, text: &str) -> Option<String> {
    match text.strip_prefix("--") {
        Some(flag) => flag.split(['=', ' ', '[', '<', '.']).next().map(str::to_owned),
        None => {
            let name = text.trim_matches(['<', '>', '[', ']', '.']);
            let mut all = arguments(command).filter(|argument| argument.is_positional());
            let is_it = |argument: &&clap::Arg| {
                argument
                    .get_value_names()
                    .is_some_and(|names| names.iter().any(|found| found.as_str() == name))
            };
            all.find(is_it).map(key)
        }
    }
}

fn strings(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

/// What an error of the definition says, in the words of the file.
fn sentence(command: &Command, error: &clap::Error) -> String {
    let value = strings(error, ContextKind::InvalidValue).join(" ");
    let list = |kind| {
        let keys: Vec<String> = strings(error, kind)
            .iter()
            .map(|text| key_of(command, text).unwrap_or_else(|| text.clone()))
            .collect();
        keys.join(", ")
    };
    let source = std::error::Error::source(error).map(ToString::to_string);
    match (error.kind(), source) {
        (ErrorKind::ValueValidation, Some(source)) if source.contains(", found ") => source,
        (ErrorKind::ValueValidation, Some(source)) => format!("{source}, found {value:?}"),
        (ErrorKind::InvalidValue, _) => {
            let valid = strings(error, ContextKind::ValidValue).join(", ");
            format!("expected one of {valid}, found {value:?}")
        }
        (ErrorKind::ArgumentConflict, _) => {
            format!("it excludes {}: remove one of them", list(ContextKind::PriorArg))
        }
        (ErrorKind::MissingRequiredArgument, _) => {
            format!("expected the key {}, which is missing", list(ContextKind::InvalidArg))
        }
        _ => {
            let text = error.to_string();
            let text = text.lines().next().unwrap_or_default();
            text.strip_prefix("error: ").unwrap_or(text).to_owned()
        }
    }
}

#[cfg(test)]
mod tests;
