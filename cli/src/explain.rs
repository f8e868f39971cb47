//! `handclasp explain`: why a handshake failed, from what people have in hand.

mod ask;

use std::{
    fs::File,
    io::{IsTerminal as _, Read},
    path::{Path, PathBuf},
};

use handclasp_explain::{
    Error, Evidence, Explainer, Explanation,
    evidence::EvidenceError,
    render::{self, Options, Palette},
};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    args::{Color, Explain},
    exit::Failure,
    files::OutputFile,
    output,
    say::say,
    secret,
};

/// A capture that is read in a moment needs no bar.
const LARGE: u64 = 16 << 20;

pub fn run(arguments: &Explain) -> Result<(), Failure> {
    let page = OutputFile::asked("--html", arguments.html.as_ref())?;
    let evidence = evidence(arguments)?;
    let mut explained = match &arguments.file {
        Some(file) => explain(file, &evidence)?,
        None => Explainer::new(&evidence)
            .explain_logs()
            .map_err(|error| Failure::Transport(format!("{}: {error}", shown(arguments))))?,
    };
    if let Some(other) = &arguments.other {
        explained = explained.with_other_end(explain(other, &evidence)?);
    }
    if let Some(number) = arguments.conversation {
        let count = explained.conversations.len();
        if number == 0 || number > count {
            return Err(Failure::usage(format!("--conversation: expected 1 to {count}, found {number}")));
        }
    }
    if let Some(given) = &arguments.ask {
        let input = shown(arguments);
        let which = arguments.conversation.map(|number| number.saturating_sub(1));
        explained = ask::ask(explained, &input, given.as_deref(), which, &evidence)?;
    }
    let options = options(arguments);
    if let Some(page) = &page {
        page.write(render::html(&explained, &options).as_bytes())?;
    }
    let text = match arguments.json {
        true => render::json(&explained),
        false => render::text(&explained, &options),
    };
    output::write(text.as_bytes())?;
    if explained.is_without_tls() {
        let read = explained.packets.as_ref();
        let what = match read {
            Some(read) if read.skipped.total() > 0 => {
                format!("{} packets; skipped: {}", read.packets, read.skipped)
            }
            Some(read) => format!("{} packets", read.packets),
            None => "bytes".to_owned(),
        };
        return Err(Failure::NoTls(format!("{}: found no TLS in its {what}", shown(arguments))));
    }
    Ok(())
}

/// The input as messages name it: FILE, or else the log that was given alone.
fn shown(arguments: &Explain) -> String {
    let logs = [&arguments.file, &arguments.client_log, &arguments.server_log];
    logs.into_iter().flatten().next().map_or_else(String::new, |path| path.display().to_string())
}

fn options(arguments: &Explain) -> Options {
    let terminal = std::io::stdout().is_terminal();
    let wanted = match arguments.color {
        Color::Always => true,
        Color::Never => false,
        // https://no-color.org
        Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    };
    // Of whichever stream is a terminal: a pager behind a pipe has its width too.
    let width = terminal_size::terminal_size().map_or(100, |(width, _)| width.0);
    let mut options = Options::default();
    options.palette = if wanted { Palette::Ansi } else { Palette::Plain };
    options.width = usize::from(width.clamp(60, 140));
    options.teach = arguments.teach;
    options.conversation = arguments.conversation;
    options.file = shown(arguments);
    options
}

fn explain(path: &Path, evidence: &Evidence) -> Result<Explanation, Failure> {
    let failure = |error: Error| match error {
        Error::Empty => Failure::NoTls(format!("{}: {error}", path.display())),
        other => Failure::Transport(format!("{}: {other}", path.display())),
    };
    let explainer = Explainer::new(evidence);
    if path == Path::new("-") {
        return explainer.explain_reader(std::io::stdin().lock()).map_err(failure);
    }
    let bar = bar(path);
    let mut progress = |read| {
        if let Some(bar) = &bar {
            bar.set_position(read);
        }
    };
    let explained = explainer.with_progress(&mut progress).explain_file(path);
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    explained.map_err(failure)
}

/// Only where somebody waits and sees it.
fn bar(path: &Path) -> Option<ProgressBar> {
    let length = path.metadata().map(|metadata| metadata.len()).unwrap_or_default();
    if length < LARGE || !std::io::stderr().is_terminal() {
        return None;
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}, {eta} left");
    Some(ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
}

/// Everything that is known beside the file.
fn evidence(arguments: &Explain) -> Result<Evidence, Failure> {
    let mut roots: Option<Vec<Vec<u8>>> = None;
    for path in &arguments.roots {
        roots.get_or_insert_default().extend(told(
            "--roots",
            path,
            Evidence::certificates_of(&bytes("--roots", path)?),
        )?);
    }
    let certificates = match &arguments.cert {
        Some(path) => told("--cert", path, Evidence::certificates_of(&bytes("--cert", path)?))?,
        None => Vec::new(),
    };
    let key = match &arguments.key {
        Some(path) => {
            let bytes = zeroize::Zeroizing::new(bytes("--key", path)?);
            Some(told("--key", path, Evidence::public_half_of(&bytes))?)
        }
        None => None,
    };
    let name = arguments.name.as_deref().map(Evidence::name_of).transpose();
    let at = arguments.at.as_deref().map(Evidence::time_of).transpose();
    let psks = arguments.psk.iter().map(|value| secret::read_for_comparison("--psk", value).map(Into::into));
    let mut evidence = Evidence::default();
    evidence.key_log = key_log(arguments.keys.as_ref())?;
    evidence.psks = psks.collect::<Result<_, _>>()?;
    evidence.psk_identities = arguments.psk_id.iter().map(|id| id.clone().into_bytes()).collect();
    evidence.name = name.map_err(|error| Failure::usage(format!("--name: {error}")))?;
    evidence.roots = roots;
    evidence.certificates = certificates;
    evidence.key = key;
    evidence.at = at.map_err(|error| Failure::usage(format!("--at: {error}")))?;
    evidence.client_log = text("--client-log", arguments.client_log.as_ref())?;
    evidence.server_log = text("--server-log", arguments.server_log.as_ref())?;
    evidence.config = text("--config", arguments.config.as_ref())?;
    Ok(evidence)
}

/// The limit of what is read at once: logs and key logs of a day, not a disk.
const MOST: u64 = 256 << 20;

fn bytes(flag: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    let wrong = |what: &dyn std::fmt::Display| Failure::usage(format!("{flag}: {}: {what}", path.display()));
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| wrong(&error))?;
    file.take(MOST + 1).read_to_end(&mut bytes).map_err(|error| wrong(&error))?;
    match u64::try_from(bytes.len()) {
        Ok(length) if length <= MOST => Ok(bytes),
        _ => Err(wrong(&format!("expected at most {} MiB", MOST >> 20))),
    }
}

/// A key log. One with lines and none of its kind is another file, given by mistake; one of comments
/// alone (RFC 9850) was begun by a program that then had nothing to log.
fn key_log(path: Option<&PathBuf>) -> Result<String, Failure> {
    let Some(path) = path else { return Ok(String::new()) };
    let log = text("--keys", Some(path))?.unwrap_or_default();
    let is_secret = |line: &str| {
        let mut words = line.split_whitespace();
        let label = words.next().is_some_and(|label| {
            label.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        });
        let is_hex =
            |word: Option<&str>| word.is_some_and(|word| word.bytes().all(|b| b.is_ascii_hexdigit()));
        label && is_hex(words.next()) && is_hex(words.next())
    };
    if log.lines().any(is_secret) {
        return Ok(log);
    }
    let path = path.display();
    match log.lines().all(|line| line.trim().is_empty() || line.starts_with('#')) {
        true => {
            say(format_args!("warning: --keys {path} is empty: the program that wrote it logged no secrets"))
        }
        false => {
            return Err(Failure::usage(format!(
                "--keys {path}: expected a key log (SSLKEYLOGFILE) with lines such as `CLIENT_RANDOM HEX HEX`, found \
                 none in {} lines",
                log.lines().count()
            )));
        }
    }
    Ok(log)
}

fn text(flag: &str, path: Option<&PathBuf>) -> Result<Option<String>, Failure> {
    let read = |path: &PathBuf| bytes(flag, path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    path.map(read).transpose()
}

fn told<T>(flag: &str, path: &Path, read: Result<T, EvidenceError>) -> Result<T, Failure> {
    read.map_err(|error| Failure::usage(format!("{flag}: {}: {error}", path.display())))
}
