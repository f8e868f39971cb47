//! `openssl s_client -trace`: records as fields. What the fields show completely is written as bytes again, and
//! kept only if its length is the announced one; of other records only the header is known.

use handclasp_codec::ContentType;

use super::{Part, base64, line};
use crate::input::{Direction, Form};

/// The parts of such a listing. `None`: it is another text.
pub(super) fn parse(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut block: Vec<&str> = Vec::new();
    let mut direction = None;
    if !text.lines().any(|line| matches!(line.trim_end(), "Header:")) {
        return None;
    }
    let text = uninterrupted(text);
    for line in text.lines() {
        let next = match line.trim_end() {
            "Sent Record" | "Sent TLS Record" => Some(Direction::Sent),
            "Received Record" | "Received TLS Record" => Some(Direction::Received),
            _ => {
                block.push(line);
                continue;
            }
        };
        parts.extend(direction.and_then(|direction| record(&block, direction)));
        block.clear();
        direction = next;
    }
    parts.extend(direction.and_then(|direction| record(&block, direction)));
    (!parts.is_empty()).then_some(parts)
}

/// The text without the lines about each certificate, which another stream of the program prints, even into the
/// middle of a line.
fn uninterrupted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        match line.find("depth=") {
            Some(at) => out.push_str(line.get(..at).unwrap_or_default()),
            None if line.starts_with("verify return:") || line.starts_with("verify error:") => {}
            None => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

/// One record.
fn record(block: &[&str], direction: Direction) -> Option<Part> {
    let version = bytes_of(
        u16::from_str_radix(after(block, "Version = ")?.split_once("(0x")?.1.trim_end_matches(')'), 16)
            .ok()?,
    );
    let outer = in_brackets(after(block, "  Content Type = ")?)?;
    let length: u16 = after(block, "  Length = ")?.parse().ok()?;
    let inner = after(block, "  Inner Content Type = ").and_then(in_brackets);
    let content = ContentType(inner.unwrap_or(outer));
    let known = match content {
        ContentType::handshake => handshake(block),
        ContentType::alert => alert(block),
        ContentType::change_cipher_spec => Some(vec![1]),
        _ => None,
    };
    let header = [&[outer][..], &version, &bytes_of(length)].concat();
    Some(match known {
        Some(bytes) if inner.is_some() => Part::new(Some(direction), Form::Content(content), bytes),
        Some(bytes) if bytes.len() == usize::from(length) => {
            Part::new(Some(direction), Form::Stream, [header, bytes].concat())
        }
        _ => Part { missing: usize::from(length), ..Part::new(Some(direction), Form::Stream, header) },
    })
}

/// The value of the first line that begins like this.
fn after<'a>(block: &[&'a str], start: &str) -> Option<&'a str> {
    block
        .iter()
        .find_map(|line| line.trim_end().strip_prefix(start).or_else(|| line.trim().strip_prefix(start)))
}

/// The number in brackets at the end: `Handshake (22)`.
fn in_brackets(text: &str) -> Option<u8> {
    text.rsplit_once('(')?.1.trim_end_matches(')').parse().ok()
}

fn bytes_of(number: u16) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

/// `Level=fatal(2), description=unknown CA(48)`.
fn alert(block: &[&str]) -> Option<Vec<u8>> {
    let (level, description) = after(block, "Level=")?.split_once(", description=")?;
    Some(vec![in_brackets(level)?, in_brackets(description)?])
}

/// A handshake message, alone in its record.
fn handshake(block: &[&str]) -> Option<Vec<u8>> {
    let starts =
        |line: &&&str| line.starts_with("    ") && !line.starts_with("     ") && line.contains(", Length=");
    let mut messages = block.iter().filter(starts);
    let (name, length) = messages.next()?.trim().split_once(", Length=")?;
    if messages.next().is_some() {
        return None;
    }
    let (number, body) = match name {
        "ClientHello" => (1, hello(block, true)?),
        "ServerHello" => (2, hello(block, false)?),
        "EncryptedExtensions" => (8, extensions(block, false)?),
        "Certificate" => (11, certificates(block)?),
        "ServerHelloDone" => (14, Vec::new()),
        "CertificateVerify" => (15, signature(block)?),
        "Finished" => (20, hex(value(block, "verify_data")?)),
        _ => return None,
    };
    let announced: u32 = length.parse().ok()?;
    (usize::try_from(announced) == Ok(body.len())).then(|| [vec![number], prefixed(3, &body)].concat())
}

/// Bytes behind their length, which has `width` bytes.
pub(super) fn prefixed(width: usize, bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len().to_be_bytes();
    [length.get(length.len() - width..).unwrap_or_default(), bytes].concat()
}

/// What follows `name (len=N): `.
fn value<'a>(block: &[&'a str], name: &str) -> Option<&'a str> {
    after(block, name)?.split_once("):").map(|(_, value)| value.trim())
}

fn hex(digits: &str) -> Vec<u8> {
    line::hex_digits(digits)
}

fn hello(block: &[&str], is_client: bool) -> Option<Vec<u8>> {
    let version = after(block, if is_client { "client_version=0x" } else { "server_version=0x" })?;
    let version = u16::from_str_radix(version.split(' ').next()?, 16).ok()?;
    let time = u32::from_str_radix(after(block, "gmt_unix_time=0x")?, 16).ok()?;
    let mut body = bytes_of(version);
    body.extend(time.to_be_bytes());
    body.extend(hex(value(block, "random_bytes")?));
    body.extend(prefixed(1, &hex(value(block, "session_id")?)));
    let suites = block.iter().filter_map(|line| suite(line.trim().trim_start_matches("cipher_suite ")));
    let suites: Vec<u8> = suites.flatten().collect();
    match is_client {
        true => {
            body.extend(prefixed(2, &suites));
            body.extend([1, 0]);
        }
        false => {
            body.extend(suites);
            body.push(0);
        }
    }
    body.extend(extensions(block, is_client)?);
    Some(body)
}

/// `{0xC0, 0x2C} TLS_ECDHE_…`.
fn suite(line: &str) -> Option<[u8; 2]> {
    let (high, low) = line.strip_prefix("{0x")?.split_once('}')?.0.split_once(", 0x")?;
    Some([u8::from_str_radix(high, 16).ok()?, u8::from_str_radix(low, 16).ok()?])
}

/// The extensions of a message with their length; empty where the message has none at all.
fn extensions(block: &[&str], is_client: bool) -> Option<Vec<u8>> {
    let mut lines = block.iter().skip_while(|line| !line.trim().starts_with("extensions, length = "));
    if lines.next().is_none() {
        let is_hello = block.iter().any(|line| line.contains("Hello, Length="));
        return Some(if is_hello { Vec::new() } else { vec![0, 0] });
    }
    let mut all = Vec::new();
    let mut lines = lines.take_while(|line| !line.trim().is_empty()).peekable();
    while let Some(line) = lines.next() {
        let (title, length) = line.trim().strip_prefix("extension_type=")?.split_once(", length=")?;
        let number: u16 = title.rsplit_once('(')?.1.trim_end_matches(')').parse().ok()?;
        let length: usize = length.parse().ok()?;
        let mut content = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.trim().starts_with("extension_type=")) {
            content.push(line.trim());
        }
        let body = extension(number, length, &content, is_client).filter(|body| body.len() == length)?;
        all.extend(bytes_of(number));
        all.extend(prefixed(2, &body));
    }
    Some(prefixed(2, &all))
}

fn extension(number: u16, length: usize, content: &[&str], is_client: bool) -> Option<Vec<u8>> {
    let decimal = |line: &&str| line.rsplit_once('(')?.1.trim_end_matches(')').parse::<u16>().ok();
    let words = || content.iter().map(decimal).collect::<Option<Vec<u16>>>();
    let wide = |words: Vec<u16>| words.into_iter().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let narrow = |words: Vec<u16>| words.into_iter().map(u8::try_from).collect::<Result<Vec<u8>, _>>().ok();
    Some(match number {
        _ if length == 0 => Vec::new(),
        10 => prefixed(2, &wide(words()?)),
        11 | 45 => prefixed(1, &narrow(words()?)?),
        13 | 50 => {
            let scheme =
                |line: &&str| u16::from_str_radix(line.rsplit_once("(0x")?.1.trim_end_matches(')'), 16).ok();
            prefixed(2, &wide(content.iter().map(scheme).collect::<Option<Vec<u16>>>()?))
        }
        43 if is_client => prefixed(1, &wide(words()?)),
        43 => wide(words()?),
        51 => {
            let mut shares = Vec::new();
            for pair in content.chunks(2) {
                let [group, key] = pair else { return None };
                shares.extend(bytes_of(decimal(group)?));
                shares.extend(prefixed(2, &hex(key.split_once("):")?.1.trim())));
            }
            if is_client { prefixed(2, &shares) } else { shares }
        }
        65281 if content == ["<EMPTY>"] => vec![0],
        // Others are dumped.
        _ => {
            let mut bytes = Vec::new();
            for line in content {
                let (offset, data) = line::offset_and_data(line)?;
                if offset != bytes.len() {
                    return None;
                }
                bytes.extend(line::leading_pairs(data, length.saturating_sub(offset).min(16)));
            }
            bytes
        }
    })
}

/// The list of certificates, from their PEM; in TLS 1.3 with a context and extensions.
fn certificates(block: &[&str]) -> Option<Vec<u8>> {
    let is_13 = after(block, "context (len=").is_some();
    let mut list = Vec::new();
    let mut pem: Option<String> = None;
    for line in block {
        match line.trim() {
            "-----BEGIN CERTIFICATE-----" => pem = Some(String::new()),
            "-----END CERTIFICATE-----" => {
                list.extend(prefixed(3, &base64::decode(&pem.take()?)?));
                if is_13 {
                    list.extend([0, 0]);
                }
            }
            text => {
                if let Some(pem) = &mut pem {
                    pem.push_str(text);
                }
            }
        }
    }
    let list = prefixed(3, &list);
    Some(if is_13 { [prefixed(1, &hex(value(block, "context")?)), list].concat() } else { list })
}

/// Scheme and signature of a CertificateVerify.
fn signature(block: &[&str]) -> Option<Vec<u8>> {
    let scheme = after(block, "Signature Algorithm: ")?.rsplit_once("(0x")?.1.trim_end_matches(')');
    let signature = hex(value(block, "Signature (len=").or_else(|| value(block, "Signature"))?);
    Some([bytes_of(u16::from_str_radix(scheme, 16).ok()?), prefixed(2, &signature)].concat())
}
