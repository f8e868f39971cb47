//! LDAP: the extended operation StartTLS (RFC 4511 §4.14), and so much of BER as it needs.

use super::{
    trouble::{Trouble, printable},
    wire::Wire,
};

/// The name of the operation.
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";

/// Bytes of one message.
const LONGEST: usize = 16 * 1024;

/// Messages of a client before its request.
const MOST_REQUESTS: usize = 16;

/// Tags: RFC 4511 §4.2, §4.3, §4.12.
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const ENUMERATED: u8 = 0x0a;
const OCTET_STRING: u8 = 0x04;
const UNBIND_REQUEST: u8 = 0x42;
const EXTENDED_REQUEST: u8 = 0x77;
const EXTENDED_RESPONSE: u8 = 0x78;
const REQUEST_NAME: u8 = 0x80;

/// Requests and the tag of their final responses.
const RESPONSES: &[(u8, u8)] = &[
    (0x60, 0x61),
    (0x63, 0x65),
    (0x66, 0x67),
    (0x68, 0x69),
    (0x4a, 0x6b),
    (0x6c, 0x6d),
    (0x6e, 0x6f),
    (EXTENDED_REQUEST, EXTENDED_RESPONSE),
];

const SUCCESS: u8 = 0;
const PROTOCOL_ERROR: u8 = 2;
const CONFIDENTIALITY_REQUIRED: u8 = 13;

/// Asks a server for TLS.
pub async fn negotiate(wire: &mut Wire<'_>) -> Result<(), Trouble> {
    let request = element(EXTENDED_REQUEST, &element(REQUEST_NAME, START_TLS));
    wire.send(message(&[1], &request)).await?;
    let expected = "an ExtendedResponse to StartTLS";
    let bytes = read(wire, expected).await?;
    let (id, tag, body) = open(&bytes).ok_or_else(|| Trouble::unexpected(expected, &bytes))?;
    if tag != EXTENDED_RESPONSE {
        return Err(Trouble::unexpected(expected, &bytes));
    }
    let (code, text) = result(body).ok_or_else(|| Trouble::unexpected(expected, &bytes))?;
    let said = || format!("{}{}", code_text(code), text_of(text));
    match (id, code) {
        ([0], _) => Err(Trouble::unexpected(expected, format!("a notice of disconnection, {}", said()))),
        (_, SUCCESS) => wire.nothing_more().await,
        (_, PROTOCOL_ERROR) => Err(Trouble::NotOffered(format!("StartTLS has the result {}", said()))),
        _ => Err(Trouble::unexpected("the result success of StartTLS", said())),
    }
}

/// Answers a client up to its request.
pub async fn answer(wire: &mut Wire<'_>) -> Result<(), Trouble> {
    let expected = "an ExtendedRequest for StartTLS";
    for _ in 0..MOST_REQUESTS {
        let bytes = read(wire, expected).await?;
        let (id, tag, body) = open(&bytes).ok_or_else(|| Trouble::unexpected(expected, &bytes))?;
        if tag == UNBIND_REQUEST {
            return Err(Trouble::unexpected(expected, "an UnbindRequest"));
        }
        let response = RESPONSES.iter().find(|(request, _)| *request == tag);
        let Some((_, response)) = response else { return Err(Trouble::unexpected(expected, &bytes)) };
        let name = first(body).filter(|(tag, _, _)| *tag == REQUEST_NAME).map(|(_, name, _)| name);
        let starts = tag == EXTENDED_REQUEST && name == Some(START_TLS);
        let code = match (starts, tag) {
            (true, _) => SUCCESS,
            (false, EXTENDED_REQUEST) => PROTOCOL_ERROR,
            (false, _) => CONFIDENTIALITY_REQUIRED,
        };
        if starts {
            wire.nothing_more().await?;
        }
        let text = if starts { "" } else { "only StartTLS is served here" };
        let fields = [
            element(ENUMERATED, &[code]),
            element(OCTET_STRING, b""),
            element(OCTET_STRING, text.as_bytes()),
        ];
        wire.send(message(id, &element(*response, &fields.concat()))).await?;
        if starts {
            return Ok(());
        }
    }
    Err(Trouble::unexpected(expected, format!("{MOST_REQUESTS} other requests")))
}

/// An LDAPMessage.
fn message(id: &[u8], operation: &[u8]) -> Vec<u8> {
    element(SEQUENCE, &[&element(INTEGER, id), operation].concat())
}

/// An element; contents here are shorter than 128 bytes.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
    [&[tag, length], content].concat()
}

/// Reads one message: its header says how long it is.
async fn read(wire: &mut Wire<'_>, expected: &str) -> Result<Vec<u8>, Trouble> {
    let mut bytes = wire.exact(2, expected).await?;
    let &[tag, short] = bytes.as_slice() else { return Err(Trouble::unexpected(expected, &bytes)) };
    if tag != SEQUENCE {
        return Err(Trouble::unexpected(expected, &bytes));
    }
    let length = match short {
        0..=0x7f => usize::from(short),
        0x81..=0x84 => {
            let more = wire.exact(usize::from(short & 0x7f), expected).await?;
            let length = more.iter().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
            bytes.extend(more);
            length
        }
        _ => return Err(Trouble::unexpected(expected, &bytes)),
    };
    if length > LONGEST {
        return Err(Trouble::TooLong("an LDAP message", LONGEST));
    }
    bytes.extend(wire.exact(length, expected).await?);
    Ok(bytes)
}

/// Message id, tag of the operation, and its content.
fn open(bytes: &[u8]) -> Option<(&[u8], u8, &[u8])> {
    let (SEQUENCE, inside, _) = first(bytes)? else { return None };
    let (INTEGER, id, rest) = first(inside)? else { return None };
    let (tag, body, _) = first(rest)?;
    (1..=4).contains(&id.len()).then_some((id, tag, body))
}

/// Result code and diagnostic message of an LDAPResult.
fn result(body: &[u8]) -> Option<(u8, &[u8])> {
    let (ENUMERATED, &[code], rest) = first(body)? else { return None };
    let (OCTET_STRING, _, rest) = first(rest)? else { return None };
    let (OCTET_STRING, text, _) = first(rest)? else { return None };
    Some((code, text))
}

/// The first element: tag, content, and what follows it.
fn first(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, short], rest) = bytes.split_first_chunk()?;
    let (length, rest) = match short {
        0..=0x7f => (usize::from(short), rest),
        0x81..=0x84 => {
            let (head, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
            (head.iter().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// A result code with its name (RFC 4511 §4.1.9).
fn code_text(code: u8) -> String {
    let name = match code {
        0 => "success",
        1 => "operationsError",
        2 => "protocolError",
        8 => "strongerAuthRequired",
        10 => "referral",
        13 => "confidentialityRequired",
        50 => "insufficientAccessRights",
        51 => "busy",
        52 => "unavailable",
        53 => "unwillingToPerform",
        80 => "other",
        _ => return code.to_string(),
    };
    format!("{name} ({code})")
}

fn text_of(text: &[u8]) -> String {
    if text.is_empty() { String::new() } else { format!(", {}", printable(text)) }
}
