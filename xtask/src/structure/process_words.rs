//! Words of how the project was made instead of what it is, and phrases that readers stumbled over. Refused in
//! every text file; the list is short on purpose: a phrase is here if it came back once.

use std::path::Path;

use anyhow::Result;

use crate::step::Outcome;
use crate::workspace;

/// Refused wherever they stand as whole words, in any case.
const REFUSED: &[&str] = &[
    "the house",
    "house's",
    "front door",
    "visible part",
    "score.py",
    "main job",
    "whoever",
    "we believe",
    "is believed",
    "mends",
    "to mend",
    "in plain sight",
    "is no TLS",
    "are no TLS",
    "was no TLS",
    "shakes hands",
    "where we left the plan",
];

/// Refused in documents and manifests, where they can only mean a crate. In code "room" is space in a buffer.
const REFUSED_IN_DOCUMENTS: &[&str] = &["room", "rooms"];

/// Files that quote such phrases: this one, and the table of what to avoid.
const QUOTES: &[&str] = &["xtask/src/structure/process_words.rs", "CONTRIBUTING.md"];

/// Endings of the files that are searched.
const ENDINGS: &[&str] = &[".rs", ".md", ".toml", ".tsv", ".py", ".yml", ".txt"];

/// What other programs say is theirs: labels of captures hold their messages.
const FOREIGN: &str = "vectors/";

/// Searches all files.
pub fn check() -> Result<Outcome> {
    let mut complaints = Vec::new();
    let mut count = 0;
    for ending in ENDINGS {
        for path in workspace::files(ending)? {
            if QUOTES.iter().any(|quotes| path == Path::new(quotes)) || path.starts_with(FOREIGN) {
                continue;
            }
            count += 1;
            // A file that is not UTF-8 holds no words.
            let Ok(text) = workspace::read(&path) else { continue };
            let is_document = matches!(*ending, ".md" | ".toml");
            complaints.extend(
                refused(&text, is_document)
                    .into_iter()
                    .map(|(line, phrase)| format!("{}:{line}: \"{phrase}\"", path.display())),
            );
        }
    }
    Ok(Outcome::from_complaints(format!("{count} files"), &complaints))
}

/// Line numbers and phrases.
fn refused(text: &str, is_document: bool) -> Vec<(usize, &'static str)> {
    let more: &[&str] = if is_document { REFUSED_IN_DOCUMENTS } else { &[] };
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.to_lowercase();
        let phrases = REFUSED.iter().chain(more);
        found.extend(
            phrases.filter(|phrase| has(&line, &phrase.to_lowercase())).map(|phrase| (number, *phrase)),
        );
    }
    found
}

/// Whether a phrase stands in a line, not as a part of longer words.
fn has(line: &str, phrase: &str) -> bool {
    let is_word = |found: char| found.is_alphanumeric() || found == '_';
    line.match_indices(phrase).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_some_and(is_word);
        let after = line[at + phrase.len()..].chars().next().is_some_and(is_word);
        !before && !after
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_as_whole_words() {
        assert_eq!(refused("a\nThe House is old\n", false), [(2, "the house")]);
        assert_eq!(refused("the households; mainly jobs; a whoever_else", false), []);
        assert_eq!(refused("this is no TLS record", false), [(1, "is no TLS")]);
    }

    #[test]
    fn rooms_are_refused_in_documents_only() {
        assert!(refused("room for 16 bytes", false).is_empty());
        assert_eq!(refused("each room has a test", true), [(1, "room")]);
    }
}
