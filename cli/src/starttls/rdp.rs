//! Remote Desktop: the negotiation of the security protocol in an X.224 connection request, inside of a
//! TPKT (MS-RDPBCGR §2.2.1.1 and §2.2.1.2).

use super::{trouble::Trouble, wire::Wire};

/// Bytes of a TPKT; cookies and routing tokens are shorter.
const LONGEST: usize = 1024;

/// Types of X.224 and of the negotiation.
const CONNECTION_REQUEST: u8 = 0xe0;
const CONNECTION_CONFIRM: u8 = 0xd0;
const NEGOTIATION_REQUEST: u8 = 1;
const NEGOTIATION_RESPONSE: u8 = 2;
const NEGOTIATION_FAILURE: u8 = 3;

/// Security protocols, all of which begin with TLS.
const PROTOCOL_SSL: u32 = 1;
const PROTOCOL_HYBRID: u32 = 2;
const PROTOCOL_HYBRID_EX: u32 = 8;
const WITH_TLS: u32 = PROTOCOL_SSL | PROTOCOL_HYBRID | PROTOCOL_HYBRID_EX;

/// SSL_REQUIRED_BY_SERVER.
const SSL_REQUIRED: u32 = 1;

/// Asks a server for TLS. CredSSP is offered too: many servers accept nothing else, and it begins with
/// the same TLS handshake.
pub async fn negotiate(wire: &mut Wire<'_>) -> Result<(), Trouble> {
    wire.send(tpkt(CONNECTION_REQUEST, NEGOTIATION_REQUEST, PROTOCOL_SSL | PROTOCOL_HYBRID)).await?;
    let expected = "an X.224 connection confirm";
    let (kind, rest) = read(wire, expected).await?;
    if kind != CONNECTION_CONFIRM {
        return Err(Trouble::unexpected(expected, [&[kind], rest.as_slice()].concat()));
    }
    match negotiation(&rest) {
        Some((NEGOTIATION_RESPONSE, selected)) if selected & WITH_TLS != 0 => wire.nothing_more().await,
        Some((NEGOTIATION_RESPONSE, _)) => {
            Err(Trouble::NotOffered("it selected standard RDP security (PROTOCOL_RDP)".to_owned()))
        }
        Some((NEGOTIATION_FAILURE, code)) => Err(refusal(code)),
        Some(_) => Err(Trouble::unexpected("a negotiation response", rest)),
        None => Err(Trouble::NotOffered(
            "its connection confirm has no negotiation response: it knows standard RDP security only"
                .to_owned(),
        )),
    }
}

/// A failure code (MS-RDPBCGR §2.2.1.2.2).
fn refusal(code: u32) -> Trouble {
    let (name, why) = match code {
        1 => ("SSL_REQUIRED_BY_SERVER", "the server requires TLS, and did not read our request for it"),
        2 => ("SSL_NOT_ALLOWED_BY_SERVER", "the server is configured for standard RDP security"),
        3 => ("SSL_CERT_NOT_ON_SERVER", "the server has no certificate that it can use"),
        4 => ("INCONSISTENT_FLAGS", "the flags of our request contradict each other"),
        5 => ("HYBRID_REQUIRED_BY_SERVER", "the server requires CredSSP (Network Level Authentication)"),
        6 => ("SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER", "the server requires TLS with a client certificate"),
        _ => ("an unknown code", "the server refuses"),
    };
    let text = format!("negotiation failure {name} ({code}): {why}");
    match code {
        2 | 3 => Trouble::NotOffered(text),
        _ => Trouble::unexpected("a negotiation response", text),
    }
}

/// Answers a client up to its request.
pub async fn answer(wire: &mut Wire<'_>) -> Result<(), Trouble> {
    let expected = "an X.224 connection request with RDP_NEG_REQ";
    let (kind, rest) = read(wire, expected).await?;
    if kind != CONNECTION_REQUEST {
        return Err(Trouble::unexpected(expected, [&[kind], rest.as_slice()].concat()));
    }
    let requested = match negotiation(&rest) {
        Some((NEGOTIATION_REQUEST, requested)) => requested,
        Some(_) | None => 0,
    };
    let Some(selected) =
        [PROTOCOL_SSL, PROTOCOL_HYBRID, PROTOCOL_HYBRID_EX].into_iter().find(|one| requested & one != 0)
    else {
        wire.send(tpkt(CONNECTION_CONFIRM, NEGOTIATION_FAILURE, SSL_REQUIRED)).await?;
        return Err(Trouble::NotOffered("it requests standard RDP security only".to_owned()));
    };
    wire.nothing_more().await?;
    wire.send(tpkt(CONNECTION_CONFIRM, NEGOTIATION_RESPONSE, selected)).await
}

/// TPKT, X.224 with a type, and a negotiation message.
fn tpkt(x224: u8, negotiation: u8, value: u32) -> Vec<u8> {
    let [first, second, third, fourth] = value.to_le_bytes();
    vec![3, 0, 0, 19, 14, x224, 0, 0, 0, 0, 0, negotiation, 0, 8, 0, first, second, third, fourth]
}

/// The type of the X.224 message, and what follows its fixed part.
async fn read(wire: &mut Wire<'_>, expected: &str) -> Result<(u8, Vec<u8>), Trouble> {
    let head = wire.exact(4, expected).await?;
    let &[3, _, high, low] = head.as_slice() else { return Err(Trouble::unexpected(expected, &head)) };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > LONGEST {
        return Err(Trouble::TooLong("a TPKT", LONGEST));
    }
    let body = wire.exact(length.saturating_sub(4), expected).await?;
    let kind = body.get(1).copied();
    let rest = body.get(7..).map(<[u8]>::to_vec);
    kind.zip(rest).ok_or_else(|| Trouble::unexpected(expected, [head, body].concat()))
}

/// The negotiation message at the end, behind a cookie or token: its type and value.
fn negotiation(rest: &[u8]) -> Option<(u8, u32)> {
    let (_, &[kind, _, 8, 0, first, second, third, fourth]) = rest.split_last_chunk()? else { return None };
    Some((kind, u32::from_le_bytes([first, second, third, fourth])))
}
