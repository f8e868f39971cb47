//! Protocols that are not TLS, recognised by their first bytes as their documentation defines them.
//!
//! | file | contents |
//! |---|---|
//! | `table` | each protocol with its signature, ports, command and settings |
//! | `text` | signatures of protocols of lines |
//! | `database`, `messaging`, `network` | signatures of binary protocols |
//! | `proxy_header` | the PROXY header before the first byte of a connection |

mod database;
mod messaging;
mod network;
pub(crate) mod proxy_header;
mod table;
#[cfg(test)]
mod tests;
mod text;

use crate::conversation::Side;
use crate::diagnosis::cause::Cause;

/// Bytes that a report keeps of a peer that does not speak TLS.
const REPORTED: usize = 5;

/// A protocol that is not TLS.
#[derive(Debug)]
pub(crate) struct Protocol {
    /// Its name in sentences.
    pub name: &'static str,
    /// The cause where it stands in place of TLS.
    pub cause: Cause,
    /// The side that sends first.
    pub first: Side,
    /// Ports that begin without TLS.
    pub plain_ports: &'static [u16],
    /// Ports that begin with TLS.
    pub tls_ports: &'static [u16],
    /// The command that starts TLS, if it has one.
    pub command: Option<&'static str>,
    /// The value of `--starttls`, if handclasp speaks it.
    pub starttls: Option<&'static str>,
    /// What makes a client of it use TLS.
    pub client: &'static str,
    /// What makes a server of it use TLS.
    pub server: &'static str,
    signature: fn(&Begin<'_>) -> bool,
}

/// The first bytes of one side.
struct Begin<'a> {
    bytes: &'a [u8],
    /// The same as text, in upper case.
    text: String,
    from: Side,
}

impl Begin<'_> {
    /// Whether the text starts with one of these; a report has only the first bytes of each.
    fn starts(&self, list: &[&str]) -> bool {
        let starts = |start: &&str| {
            self.text.starts_with(start) || (self.is_reported() && start.starts_with(self.text.as_str()))
        };
        list.iter().any(starts)
    }

    /// Whether the text contains one of these.
    fn contains(&self, list: &[&str]) -> bool {
        list.iter().any(|part| self.text.contains(part))
    }

    fn is_client(&self) -> bool {
        self.from == Side::Client
    }

    /// Whether these may be all bytes that a report keeps.
    fn is_reported(&self) -> bool {
        self.bytes.len() == REPORTED
    }

    /// Big-endian number in the two bytes from `at` on.
    fn u16(&self, at: usize) -> Option<usize> {
        let [high, low] = *self.bytes.get(at..)?.first_chunk()?;
        Some(usize::from(u16::from_be_bytes([high, low])))
    }

    /// Big-endian number in the four bytes from `at` on.
    fn u32(&self, at: usize) -> Option<usize> {
        usize::try_from(u32::from_be_bytes(*self.bytes.get(at..)?.first_chunk()?)).ok()
    }

    /// Whether a message ends where its length says. Only the first bytes of long messages are kept.
    fn ends_at(&self, length: usize) -> bool {
        self.bytes.len() == length || (length > self.bytes.len() && self.bytes.len() >= KEPT)
    }
}

/// Bytes that a conversation keeps of bytes that are not TLS.
const KEPT: usize = 512;

impl Protocol {
    /// The protocol that starts with these bytes; the first of the table that fits.
    pub(crate) fn of(bytes: &[u8], from: Side) -> Option<&'static Self> {
        let text = String::from_utf8_lossy(bytes).to_uppercase();
        let begin = Begin { bytes, text, from };
        table::PROTOCOLS.iter().find(|protocol| (protocol.signature)(&begin))
    }

    /// The protocol that uses this port without TLS at the start, and in which the client sends first.
    pub(crate) fn of_plain_port(port: u16) -> Option<&'static Self> {
        let fits = |protocol: &&Self| protocol.first == Side::Client && protocol.plain_ports.contains(&port);
        table::PROTOCOLS.iter().find(fits)
    }
}

/// What a TLS stack reads where these bytes arrive in place of a record header, as its log says it.
pub(crate) fn as_record_header(bytes: &[u8]) -> Option<String> {
    let [content_type, major, minor, high, low, ..] = *bytes else { return None };
    if matches!(content_type, 20..=26) && major == 3 {
        return None;
    }
    let length = u16::from_be_bytes([high, low]);
    Some(format!(
        "a TLS stack reads the first five bytes as a record of type {content_type}, version \
         0x{major:02x}{minor:02x} and length {length}: its log says \"wrong version number\", or names that \
         number"
    ))
}

/// Bytes for people: text in quotes where they are text, hexadecimal otherwise.
pub(crate) fn shown(bytes: &[u8]) -> String {
    const CHARACTERS: usize = 40;
    const BYTES: usize = 16;
    let is_control = |found: char| found.is_control() && !matches!(found, '\r' | '\n' | '\t');
    // The last character may be cut.
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() => {
            bytes.get(..error.valid_up_to()).and_then(|whole| std::str::from_utf8(whole).ok())
        }
        Err(_) => None,
    };
    match text.filter(|text| text.len() > 3 && !text.contains(is_control)) {
        Some(text) => {
            let first = text.trim_end_matches(['\r', '\n']);
            // Of lines that say something the first is enough.
            let line = first.lines().next().filter(|line| line.len() > 8).unwrap_or(text);
            format!("\"{}\"", line.chars().take(CHARACTERS).collect::<String>().escape_debug())
        }
        None => {
            let hex: Vec<String> = bytes.iter().take(BYTES).map(|byte| format!("{byte:02x}")).collect();
            let more = if bytes.len() > BYTES { " …" } else { "" };
            format!("{}{more}", hex.join(" "))
        }
    }
}
