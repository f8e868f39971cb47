//! The TOML file: its tables and keys, each with its place.

use std::{collections::BTreeMap, fs::File, io::Read as _, ops::Range, path::Path};

use handclasp_codec::Printable;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::mistake::Mistake;

/// A server or tunnel as it stands in the file.
pub struct Table<'t> {
    /// `serve` or `tunnel`.
    pub command: &'static str,
    pub name: String,
    /// Where its name stands.
    pub place: Range<usize>,
    pub settings: Settings<'t>,
}

impl Table<'_> {
    /// As it is called in the file, without the brackets.
    pub fn title(&self) -> String {
        format!("{}.{}", self.command, Printable(&self.name))
    }
}

/// Keys with their values.
pub type Settings<'t> = BTreeMap<String, Setting<'t>>;

/// A key with its value.
#[derive(Clone)]
pub struct Setting<'t> {
    /// Where the key stands.
    pub place: Range<usize>,
    pub value: DeValue<'t>,
    /// The table in which it stands.
    pub title: String,
}

impl Setting<'_> {
    /// The strings of its value.
    pub fn strings(&self) -> Vec<String> {
        let texts = |value: &DeValue<'_>| match value {
            DeValue::String(text) if !text.is_empty() => Some(text.to_string()),
            _ => None,
        };
        match &self.value {
            DeValue::Array(values) => values.iter().filter_map(|value| texts(value.get_ref())).collect(),
            value => texts(value).into_iter().collect(),
        }
    }
}

/// The content of a file.
#[derive(Default)]
pub struct Content<'t> {
    /// In the order of the file.
    pub tables: Vec<Table<'t>>,
    pub defaults: Settings<'t>,
    /// Keys in front of all tables.
    pub top: Settings<'t>,
}

/// Commands that have tables.
pub const COMMANDS: [&str; 2] = ["serve", "tunnel"];

/// Reads a file.
///
/// # Errors
/// Where its syntax is wrong.
pub fn parse(text: &str) -> Result<(Content<'_>, Vec<Mistake>), Vec<Mistake>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let mistake = |error: &toml::de::Error| {
            let place = error.span().unwrap_or_default();
            let hint = hint(text, &place, error.message());
            Mistake::new(place, "", format!("{}{hint}", error.message()))
        };
        return Err(errors.iter().map(mistake).collect());
    }
    let (mut content, mut mistakes) = (Content::default(), Vec::new());
    for (key, value) in root.into_inner() {
        let (place, key) = (key.span(), key.into_inner());
        match COMMANDS.into_iter().find(|command| *command == key) {
            Some(command) => content.tables.extend(tables(command, &place, value, &mut mistakes)),
            None if key == "defaults" => match value.into_inner() {
                DeValue::Table(table) => content.defaults = settings(table, "defaults"),
                other => mistakes.push(Mistake::new(
                    place,
                    "",
                    format!("expected the table [defaults], found {}", kind(&other)),
                )),
            },
            None => {
                let setting = Setting { place, value: value.into_inner(), title: String::new() };
                content.top.insert(key.into_owned(), setting);
            }
        }
    }
    content.tables.sort_by_key(|table| table.place.start);
    Ok((content, mistakes))
}

/// What the reader of TOML does not say of a mistake of syntax. The value is not quoted: it may be a secret.
fn hint(text: &str, place: &Range<usize>, message: &str) -> String {
    if message.contains("duplicate key") {
        let name = text.get(place.clone()).unwrap_or_default();
        return format!(" {}: remove one of the two, or give it another name", Printable(name));
    }
    let start = text.get(..place.start).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    match line.split_once('=') {
        Some((key, value))
            if place.start > start + key.len() && !value.trim_start().starts_with(['"', '\'', '[', '{']) =>
        {
            format!("; the value of {} is text: put it in double quotes", Printable(key.trim()))
        }
        _ => String::new(),
    }
}

/// The tables below `[serve]` or `[tunnel]`.
fn tables<'t>(
    command: &'static str,
    place: &Range<usize>,
    value: Spanned<DeValue<'t>>,
    mistakes: &mut Vec<Mistake>,
) -> Vec<Table<'t>> {
    let mut found = Vec::new();
    let DeValue::Table(named) = value.into_inner() else {
        let text = format!("expected a table for each server or tunnel, such as [{command}.web]");
        mistakes.push(Mistake::new(place.clone(), command, text));
        return found;
    };
    for (name, value) in named {
        let place = name.span();
        match value.into_inner() {
            DeValue::Table(table) => {
                let name = name.into_inner().into_owned();
                let settings = settings(table, &format!("{command}.{}", Printable(&name)));
                found.push(Table { command, name, place, settings });
            }
            other => {
                let text = format!(
                    "expected a table with a name, such as [{command}.web], found the key {} with {}",
                    Printable(name.get_ref()),
                    kind(&other)
                );
                mistakes.push(Mistake::new(place, command, text));
            }
        }
    }
    found
}

fn settings<'t>(table: DeTable<'t>, title: &str) -> Settings<'t> {
    let setting = |(key, value): (Spanned<_>, Spanned<DeValue<'t>>)| {
        let place = key.span();
        let key: std::borrow::Cow<'t, str> = key.into_inner();
        (key.into_owned(), Setting { place, value: value.into_inner(), title: title.to_owned() })
    };
    table.into_iter().map(setting).collect()
}

/// What a value is, for messages. Its content is not shown.
pub fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(true) => "true",
        DeValue::Boolean(false) => "false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Reads a file. What is checked and what is read are one file, whatever the path names meanwhile.
///
/// # Errors
/// It cannot be read, or others can change it: its commands are executed (`signer`), and it decides about trust.
pub fn read(path: &Path) -> Result<String, String> {
    let mut file = File::open(path).map_err(|error| error.to_string())?;
    check_owner(&file, path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        format!("expected UTF-8 text, found an invalid byte at offset {offset}")
    })
}

#[cfg(unix)]
fn check_owner(file: &File, path: &Path) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    let (mode, own) = (metadata.mode() & 0o7777, rustix::process::geteuid().as_raw());
    if metadata.is_file() && ![0, own].contains(&metadata.uid()) {
        return Err(format!(
            "it belongs to user {}; expected root or user {own}, who runs this program",
            metadata.uid()
        ));
    }
    // The group of a user alone has the user's number.
    let group = if metadata.gid() == metadata.uid() { 0 } else { 0o020 };
    match mode & (0o002 | group) {
        0 => Ok(()),
        _ => Err(format!(
            "mode {mode:04o}, so other users can change it; expected 0644 or less: chmod go-w {}",
            path.display()
        )),
    }
}

#[cfg(not(unix))]
fn check_owner(_: &File, _: &Path) -> Result<(), String> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    /// Between the check and the reading another file may get the name.
    #[test]
    fn the_file_that_is_open_is_checked_and_not_its_path() {
        let path = std::env::temp_dir().join(format!("handclasp-run-file-{}", std::process::id()));
        for (of_open, of_path) in [(0o600, 0o666), (0o666, 0o600)] {
            let open = |mode| {
                let _ = fs::remove_file(&path);
                let file = File::create_new(&path).unwrap();
                file.set_permissions(fs::Permissions::from_mode(mode)).unwrap();
                file
            };
            let file = open(of_open);
            let _other = open(of_path);
            assert_eq!(check_owner(&file, &path).is_ok(), of_open == 0o600);
        }
        fs::remove_file(&path).unwrap();
    }
}
