//! Large ClientHellos: whole, in two TCP segments, and in two TLS records. A post-quantum key share makes a
//! ClientHello longer than a segment; some servers and middleboxes read only the first segment or record.

use std::io;

use handclasp::NamedGroup;
use handclasp_codec::ExtensionType;
use handclasp_explain::{Cause, conversation::Stage};

use super::client_share::ClientShare;
use super::hello::{GROUPS, Hello};
use super::probe::{Answer, Target};
use super::raw::Raw;

/// Bytes of the ClientHello message: within one segment of Ethernet, and beyond it.
const SIZES: [usize; 2] = [1200, 1700];

/// How a ClientHello is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// One record in one write.
    Whole,
    /// One record in two writes with a pause between them.
    Segments,
    /// Two records in one write.
    Records,
}

impl Split {
    /// As the JSON names it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Whole => "none",
            Self::Segments => "segments",
            Self::Records => "records",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Whole => "in one record",
            Self::Segments => "in two TCP segments",
            Self::Records => "in two TLS records",
        }
    }
}

/// One large ClientHello and what the server does with it.
pub struct LargeProbe {
    /// Bytes of the message.
    pub bytes: usize,
    pub split: Split,
    pub answer: Answer,
}

/// The cause of these answers, if the server does not handle every ClientHello.
pub fn cause(probes: &[LargeProbe]) -> Option<Cause> {
    let fails = probes.iter().any(|probe| !probe.answer.accepted());
    fails.then_some(Cause::HelloFragmentedUnsupported)
}

/// The row, in words.
pub fn text(probes: &[LargeProbe]) -> String {
    let failing: Vec<String> = probes
        .iter()
        .filter(|probe| !probe.answer.accepted())
        .map(|probe| format!("{} bytes {}: the server {}", probe.bytes, probe.split.words(), probe.answer))
        .collect();
    let Some(cause) = cause(probes) else {
        let sizes: Vec<String> = SIZES.iter().map(ToString::to_string).collect();
        let sizes = sizes.join(" and ");
        return format!("answered: {sizes} bytes, whole, in two TCP segments, in two TLS records");
    };
    format!(
        "{} [{}]. A ClientHello with a post-quantum key share has this size: update the server, or a middlebox \
         in front of it; meanwhile clients leave the share out (OpenSSL: -groups X25519:P-256, Go: \
         GODEBUG=tlsmlkem=0)",
        failing.join("; "),
        cause.id()
    )
}

/// Sends each of them. What is not answered whole is not divided.
///
/// # Errors
/// The server cannot be reached.
pub fn probes(target: &mut Target, name: Option<&str>) -> io::Result<Vec<LargeProbe>> {
    let mut probes = Vec::new();
    for size in SIZES {
        let Some(message) = message(size, name) else { continue };
        for split in [Split::Whole, Split::Segments, Split::Records] {
            let answer = target.send(&pieces(&message, split), None, Stage::ServerHello)?;
            let stops = split == Split::Whole && !answer.accepted();
            probes.push(LargeProbe { bytes: message.len(), split, answer });
            if stops {
                break;
            }
        }
    }
    Ok(probes)
}

/// An ordinary ClientHello of both versions, padded (RFC 7685); the larger one with a post-quantum share.
fn message(size: usize, name: Option<&str>) -> Option<Vec<u8>> {
    let mut groups = GROUPS.to_vec();
    let mut shares = ClientShare::of_first(&groups).map(|share| vec![share])?;
    if size > SIZES[0] {
        groups.retain(|group| *group != NamedGroup::X25519MLKEM768);
        groups.insert(0, NamedGroup::X25519MLKEM768);
        shares.insert(0, ClientShare::of(NamedGroup::X25519MLKEM768)?);
    }
    let usual = Hello { groups, ..Hello::usual(name) };
    let record = usual.record(&[0x52; 32], shares.first());
    let mut hello = Raw::parse(record.get(5..)?)?;
    hello.set(ExtensionType::key_share, key_share(&shares)?);
    let padding = size.checked_sub(hello.message()?.len())?.checked_sub(4)?;
    hello.set(ExtensionType::padding, vec![0; padding]);
    hello.message()
}

/// The content of key_share.
fn key_share(shares: &[ClientShare]) -> Option<Vec<u8>> {
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).ok().map(u16::to_be_bytes);
    let mut entries = Vec::new();
    for share in shares {
        entries.extend(share.group.0.to_be_bytes());
        entries.extend(length(&share.public)?);
        entries.extend(&share.public);
    }
    Some([length(&entries)?.as_slice(), &entries].concat())
}

/// What is written, piece by piece.
fn pieces(message: &[u8], split: Split) -> Vec<Vec<u8>> {
    let (first, second) = message.split_at(message.len() / 2);
    match split {
        Split::Whole => vec![record(message)],
        Split::Records => vec![[record(first), record(second)].concat()],
        Split::Segments => {
            let record = record(message);
            let (first, second) = record.split_at(record.len() / 2);
            vec![first.to_vec(), second.to_vec()]
        }
    }
}

fn record(content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&[22, 3, 1, high, low], content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_as_named_and_pieces_add_up() {
        for size in SIZES {
            let message = message(size, Some("a.example")).unwrap();
            assert_eq!(message.len(), size);
            let hello = Raw::parse(&message).unwrap();
            let has_hybrid = hello.get(ExtensionType::key_share).unwrap().len() > 1216;
            assert_eq!(has_hybrid, size == SIZES[1]);
            let whole = pieces(&message, Split::Whole).concat();
            let segments = pieces(&message, Split::Segments);
            assert_eq!((segments.len(), segments.concat()), (2, whole));
            let records = pieces(&message, Split::Records).concat();
            let (first, second) = records.split_at(5 + size / 2);
            assert_eq!([&first[5..], &second[5..]].concat(), message);
        }
    }
}
