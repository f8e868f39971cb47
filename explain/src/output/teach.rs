//! What every message and field is for, in words for people who learn: why it is there, and what
//! to look at. The words stand in tables beside the codec's names.

/// A table of sentences: `sentences! { Type { name | other = "…"; } }`. A registry is open, so
/// that a number may have none.
macro_rules! sentences {
    ($type:ident { $($name:ident $(| $more:ident)* = $text:literal;)+ }) => {
        /// The sentence, if there is one.
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
use crate::conversation::events::{Conversation, EventKind};
use crate::conversation::tree::{Content, Node};
use crate::output::render::{Paint, field_line};

/// Fields of one name in a row that are shown: the tenth suite teaches nothing that the third
/// did not.
const ALIKE: usize = 3;

/// The sentence on what an item of a story is for.
pub(crate) fn sentence(what: &EventKind) -> Option<&'static str> {
    Some(match what {
        EventKind::Opened => "The client asks for a TCP connection. Nothing of TLS has happened yet.",
        EventKind::Accepted => "The server's system takes the connection; its program may not even know yet.",
        EventKind::Acknowledged => {
            "TCP on the other side has the bytes. Whether the program read them is another matter."
        }
        EventKind::Gap(_) => {
            "The capture lacks these bytes: the capturing machine was too slow, or saw one path only."
        }
        EventKind::Fin => {
            "This end has nothing more to send. TLS wants a close_notify alert before it; without one the \
                      other end cannot tell an end from a cut."
        }
        EventKind::Reset => {
            "This end throws the connection away, with all that is still on its way. Programs that crash, \
                        filters, and closed ports do that."
        }
        EventKind::Handshake(message) => return message::sentence(message.msg_type),
        EventKind::Alert { description, .. } => return alert::sentence(*description),
        EventKind::ChangeCipherSpec => {
            "In TLS 1.2: from the next record on, this end encrypts. In TLS 1.3 it means \
                                   nothing and is only sent so that old middleboxes see what they expect."
        }
        EventKind::Sealed(_) => {
            "Encrypted: only the length is to be seen. In TLS 1.3 even the kind of message is hidden; \
                            17 or so bytes more than an alert has are an alert, hundreds a certificate."
        }
        EventKind::ApplicationData { .. } => "What the program sends through the connection, encrypted.",
        EventKind::Record { .. } => "A record of a kind that carries nothing of a handshake.",
        EventKind::Foreign { .. } => {
            "These bytes are no TLS: a record begins with 14 to 18 (hexadecimal) and 03."
        }
        EventKind::Broken(_) => {
            "A length that promises more than is there. Whoever reads it waits for the rest."
        }
    })
}

/// The sentence on an alert.
pub(crate) fn alert(description: AlertDescription) -> Option<&'static str> {
    alert::sentence(description)
}

/// The sentence on an extension.
fn extension(of: ExtensionType) -> Option<&'static str> {
    match of.is_grease() {
        true => {
            Some("GREASE (RFC 8701): a number that means nothing, to see that the other end passes over it.")
        }
        false => extension::sentence(of),
    }
}

/// The sentence on a field of a message.
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

/// Writes lessons: each sentence on a field once.
pub(crate) struct Lesson {
    paint: Paint,
    width: usize,
    told: Vec<&'static str>,
    lines: Vec<String>,
}

impl Lesson {
    /// Nothing told so far.
    pub fn new(paint: Paint, width: usize) -> Self {
        Self { paint, width, told: Vec::new(), lines: Vec::new() }
    }

    /// What stands behind a line of the ladder: what it is for, and its fields with theirs.
    pub fn row(&mut self, conversation: &Conversation, items: &Range<usize>) -> Vec<String> {
        if let Some(item) = conversation.events.get(items.start) {
            if let Some(text) = sentence(&item.kind) {
                self.say(6, text);
            }
            if let EventKind::Handshake(message) = &item.kind {
                let tree = tree(&message.bytes, conversation.context());
                self.children(&tree, &message.bytes, 3);
            }
            self.lines.push(String::new());
        }
        std::mem::take(&mut self.lines)
    }

    /// The fields inside. A vector's content is not announced again after its length, and of many
    /// alike the first few are shown.
    fn children(&mut self, node: &Node, bytes: &[u8], depth: usize) {
        let (mut alike, mut before, mut length) = (0_usize, None, None);
        for (index, child) in node.children.iter().enumerate() {
            // The type of a message is its title, and extensions are told apart by what is inside.
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
        if let Some(text) = self::node(node).filter(|text| !self.told.contains(text)) {
            self.told.push(text);
            self.say(depth * 2 + 4, text);
        }
    }

    /// A sentence, broken at the width.
    fn say(&mut self, indent: usize, text: &str) {
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
