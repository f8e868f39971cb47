//! What is wrong with a file, and where.

use std::{ops::Range, path::Path};

use crate::exit::Failure;

/// One mistake.
#[derive(Debug)]
pub struct Mistake {
    /// Bytes of the file; the first one counts.
    pub place: Range<usize>,
    /// Table and key, such as `serve.web`, or empty.
    pub title: String,
    pub text: String,
}

impl Mistake {
    pub fn new(place: Range<usize>, title: &str, text: String) -> Self {
        Self { place, title: title.to_owned(), text }
    }
}

/// All mistakes of a file in its order, each with line and column.
pub fn refused(path: &Path, text: &str, mut mistakes: Vec<Mistake>) -> Failure {
    mistakes.sort_by_key(|mistake| mistake.place.start);
    let lines: Vec<String> = mistakes.iter().map(|mistake| line(path, text, mistake)).collect();
    Failure::usage(lines.join("\n"))
}

fn line(path: &Path, text: &str, mistake: &Mistake) -> String {
    let before = text.get(..mistake.place.start).unwrap_or(text);
    let line = before.matches('\n').count().saturating_add(1);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
    let title = match &mistake.title[..] {
        "" => String::new(),
        title => format!("[{title}] "),
    };
    format!("{}:{line}:{column}: {title}{}", path.display(), mistake.text)
}
