//! Headings of dumps in the logs of TLS programs.

use handclasp_codec::ContentType;

use crate::input::{Direction, Form};

/// A heading: what is below it, and how many bytes it announces.
#[derive(Clone, Copy)]
pub(super) struct Heading {
    pub below: Below,
    pub announced: Option<usize>,
}

/// What a dump below a heading contains.
#[derive(Clone, Copy)]
pub(super) enum Below {
    Wanted(Direction, Form),
    /// A record header whose content is dumped below a heading of its own.
    RecordHeader(Direction),
    /// The header of a received record, which is dumped again with its content.
    Header,
    /// An inner content type, plaintext beside its record, or a secret.
    Skipped,
}

/// What curl says about the data that follow.
pub(super) type Info = Option<Below>;

/// The heading in this line, if it is one. `info` is kept between the lines.
pub(super) fn of(line: &str, info: &mut Info) -> Option<Heading> {
    let line = line.trim();
    openssl(line).or_else(|| java(line)).or_else(|| curl(line, info)).or_else(|| mbed(line))
}

/// The address of the context in a line of Mbed TLS with threads: `ssl_msg.c:2033 0x3ffb1234: …`.
pub(super) fn context(line: &str) -> Option<&str> {
    let (_, after) = line.split_once(".c:")?;
    let (address, _) = after.split_once("0x")?.1.split_once(':')?;
    let is_hex = (6..=16).contains(&address.len()) && address.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hex.then_some(address)
}

/// The number at the start of a text.
fn number(text: &str) -> Option<usize> {
    let text = text.trim_start();
    let end = text.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

fn stream(direction: Direction, announced: Option<usize>) -> Option<Heading> {
    Some(Heading { below: Below::Wanted(direction, Form::Stream), announced })
}

/// `openssl s_client -msg` and `-debug`.
fn openssl(line: &str) -> Option<Heading> {
    let message = |direction, rest: &str| {
        let kind = rest.split(", ").nth(1)?.split(' ').next()?;
        let below = match kind {
            "Handshake" => Below::Wanted(direction, Form::Content(ContentType::handshake)),
            "Alert" => Below::Wanted(direction, Form::Content(ContentType::alert)),
            "ChangeCipherSpec" => Below::Wanted(direction, Form::Content(ContentType::change_cipher_spec)),
            "RecordHeader" => Below::RecordHeader(direction),
            _ => Below::Skipped,
        };
        Some(Heading { below, announced: None })
    };
    if let Some(rest) = line.strip_prefix(">>> ") {
        return message(Direction::Sent, rest);
    }
    if let Some(rest) = line.strip_prefix("<<< ") {
        return message(Direction::Received, rest);
    }
    // How many bytes were written or read: `[0x5581] (200 bytes => 7 (0x7))`, negative at an error.
    let done = |rest: &str| rest.split_once("bytes => ").map(|(_, count)| number(count).unwrap_or_default());
    if let Some(rest) = line.strip_prefix("write to 0x") {
        return stream(Direction::Sent, done(rest));
    }
    stream(Direction::Received, done(line.strip_prefix("read from 0x")?))
}

/// `-Djavax.net.debug=all`: Java 8 has the length in the heading, later versions a bracket.
fn java(line: &str) -> Option<Heading> {
    let skipped = Some(Heading { below: Below::Skipped, announced: None });
    if let Some(before) = line.strip_suffix('(') {
        let title = before.rsplit('|').next().unwrap_or(before).trim();
        return match title {
            "Raw write" => stream(Direction::Sent, None),
            "Raw read" => stream(Direction::Received, None),
            _ if title.starts_with("Plaintext ") => skipped,
            _ => None,
        };
    }
    let length = |rest: &str| rest.split_once("length = ").and_then(|(_, length)| number(length));
    for (title, direction) in [("[Raw write", Direction::Sent), ("[Raw read", Direction::Received)] {
        if let Some((_, rest)) = line.split_once(title) {
            return stream(direction, length(rest));
        }
    }
    let is_plain = line.starts_with("Padded plaintext ") || line.starts_with("Plaintext ");
    if is_plain { skipped } else { None }
}

/// `curl --trace`: the library's messages, each announced by a line that names its content.
fn curl(line: &str, info: &mut Info) -> Option<Heading> {
    if let Some((_, rest)) = line.split_once("== Info: ") {
        let mut parts = rest.split(", ");
        let direction = match parts.next()? {
            version if version.ends_with("(OUT)") => Direction::Sent,
            version if version.ends_with("(IN)") => Direction::Received,
            _ => return None,
        };
        *info = match parts.next()? {
            "TLS handshake" => Some(Below::Wanted(direction, Form::Content(ContentType::handshake))),
            "TLS alert" => Some(Below::Wanted(direction, Form::Content(ContentType::alert))),
            words if words.starts_with("TLS change cipher") => {
                Some(Below::Wanted(direction, Form::Content(ContentType::change_cipher_spec)))
            }
            _ => Some(Below::Skipped),
        };
        return None;
    }
    let sent = line.split_once("=> Send ").map(|(_, rest)| (Direction::Sent, rest));
    let received = || line.split_once("<= Recv ").map(|(_, rest)| (Direction::Received, rest));
    let (direction, rest) = sent.or_else(received)?;
    let announced = rest.split_once(", ").and_then(|(_, length)| number(length));
    if !rest.contains(" bytes (0x") {
        return None;
    }
    // Without a line that names the content: a record header of five bytes, or an inner content type.
    let unnamed = if announced == Some(5) { Below::RecordHeader(direction) } else { Below::Skipped };
    let below = info.take().unwrap_or(unnamed);
    let below = if rest.starts_with("SSL data") { below } else { Below::Skipped };
    Some(Heading { below, announced })
}

/// Mbed TLS at level 4: `ssl_msg.c:2708: |4| dumping 'output record sent to network' (302 bytes)`. The end of
/// the line may be cut.
fn mbed(line: &str) -> Option<Heading> {
    let (_, dumped) = line.split_once("dumping '")?;
    let (title, rest) = dumped.split_once('\'').unwrap_or((dumped, ""));
    let announced = rest.split_once('(').and_then(|(_, length)| number(length));
    let is = |whole: &str| title == whole || rest.is_empty() && title.len() > 14 && whole.starts_with(title);
    if is("output record sent to network") {
        return stream(Direction::Sent, announced);
    }
    if is("input record from network") {
        return stream(Direction::Received, announced);
    }
    let below = if is("input record header") { Below::Header } else { Below::Skipped };
    Some(Heading { below, announced })
}
