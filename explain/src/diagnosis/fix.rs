//! What fixes a failure, on which side, and how in the software there.

use crate::diagnosis::cause::Party;

/// One way to fix what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fix {
    /// The side that acts, where it is not the side that the finding names.
    pub side: Option<Party>,
    /// What to do.
    pub text: String,
}

impl From<&str> for Fix {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Fix {
    fn from(text: String) -> Self {
        Self { side: None, text }
    }
}

impl Fix {
    /// A fix that `side` makes.
    pub(crate) fn by(side: Party, text: impl Into<String>) -> Self {
        Self { side: Some(side), text: text.into() }
    }
}

/// How a finding is fixed in the software of one side.
///
/// ```
/// let log = "curl: (60) SSL certificate problem: unable to get local issuer certificate";
/// let explanation = handclasp_explain::Explainer::default().explain_bytes(log.as_bytes())?;
/// let how = &explanation.verdict().expect("the log says why").how;
/// assert_eq!((how[0].software, how[0].side.id()), ("curl", "client"));
/// assert!(how[0].lines[0].contains("--cacert"));
/// # Ok::<(), handclasp_explain::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HowTo {
    /// The software whose settings are named.
    pub software: &'static str,
    /// The side that it is on.
    pub side: Party,
    /// What shows that it is this software.
    pub sign: String,
    /// One to three settings, commands or calls.
    pub lines: &'static [&'static str],
}

impl HowTo {
    /// The software and what shows it.
    pub(crate) fn title(&self) -> String {
        format!("{} ({}, {})", self.software, self.side.id(), self.sign)
    }
}

impl Party {
    /// Where something is to be changed, as titles name it; `None` where nobody can change anything.
    pub(crate) fn place(self) -> Option<&'static str> {
        match self {
            Self::Client => Some("client"),
            Self::Server => Some("server"),
            Self::Config => Some("either side"),
            Self::Network => Some("network"),
            Self::Attacker | Self::Nobody => None,
        }
    }

    /// The title of fixes that this side makes.
    pub(crate) fn title(self) -> String {
        self.place().map_or_else(|| "Next step".to_owned(), |place| format!("Fix ({place})"))
    }
}

/// The side and the text of each fix; `side` is that of fixes that name none.
pub(crate) fn by_side(side: Party, fixes: &[Fix]) -> impl Iterator<Item = (Party, &str)> {
    fixes.iter().map(move |fix| {
        let text = fix.text.strip_prefix("or ").unwrap_or(&fix.text);
        (fix.side.unwrap_or(side), text)
    })
}

/// One line for each fix. The first line names its side, and so does each line for another side than
/// the line before.
pub(crate) fn lines(side: Party, fixes: &[Fix]) -> Vec<String> {
    let mut before = None;
    let mut lines = Vec::new();
    for (side, text) in by_side(side, fixes) {
        let changed = before.is_some_and(|before| before != side);
        lines.push(match (before, side.place()) {
            (None, _) => format!("{}: {text}", side.title()),
            (Some(_), Some(place)) if changed => format!("or ({place}) {text}"),
            (Some(_), _) => format!("or {text}"),
        });
        before = Some(side);
    }
    lines
}
