//! Explanations of every message, field, extension and alert for `--teach`, in tables keyed by the
//! codec's names.

/// A table of sentences: `sentences! { Type { name | other = "…"; } }`. Registries are open, so a
/// number may lack a sentence.
macro_rules! sentences {
    ($type:ident { $($name:ident $(| $more:ident)* = $text:literal;)+ }) => {
        /// The explanation of a code point, if the table has one.
        pub(super) fn sentence(of: $type) -> Option<&'static str> {
            match of {
                $($type::$name $(| $type::$more)* => Some($text),)+
                _ => None,
            }
        }
    };
}

mod alert;
mod extension;
mod field;
mod message;

use std::ops::Range;

use handclasp_codec::{AlertDescription, ExtensionType, Field, HandshakeType};
use owo_colors::OwoColorize as _;

use crate::conversation::dissect::message::tree;
use crate::conversation::field_tree::{Content, Node};
use crate::conversation::{Conversation, EventKind};
use crate::output::render::{Palette, field_line};

/// Number of consecutive fields of the same kind that are shown.
const ALIKE: usize = 3;

/// Explanation of an event.
pub(crate) fn sentence(what: &EventKind) -> Option<&'static str> {
    Some(match what {
        EventKind::Syn => "The client opens a TCP connection. TLS has not started yet.",
        EventKind::SynAck => {
            "The server's operating system accepts the connection; the server program may not have seen it \
             yet."
        }
        EventKind::Acknowledged => {
            "TCP on the receiving side has the bytes; the program may not have read them yet."
        }
        EventKind::Gap(_) => {
            "The capture lacks these bytes: the capturing machine dropped packets, or saw only one of \
             several paths."
        }
        EventKind::Fin => {
            "The sender has finished sending. TLS requires a close_notify alert before it; without one the \
             peer cannot distinguish the end of the data from truncation."
        }
        EventKind::Reset => {
            "The sender aborts the connection and discards data still in flight. Crashing programs, filters \
             and closed ports cause this."
        }
        EventKind::Handshake(message) => return message::sentence(message.msg_type),
        EventKind::Alert { description, .. } => return alert::sentence(*description),
        EventKind::ChangeCipherSpec => {
            "TLS 1.2: the sender encrypts from the next record on. TLS 1.3: it has no effect and is sent \
             only for compatibility with old middleboxes."
        }
        EventKind::Protected(_) => {
            "Encrypted: only the length is visible. In TLS 1.3 even the message type is hidden; about 17 \
             bytes more than an alert is an alert, hundreds of bytes are a certificate."
        }
        EventKind::ApplicationData { .. } => "The application's data, encrypted.",
        EventKind::Record { .. } => "A record of a type that does not carry handshake messages.",
        EventKind::NotTls { .. } => {
            "These bytes are not TLS: a record begins with 14 to 18 (hexadecimal) and 03."
        }
        EventKind::Error(_) => {
            "The length announces more bytes than are present. A receiver waits for the rest."
        }
    })
}

/// Explanation of an alert.
pub(crate) fn alert(description: AlertDescription) -> Option<&'static str> {
    alert::sentence(description)
}

/// Explanation of an extension.
fn extension(of: ExtensionType) -> Option<&'static str> {
    match of.is_grease() {
        true => Some(
            "GREASE (RFC 8701): a reserved value without meaning, sent to check that the peer ignores \
             unknown values.",
        ),
        false => extension::sentence(of),
    }
}

/// Explanation of a field of a message.
pub(crate) fn node(node: &Node) -> Option<&'static str> {
    if let (Some(Field::extension_type), Content::Name(number, _)) = (node.field, node.value) {
        return u16::try_from(number).ok().map(ExtensionType).and_then(extension);
    }
    if let (Some(Field::description), Content::Name(number, _)) = (node.field, node.value) {
        return u8::try_from(number).ok().and_then(|number| alert(AlertDescription(number)));
    }
    if let (Some(Field::msg_type), Content::Name(number, _)) = (node.field, node.value) {
        return u8::try_from(number).ok().and_then(|number| message::sentence(HandshakeType(number)));
    }
    node.field.and_then(field::sentence)
}

/// Collects explanations; each explanation of a field is shown once.
pub(crate) struct Lesson {
    paint: Palette,
    width: usize,
    shown: Vec<&'static str>,
    lines: Vec<String>,
}

impl Lesson {
    /// An empty collection.
    pub fn new(paint: Palette, width: usize) -> Self {
        Self { paint, width, shown: Vec::new(), lines: Vec::new() }
    }

    /// The lines after a row of the diagram: explanation of the message, then its fields with theirs.
    pub fn row(&mut self, conversation: &Conversation, items: &Range<usize>) -> Vec<String> {
        if let Some(item) = conversation.events.get(items.start) {
            if let Some(text) = sentence(&item.kind) {
                self.write(6, text);
            }
            if let EventKind::Handshake(message) = &item.kind {
                let tree = tree(&message.bytes, conversation.context());
                self.children(&tree, &message.bytes, 3);
            }
            self.lines.push(String::new());
        }
        std::mem::take(&mut self.lines)
    }

    /// The nested fields. The content of a vector gets no line of its own after its length; of many
    /// equal fields only the first few are shown.
    fn children(&mut self, node: &Node, bytes: &[u8], depth: usize) {
        let (mut alike, mut before, mut length) = (0_usize, None, None);
        for (index, child) in node.children.iter().enumerate() {
            // The message type is already the title; extensions differ by their content.
            if child.field == Some(Field::msg_type) {
                continue;
            }
            alike =
                if child.field == before && child.field != Some(Field::extension) { alike + 1 } else { 0 };
            before = child.field;
            if alike == ALIKE {
                let rest = node.children.iter().skip(index).take_while(|next| next.field == child.field);
                self.lines.push(format!("{:indent$}… {} more", "", rest.count(), indent = depth * 2));
            }
            if alike >= ALIKE {
                continue;
            }
            let announced = child.field.is_some() && child.field == length && child.problem.is_none();
            length = child.field.filter(|_| matches!(child.value, Content::Length(_)));
            if announced && matches!(child.value, Content::Structure) {
                self.children(child, bytes, depth + 1);
            } else if !announced || !child.range.is_empty() {
                self.field(child, bytes, depth);
                self.children(child, bytes, depth + 1);
            }
        }
    }

    fn field(&mut self, node: &Node, bytes: &[u8], depth: usize) {
        self.lines.push(format!("{:indent$}{}", "", field_line(node, bytes, self.paint), indent = depth * 2));
        if let Some(text) = self::node(node).filter(|text| !self.shown.contains(text)) {
            self.shown.push(text);
            self.write(depth * 2 + 4, text);
        }
    }

    /// Adds a wrapped sentence.
    fn write(&mut self, indent: usize, text: &str) {
        let room = self.width.saturating_sub(indent).max(20);
        let style = self.paint.note();
        let rows = textwrap::wrap(text, room);
        self.lines.extend(rows.iter().map(|row| format!("{:indent$}{}", "", row.style(style))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_registered_has_its_sentence() {
        for number in 0..=u8::MAX {
            let known = HandshakeType(number);
            if known.name().is_some() && number != 254 {
                assert!(message::sentence(known).is_some(), "{known}");
            }
            let known = AlertDescription(number);
            assert_eq!(alert(known).is_some(), known.name().is_some(), "{known}");
        }
        for number in 0..=u16::MAX {
            if let Some(field) = Field::from_number(number) {
                let words = field::sentence(field).unwrap_or("It ends.");
                assert!(words.ends_with('.') && words.len() < 400, "{}: {words}", field.name());
            }
        }
        for extension in [ExtensionType::server_name, ExtensionType::key_share, ExtensionType(0x0a0a)] {
            assert!(super::extension(extension).is_some(), "{extension}");
        }
    }
}
