//! MySQL and MariaDB: the greeting of the server (Protocol::HandshakeV10), then SSLRequest, which is not
//! answered: TLS follows at once.

use super::{
    trouble::{Trouble, printable},
    wire::Wire,
};

/// Bytes of a greeting or of an error.
const LONGEST: usize = 4096;

/// Bytes of an SSLRequest behind its header.
const SSL_REQUEST: usize = 32;

/// Capabilities.
const CLIENT_LONG_PASSWORD: u32 = 1;
const CLIENT_PROTOCOL_41: u32 = 1 << 9;
const CLIENT_SSL: u32 = 1 << 11;
const CLIENT_SECURE_CONNECTION: u32 = 1 << 15;
const CLIENT_PLUGIN_AUTH: u32 = 1 << 19;

/// utf8mb4_general_ci.
const CHARACTER_SET: u8 = 45;

/// Asks a server for TLS.
pub async fn negotiate(wire: &mut Wire<'_>) -> Result<(), Trouble> {
    let expected = "a greeting of protocol 10";
    let (number, greeting) = packet(wire, expected).await?;
    match greeting.first() {
        Some(10) => {}
        Some(0xff) => return Err(Trouble::unexpected(expected, error(&greeting))),
        _ => return Err(Trouble::unexpected(expected, &greeting)),
    }
    let capabilities = capabilities(&greeting).ok_or_else(|| Trouble::unexpected(expected, &greeting))?;
    if capabilities & CLIENT_SSL == 0 {
        let version = greeting.get(1..).and_then(|rest| rest.split(|byte| *byte == 0).next());
        return Err(Trouble::NotOffered(format!(
            "the greeting of {} lacks the capability CLIENT_SSL; the server needs ssl_cert and ssl_key",
            printable(version.unwrap_or_default())
        )));
    }
    wire.nothing_more().await?;
    let ours = CLIENT_LONG_PASSWORD
        | CLIENT_PROTOCOL_41
        | CLIENT_SSL
        | CLIENT_SECURE_CONNECTION
        | (capabilities & CLIENT_PLUGIN_AUTH);
    let mut request = Vec::new();
    request.extend(ours.to_le_bytes());
    request.extend((1_u32 << 24).to_le_bytes());
    request.push(CHARACTER_SET);
    request.resize(SSL_REQUEST, 0);
    wire.send(framed(number.wrapping_add(1), &request)).await
}

/// Answers a client up to its request. What follows it is TLS already, without an answer.
pub async fn answer(wire: &mut Wire<'_>) -> Result<(), Trouble> {
    wire.send(framed(0, &greeting())).await?;
    let expected = "an SSLRequest of 32 bytes";
    let (_, request) = packet(wire, expected).await?;
    let flags = request.first_chunk().map(|low| u32::from_le_bytes(*low)).unwrap_or_default();
    match (flags & CLIENT_SSL != 0, request.len()) {
        (true, SSL_REQUEST) => Ok(()),
        (true, _) => Err(Trouble::unexpected(expected, &request)),
        (false, _) => {
            let text = b"\xff\x57\x0c#HY000Connections using insecure transport are prohibited";
            wire.send(framed(2, text)).await?;
            Err(Trouble::NotOffered("its response lacks the flag CLIENT_SSL".to_owned()))
        }
    }
}

/// The greeting: version, connection 1, and 20 bytes for the password's hash, which are of no use here.
fn greeting() -> Vec<u8> {
    let ours = CLIENT_LONG_PASSWORD
        | CLIENT_PROTOCOL_41
        | CLIENT_SSL
        | CLIENT_SECURE_CONNECTION
        | CLIENT_PLUGIN_AUTH;
    let [first, second, third, fourth] = ours.to_le_bytes();
    let status = [2, 0];
    [
        b"\x0a8.0.0-handclasp\0\x01\0\0\0handclas\0".as_slice(),
        &[first, second, CHARACTER_SET],
        &status,
        &[third, fourth, 21],
        &[0; 10],
        b"p is no data\0mysql_native_password\0",
    ]
    .concat()
}

/// One packet: its number and its content.
async fn packet(wire: &mut Wire<'_>, expected: &str) -> Result<(u8, Vec<u8>), Trouble> {
    let head = wire.exact(4, expected).await?;
    let &[low, middle, high, number] = head.as_slice() else {
        return Err(Trouble::unexpected(expected, &head));
    };
    let length = usize::try_from(u32::from_le_bytes([low, middle, high, 0])).unwrap_or(usize::MAX);
    if length > LONGEST {
        // Another protocol, most likely: its first bytes as they are.
        return Err(Trouble::unexpected(expected, &head));
    }
    Ok((number, wire.exact(length, expected).await?))
}

fn framed(number: u8, content: &[u8]) -> Vec<u8> {
    let [low, middle, high, _] = u32::try_from(content.len()).unwrap_or(0).to_le_bytes();
    [&[low, middle, high, number], content].concat()
}

/// The capabilities in a greeting: low half, then character set, status, high half.
fn capabilities(greeting: &[u8]) -> Option<u32> {
    let version_end = greeting.iter().position(|byte| *byte == 0)?;
    // The zero, the connection's number, eight bytes of salt, a filler.
    let rest = greeting.get(version_end..)?.get(1 + 4 + 8 + 1..)?;
    let (&[low, middle], rest) = rest.split_first_chunk()?;
    // Greetings of old servers end here.
    let [high, highest] = rest.get(3..5).and_then(|half| half.first_chunk().copied()).unwrap_or_default();
    Some(u32::from_le_bytes([low, middle, high, highest]))
}

/// An ERR packet before any capability is known: 0xff, its number, a text.
fn error(packet: &[u8]) -> String {
    let number = packet.get(1..3).and_then(|pair| pair.first_chunk().copied()).map(u16::from_le_bytes);
    let text = packet.get(3..).unwrap_or_default();
    format!("error {}: {}", number.unwrap_or_default(), printable(text))
}
