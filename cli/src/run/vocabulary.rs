//! Keys of the file are the flags of the command: each table becomes its arguments.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command};
use handclasp_store::RedisAddress;
use toml::de::DeValue;

use super::{
    file::{Setting, Table, kind},
    foreign,
    mistake::Mistake,
};

/// Names of positional arguments in the file, where they differ from the identifier of the argument.
const POSITIONAL: [(&str, &str); 1] = [("address", "listen")];

/// Keys whose values are secrets, which are elsewhere.
const SECRETS: [&str; 6] =
    ["psk-hex", "psk-ascii", "psk-base64", "passphrase", "token-pin", "store-password"];

/// Flags that have no meaning in a file.
const NOT_HERE: [&str; 3] = ["help", "version", "once"];

/// Flags of the whole program, which every command has.
const OF_PROCESS: [&str; 3] = ["drain", "log", "metrics"];

/// A name that is so like another one is taken for a slip.
const ALIKE: f64 = 0.8;

/// The key of an argument.
pub fn key(argument: &Arg) -> String {
    let id = argument.get_id().as_str();
    let positional = || POSITIONAL.into_iter().find(|(name, _)| *name == id).map_or(id, |(_, key)| key);
    argument.get_long().unwrap_or_else(positional).to_owned()
}

/// The arguments of a command that may stand in a file.
pub fn arguments(command: &Command) -> impl Iterator<Item = &Arg> {
    command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set() && !NOT_HERE.contains(&argument.get_id().as_str()))
}

/// The argument of a key.
pub fn argument<'c>(command: &'c Command, wanted: &str) -> Option<&'c Arg> {
    arguments(command).find(|argument| key(argument) == wanted)
}

/// What was probably meant by a key that does not exist: ` did you mean …?`, or nothing.
pub fn suggestion<'k>(wanted: &str, keys: impl IntoIterator<Item = String> + 'k) -> String {
    let plain = wanted.to_lowercase().replace('_', "-");
    let keys: Vec<String> = keys.into_iter().collect();
    if let Some(instead) = foreign::instead(&plain, &keys) {
        return instead;
    }
    let rated = keys.into_iter().filter_map(|key| {
        let alike = strsim::jaro_winkler(&plain, &key);
        (alike >= ALIKE).then_some((alike, key))
    });
    match rated.max_by(|(one, _), (other, _)| one.total_cmp(other)) {
        Some((_, key)) => format!("; did you mean {key}?"),
        None => String::new(),
    }
}

/// The words of the command line that a key and its value stand for.
///
/// # Errors
/// A value of another kind, or a secret that stands in the file.
pub fn words(argument: &Arg, setting: &Setting<'_>) -> Result<Vec<OsString>, String> {
    let key = key(argument);
    let takes_values = argument.get_action().takes_values();
    let may_be_bare = argument.get_num_args().is_some_and(|range| range.min_values() == 0);
    let wanted = || expected(argument);
    match &setting.value {
        DeValue::Boolean(true) if !takes_values || may_be_bare => Ok(vec![format!("--{key}").into()]),
        DeValue::Boolean(false) if !takes_values || may_be_bare => Ok(Vec::new()),
        DeValue::Array(values) if matches!(argument.get_action(), ArgAction::Append) => {
            values.iter().map(|value| word(argument, &key, value.get_ref())).collect()
        }
        DeValue::Array(values) if takes_values => {
            Err(format!("expected one value, found a list of {}", values.len()))
        }
        value if takes_values => word(argument, &key, value).map(|word| vec![word]),
        other => Err(format!("expected {}, found {}", wanted(), kind(other))),
    }
}

/// What kind of value a key takes.
fn expected(argument: &Arg) -> String {
    if !argument.get_action().takes_values() {
        return "true or false".to_owned();
    }
    let name =
        argument.get_value_names().and_then(|names| names.first()).map_or("a value", |name| name.as_str());
    match argument.get_action() {
        ArgAction::Append => format!("{name}, or a list of them"),
        _ => name.to_owned(),
    }
}

fn word(argument: &Arg, key: &str, value: &DeValue<'_>) -> Result<OsString, String> {
    let text = match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => {
            let digits = number.as_str().replace('_', "");
            let number = i64::from_str_radix(&digits, number.radix());
            number.map_err(|_| "expected a number below 2^63".to_owned())?.to_string()
        }
        DeValue::Float(number) => number.as_str().replace('_', ""),
        other => return Err(format!("expected {}, found {}", expected(argument), kind(other))),
    };
    is_without_secret(key, &text)?;
    Ok(match argument.is_positional() {
        true => text.into(),
        false => format!("--{key}={text}").into(),
    })
}

/// Refuses a secret that stands in the file, which says where it is instead.
fn is_without_secret(key: &str, text: &str) -> Result<(), String> {
    if text.starts_with('@') || text.starts_with("env:") {
        return Ok(());
    }
    if SECRETS.contains(&key) {
        return Err("expected @FILE or env:NAME: a secret does not stand in this file".to_owned());
    }
    if key == "store" && RedisAddress::parse(text).is_ok_and(|address| address.has_password()) {
        return Err("expected a URL without a password, which goes into store-password = \"@FILE\" or \"env:NAME\": a \
                    secret does not stand in this file"
            .to_owned());
    }
    Ok(())
}

/// A table as arguments. `parts` has the words of each key, so that a key can be left out.
pub struct Words {
    /// Key, its words, and whether they are positional, in the order of the definition for the latter.
    parts: Vec<(String, Vec<OsString>, Option<usize>)>,
}

impl Words {
    /// The words of a table of this command, and the mistakes of its keys.
    pub fn of(command: &Command, table: &Table<'_>) -> (Self, Vec<Mistake>) {
        let (mut parts, mut mistakes) = (Vec::new(), Vec::new());
        for (name, setting) in &table.settings {
            if OF_PROCESS.contains(&&name[..]) && table.command != "run" {
                let text = format!("{name}: it is for the whole program: put it in front of all tables");
                mistakes.push(Mistake::new(setting.place.clone(), &setting.title, text));
                continue;
            }
            let Some(argument) = argument(command, name) else {
                let suggestion = suggestion(name, arguments(command).map(key));
                let text = format!(
                    "{}: there is no such key of {}{suggestion}",
                    handclasp_codec::Printable(name),
                    table.command
                );
                mistakes.push(Mistake::new(setting.place.clone(), &setting.title, text));
                continue;
            };
            match words(argument, setting) {
                Ok(words) => parts.push((name.clone(), words, argument.get_index())),
                Err(text) => {
                    let text = format!("{name}: {text}");
                    mistakes.push(Mistake::new(setting.place.clone(), &setting.title, text));
                }
            }
        }
        parts.sort_by_key(|(_, _, position)| *position);
        (Self { parts }, mistakes)
    }

    /// Leaves a key out; whether it was there.
    pub fn remove(&mut self, key: &str) -> bool {
        let before = self.parts.len();
        self.parts.retain(|(name, ..)| name != key);
        self.parts.len() < before
    }

    /// The arguments, with the name of the command in front.
    pub fn line(&self, command: &str) -> Vec<OsString> {
        let of = |is_positional: bool| {
            let parts = self.parts.iter().filter(move |(.., position)| position.is_some() == is_positional);
            parts.flat_map(|(_, words, _)| words.iter().cloned())
        };
        let mut line = vec![OsString::from(command)];
        line.extend(of(false));
        line.push("--".into());
        line.extend(of(true));
        line
    }
}
