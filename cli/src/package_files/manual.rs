//! The manual page of each command: examples behind the synopsis, then what its definition says, and the sections of
//! `sections`.

use std::io;

use clap::Command;
use clap_mangen::{
    Man,
    roff::{Roff, bold, italic, roman},
};

use super::sections::{self, Entry};
use crate::args::usage::{self, examples};

/// The page of a command.
pub struct Page {
    /// Its words behind `handclasp`.
    words: String,
    /// With the names of the commands above it.
    command: Command,
    /// The pages of the commands above, beside and below it.
    see_also: Vec<String>,
}

/// One for each command.
pub fn pages() -> Vec<Page> {
    let mut root = usage::command().disable_help_subcommand(true);
    root.build();
    let mut pages = Vec::new();
    collect(&root, "", &[], &mut pages);
    pages
}

fn collect(command: &Command, words: &str, above: &[String], pages: &mut Vec<Page>) {
    let below: Vec<String> = command.get_subcommands().map(|below| name_of(words, below)).collect();
    let see_also = above.iter().chain(&below).filter(|name| **name != page_name(words)).cloned().collect();
    pages.push(Page { words: words.to_owned(), command: command.clone(), see_also });
    let beside: Vec<String> = std::iter::once(page_name(words)).chain(below).collect();
    for subcommand in command.get_subcommands() {
        let words = format!("{words} {}", subcommand.get_name());
        collect(subcommand, words.trim_start(), &beside, pages);
    }
}

fn name_of(words: &str, below: &Command) -> String {
    page_name(format!("{words} {}", below.get_name()).trim_start())
}

fn page_name(words: &str) -> String {
    match words.is_empty() {
        true => "handclasp".to_owned(),
        false => format!("handclasp-{}", words.replace(' ', "-")),
    }
}

impl Page {
    /// Such as `handclasp-id-new.1`.
    pub fn file_name(&self) -> String {
        format!("{}.1", page_name(&self.words))
    }

    /// The page in the language of troff.
    pub fn text(&self) -> io::Result<String> {
        let man = Man::new(self.command.clone());
        let mut page = self.head().into_bytes();
        man.render_name_section(&mut page)?;
        self.synopsis().to_writer(&mut page)?;
        self.examples().to_writer(&mut page)?;
        self.description().to_writer(&mut page)?;
        let mut options = Vec::new();
        man.render_options_section(&mut options)?;
        page.extend(subsections(&String::from_utf8_lossy(&options)).bytes());
        if self.command.has_subcommands() {
            let mut below = Vec::new();
            man.render_subcommands_section(&mut below)?;
            page.extend(String::from_utf8_lossy(&below).replacen("SUBCOMMANDS", "COMMANDS", 1).bytes());
        }
        for (title, entries) in [
            ("EXIT STATUS", sections::exit_codes(&self.words)),
            ("ENVIRONMENT", sections::variables(&self.words, &self.command)),
            ("FILES", sections::files(&self.words, &self.command)),
        ] {
            list(title, &entries).to_writer(&mut page)?;
        }
        self.references().to_writer(&mut page)?;
        let page = String::from_utf8_lossy(&page).into_owned();
        let page: String = page.lines().map(|line| format!("{}\n", line.trim_end())).collect();
        // An empty line and a break are two spaces for one reader and one for another.
        Ok(page.replace("\n.br\n\n.br\n", "\n.sp\n"))
    }

    /// Without a date, so that the same sources make the same package.
    fn head(&self) -> String {
        let (name, version) = (page_name(&self.words).to_uppercase(), env!("CARGO_PKG_VERSION"));
        format!(".TH {name} 1 \"\" \"handclasp {version}\" \"User Commands\"\n")
    }

    /// The line of the usage: all flags would be a screenful.
    fn synopsis(&self) -> Roff {
        let usage = self.command.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ").trim();
        let name = self.command.get_bin_name().unwrap_or_default();
        let mut roff = Roff::new();
        roff.control("SH", ["SYNOPSIS"]);
        roff.text([bold(name), roman(usage.strip_prefix(name).unwrap_or_default())]);
        roff
    }

    fn examples(&self) -> Roff {
        let mut roff = Roff::new();
        roff.control("SH", ["EXAMPLES"]);
        for (index, example) in examples::of(&self.words).enumerate() {
            if index > 0 && !example.what.is_empty() {
                roff.control("PP", []);
            }
            if !example.what.is_empty() {
                roff.text([roman(format!("{}:", example.what))]);
            }
            roff.control("RS", ["4"]).control("nf", []);
            roff.text([roman(example.line)]).control("fi", []).control("RE", []);
        }
        roff
    }

    fn description(&self) -> Roff {
        let mut roff = Roff::new();
        roff.control("SH", ["DESCRIPTION"]);
        let about = self.command.get_about().map(ToString::to_string).unwrap_or_default();
        roff.text([roman(format!("{}.", about.trim_end_matches('.')))]);
        let details = self.command.get_before_long_help().map(ToString::to_string).unwrap_or_default();
        for paragraph in details.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
            roff.control("PP", []);
            roff.text([roman(paragraph.replace('\n', " "))]);
        }
        roff
    }

    fn references(&self) -> Roff {
        let mut roff = Roff::new();
        roff.control("SH", ["SEE ALSO"]);
        let mut line = Vec::new();
        for (index, name) in self.see_also.iter().enumerate() {
            line.push(bold(name.clone()));
            line.push(roman(if index + 1 == self.see_also.len() { "(1)" } else { "(1), " }));
        }
        roff.text(line);
        roff.control("PP", []);
        roff.text([roman("The documents of the project: "), italic(env!("CARGO_PKG_REPOSITORY"))]);
        roff
    }
}

fn list(title: &str, entries: &[Entry]) -> Roff {
    let mut roff = Roff::new();
    if entries.is_empty() {
        return roff;
    }
    roff.control("SH", [title]);
    for (name, what) in entries {
        roff.control("TP", []).text([bold(*name)]).text([roman(*what)]);
    }
    roff
}

/// The headings of flags as parts of the section of options, in which they are sections.
fn subsections(options: &str) -> String {
    let mut text = String::new();
    let mut has_section = false;
    for line in options.lines() {
        match line.strip_prefix(".SH ").map(|title| title.trim_matches('"')) {
            Some("OPTIONS") | None => text += line,
            Some(title) => {
                if !has_section && !text.contains(".SH OPTIONS") {
                    text += ".SH OPTIONS\n";
                }
                has_section = true;
                let (first, rest) = title.split_at(1);
                text += &format!(".SS \"{first}{}\"", rest.to_lowercase());
            }
        }
        text.push('\n');
    }
    text
}
