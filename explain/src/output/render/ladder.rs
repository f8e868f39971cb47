//! The message diagram: one row per message, alert, run of protected records, or TCP event.
//! Consecutive protected records of one kind share a row.

use std::ops::Range;
use std::time::Duration;

use handclasp_codec::{AlertLevel, ContentType};
use handclasp_report::Named;

use super::{detail, harmless, printable};
use crate::conversation::{Conversation, Event, EventKind, ProtectedRecord, StreamError, UndecryptedReason};
use crate::diagnosis::protocol::proxy_header::ProxyHeader;
use crate::diagnosis::protocol::{Protocol, shown};
use crate::input::capture_event::Side;

/// One row of the diagram.
pub(super) struct Row {
    /// Sender.
    pub from: Side,
    /// Name of the message or event.
    pub label: String,
    /// Short summary; may be empty.
    pub detail: String,
    /// Size in bytes, if it has one.
    pub bytes: Option<u64>,
    /// Time since the first event.
    pub since: Option<Duration>,
    /// Number of its last packet.
    pub frame: Option<u64>,
    /// Offset of its first byte in the sender's stream.
    pub offset: u64,
    /// Kind of row, which decides the style.
    pub tone: Tone,
    /// Was encrypted and has been decrypted.
    pub opened: bool,
    /// Indices of the events that the row covers.
    pub events: Range<usize>,
}

/// Kinds of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// SYN, FIN and the like.
    Transport,
    /// RST, gaps in the capture, missing replies: transport problems.
    Odd,
    /// Unencrypted.
    Plain,
    /// Encrypted, decrypted with keys.
    Opened,
    /// Encrypted, not decrypted.
    Closed,
    /// A fatal alert, or something that does not parse.
    Wrong,
}

/// All rows of a conversation.
pub(super) fn rows(conversation: &Conversation) -> Vec<Row> {
    let begins = conversation.events.first().and_then(|item| item.position.time);
    let mut rows: Vec<Row> = Vec::new();
    let mut over = false;
    let tls13 = conversation.is_tls13();
    for (index, item) in conversation.events.iter().enumerate() {
        over |= matches!(item.kind, EventKind::Fin | EventKind::Reset);
        // An ACK matters if no reply follows, not after the connection ended.
        if over && matches!(item.kind, EventKind::Acknowledged) {
            continue;
        }
        let since = item.position.time.zip(begins).map(|(at, begins)| at.saturating_sub(begins));
        if let (EventKind::Protected(sealed), Some(last)) = (&item.kind, rows.last_mut())
            && last.from == item.from
            && last.events.end == index
            && continues(conversation.events.get(last.events.start), sealed)
        {
            last.events.end = index + 1;
            last.bytes = last.bytes.map(|bytes| bytes + u64::from(sealed.length));
            last.detail = closed(sealed, last.events.len());
            last.frame = item.position.frame;
            continue;
        }
        rows.push(row((conversation, tls13), item, index, since));
    }
    rows
}

/// Whether a protected record continues a row of the same kind.
fn continues(first: Option<&Event>, sealed: &ProtectedRecord) -> bool {
    match first.map(|item| &item.kind) {
        Some(EventKind::Protected(before)) => {
            before.content_type == sealed.content_type && before.reason == sealed.reason
        }
        _ => false,
    }
}

fn row(of: (&Conversation, bool), item: &Event, index: usize, since: Option<Duration>) -> Row {
    let (label, detail, bytes, tone) = words(of, item);
    Row {
        from: item.from,
        label,
        detail: harmless(&detail).into_owned(),
        bytes,
        since,
        frame: item.position.frame,
        offset: item.position.offset,
        tone,
        opened: opened(&item.kind),
        events: index..index + 1,
    }
}

fn opened(what: &EventKind) -> bool {
    match what {
        EventKind::Handshake(message) => message.protected,
        EventKind::Alert { protected, .. } | EventKind::Record { protected, .. } => *protected,
        EventKind::ApplicationData { decrypted, .. } => *decrypted,
        EventKind::Syn
        | EventKind::SynAck
        | EventKind::Acknowledged
        | EventKind::Gap(_)
        | EventKind::Fin
        | EventKind::Reset
        | EventKind::ChangeCipherSpec
        | EventKind::Protected(_)
        | EventKind::NotTls { .. }
        | EventKind::Error(_) => false,
    }
}

/// Label, summary, size and kind of one event.
fn words((conversation, tls13): (&Conversation, bool), item: &Event) -> (String, String, Option<u64>, Tone) {
    let named = |label: &str, detail: &str, tone| (label.to_owned(), detail.to_owned(), None, tone);
    match &item.kind {
        EventKind::Syn => named("SYN", "", Tone::Transport),
        EventKind::SynAck => named("SYN, ACK", "", Tone::Transport),
        EventKind::Acknowledged => named("ACK", "all data received; no reply", Tone::Odd),
        EventKind::Gap(bytes) => {
            (String::from("(gap)"), "missing from the capture".to_owned(), Some(*bytes), Tone::Odd)
        }
        EventKind::Fin => named("FIN", "closes", Tone::Transport),
        EventKind::Reset => named("RST", "resets the connection", Tone::Odd),
        EventKind::Handshake(message) => {
            let tone = match (message.error.is_some(), message.protected) {
                (true, _) => Tone::Wrong,
                (false, true) => Tone::Opened,
                (false, false) => Tone::Plain,
            };
            let bytes = u64::try_from(message.bytes.len()).ok();
            (message.msg_type.to_string(), detail::of(conversation, item.from, message), bytes, tone)
        }
        EventKind::Alert { level, description, protected } => {
            let mild = *level == AlertLevel::warning && !tls13
                || *description == handclasp_codec::AlertDescription::close_notify;
            let tone = match (mild, protected) {
                (false, _) => Tone::Wrong,
                (true, true) => Tone::Opened,
                (true, false) => Tone::Plain,
            };
            (format!("alert {}", Named(*description)), level.to_string(), Some(2), tone)
        }
        EventKind::ChangeCipherSpec => {
            let words = if tls13 { "has no effect in TLS 1.3" } else { "records that follow are encrypted" };
            ("change_cipher_spec".to_owned(), words.to_owned(), Some(1), Tone::Plain)
        }
        EventKind::Protected(sealed) => (
            format!("[{}]", sealed_name(sealed.content_type)),
            closed(sealed, 1),
            Some(u64::from(sealed.length)),
            if sealed.reason == UndecryptedReason::NotAuthentic { Tone::Wrong } else { Tone::Closed },
        ),
        EventKind::ApplicationData { records, bytes, decrypted, prefix, .. } => {
            let begins: String = printable(prefix).chars().take(24).collect();
            let records = if *records == 1 { "1 record".to_owned() } else { format!("{records} records") };
            let detail = if begins.is_empty() { records } else { format!("{records}: \"{begins}\"") };
            let tone = if *decrypted { Tone::Opened } else { Tone::Closed };
            ("application data".to_owned(), detail, Some(*bytes), tone)
        }
        EventKind::Record { content_type, length, .. } => {
            (content_type.to_string(), "record".to_owned(), Some(u64::from(*length)), Tone::Odd)
        }
        EventKind::NotTls { prefix: begins } => {
            ("not TLS".to_owned(), plain(item.from, begins), Some(item.position.length), Tone::Wrong)
        }
        EventKind::Error(broken) => broken_words(broken),
    }
}

/// Bytes that are not TLS: text as it is, other bytes with the name of their protocol if it is known.
fn plain(from: Side, begins: &[u8]) -> String {
    if let Some(header) = ProxyHeader::of(begins).filter(|_| from == Side::Client) {
        return format!("PROXY header, version {}, {}", header.version, header.addresses);
    }
    let shown = shown(begins);
    match Protocol::of(begins, from).filter(|_| !shown.starts_with('"')) {
        Some(protocol) => format!("{}: {shown}", protocol.name),
        None => shown,
    }
}

fn sealed_name(content_type: ContentType) -> String {
    match content_type {
        ContentType::application_data => "protected".to_owned(),
        other => format!("protected {other}"),
    }
}

fn closed(sealed: &ProtectedRecord, records: usize) -> String {
    let records = if records == 1 { "1 record".to_owned() } else { format!("{records} records") };
    match sealed.reason {
        UndecryptedReason::NoKeys => records,
        UndecryptedReason::NotAuthentic => format!("{records}: fails authentication"),
        UndecryptedReason::UnknownSuite => format!("{records}: cipher suite not supported here"),
    }
}

fn broken_words(broken: &StreamError) -> (String, String, Option<u64>, Tone) {
    match broken {
        StreamError::RecordTooLong { announced, .. } => {
            let words = format!("announces {announced} bytes: more than a record may have");
            ("(record)".to_owned(), words, None, Tone::Wrong)
        }
        StreamError::RecordTruncated { content_type, announced, available, .. } => {
            let words = format!("announces {announced} bytes, {available} present");
            (format!("({content_type}, truncated)"), words, Some(u64::from(*available)), Tone::Wrong)
        }
        StreamError::MessageTruncated { msg_type, announced, bytes } => {
            let came = bytes.len().saturating_sub(4);
            let words = format!("announces {announced} bytes, {came} present");
            (format!("({msg_type}, truncated)"), words, u64::try_from(came).ok(), Tone::Wrong)
        }
    }
}
