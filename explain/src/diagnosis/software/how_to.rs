//! Tool × cause: what a cause is fixed by in the words of a program, one file for each kind of cause. A row
//! names a setting, a command or a call as its documentation does; the general fix stays in `cause.rs`.

mod client_certificates;
mod clocks;
mod names;
mod negotiation;
mod secrets;
mod transport;
mod trust;

use handclasp_codec::ProtocolVersion;

use super::Software;
use crate::{conversation::Conversation, diagnosis::cause::Cause, input::capture_event::Side};

/// How some causes are fixed in a program on one side.
struct Row {
    software: Software,
    side: Side,
    causes: &'static [Cause],
    /// Where the fix depends on which side is behind.
    when: When,
    lines: &'static [&'static str],
}

/// What the capture must show for a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Always,
    /// The server wants a version newer than the client offers.
    ClientIsOlder,
    /// The server has no version as new as the client asks for.
    ServerIsOlder,
}

const fn client(software: Software, causes: &'static [Cause], lines: &'static [&'static str]) -> Row {
    Row { software, side: Side::Client, causes, when: When::Always, lines }
}

const fn server(software: Software, causes: &'static [Cause], lines: &'static [&'static str]) -> Row {
    Row { software, side: Side::Server, causes, when: When::Always, lines }
}

impl Row {
    const fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }
}

const TABLES: &[&[Row]] = &[
    trust::ROWS,
    names::ROWS,
    clocks::ROWS,
    client_certificates::ROWS,
    negotiation::ROWS,
    secrets::ROWS,
    transport::ROWS,
];

/// The lines of the row for this software, side and cause.
pub(super) fn lines(
    software: Software,
    side: Side,
    cause: Cause,
    conversation: &Conversation,
) -> Option<&'static [&'static str]> {
    let fits = |row: &&Row| {
        row.software == software
            && row.side == side
            && row.causes.contains(&cause)
            && holds(row.when, conversation)
    };
    TABLES.iter().copied().flatten().find(fits).map(|row| row.lines)
}

fn holds(when: When, conversation: &Conversation) -> bool {
    if when == When::Always {
        return true;
    }
    let Some(hello) = conversation.client_hello() else { return false };
    let list = hello.extensions.supported_versions;
    let offers = |version| match list {
        Some(list) => list.versions.iter().any(|one| one == version),
        None => version == hello.legacy_version,
    };
    // A client of 1.3 is as new as any; of one that stops at 1.2 only 1.3 is newer.
    let newest = offers(ProtocolVersion::TLS_1_3);
    match when {
        When::Always => true,
        When::ClientIsOlder => !newest,
        When::ServerIsOlder => newest,
    }
}

#[cfg(test)]
pub(super) fn rows() -> impl Iterator<Item = (Software, Side, &'static [Cause], bool, &'static [&'static str])>
{
    let all = TABLES.iter().copied().flatten();
    all.map(|row| (row.software, row.side, row.causes, row.when == When::Always, row.lines))
}
