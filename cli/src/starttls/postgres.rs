//! PostgreSQL: SSLRequest and its answer of one byte ("Message Formats" in PostgreSQL's documentation).

use super::{trouble::Trouble, wire::Wire};

/// Length and code of the requests that stand in place of a StartupMessage.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
const GSSENC_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30];
const CANCEL_REQUEST: [u8; 4] = [0x04, 0xd2, 0x16, 0x2e];

/// Requests of a client before SSLRequest.
const MOST_REQUESTS: usize = 4;

/// Bytes of an ErrorResponse.
const LONGEST_ERROR: usize = 4096;

/// Asks a server for TLS.
pub async fn negotiate(wire: &mut Wire<'_>) -> Result<(), Trouble> {
    wire.send(SSL_REQUEST).await?;
    let expected = "S after SSLRequest";
    match wire.exact(1, expected).await?.as_slice() {
        // Bytes behind it were not sent by a server (CVE-2021-23222).
        b"S" => wire.nothing_more().await,
        b"N" => Err(Trouble::NotOffered(
            "it answered N to SSLRequest; PostgreSQL needs ssl = on, ssl_cert_file and ssl_key_file"
                .to_owned(),
        )),
        b"E" => Err(Trouble::unexpected(expected, error(wire).await?)),
        other => Err(Trouble::unexpected(expected, other)),
    }
}

/// The message in an ErrorResponse whose type has been read. It is not authenticated.
async fn error(wire: &mut Wire<'_>) -> Result<String, Trouble> {
    let expected = "an ErrorResponse";
    let length = wire.exact(4, expected).await?;
    let length = length.iter().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
    // Servers of protocol 2 send a text that ends with a zero here.
    if !(4..=LONGEST_ERROR).contains(&length) {
        return Ok("an ErrorResponse".to_owned());
    }
    let fields = wire.exact(length.saturating_sub(4), expected).await?;
    let message = fields.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"M"));
    let message = message.map(|text| format!(": {}", String::from_utf8_lossy(text))).unwrap_or_default();
    Ok(format!("an ErrorResponse{message}"))
}

/// Answers a client up to its request.
pub async fn answer(wire: &mut Wire<'_>) -> Result<(), Trouble> {
    let expected = "SSLRequest";
    for _ in 0..MOST_REQUESTS {
        let request = wire.exact(8, expected).await?;
        if request == SSL_REQUEST {
            // CVE-2021-23214.
            wire.nothing_more().await?;
            return wire.send("S").await;
        }
        if request == GSSENC_REQUEST {
            wire.send("N").await?;
            continue;
        }
        if request.ends_with(&CANCEL_REQUEST) {
            return Err(Trouble::unexpected(expected, "a CancelRequest"));
        }
        // 3.0 to 3.2, and 2.0.
        if let [_, _, _, _, 0, 2 | 3, 0, minor] = request.as_slice() {
            let startup =
                format!("a StartupMessage of protocol {}.{minor}", request.get(5).copied().unwrap_or(3));
            wire.send(refusal()).await?;
            return Err(Trouble::NotOffered(format!("it sent {startup}, as with sslmode=disable")));
        }
        return Err(Trouble::unexpected(expected, request));
    }
    Err(Trouble::unexpected(expected, format!("{MOST_REQUESTS} other requests")))
}

/// An ErrorResponse for clients without TLS.
fn refusal() -> Vec<u8> {
    let fields = b"SFATAL\0VFATAL\0C28000\0MSSL connection is required\0\0";
    let length = u32::try_from(fields.len()).unwrap_or(0).saturating_add(4).to_be_bytes();
    [b"E", length.as_slice(), fields].concat()
}
