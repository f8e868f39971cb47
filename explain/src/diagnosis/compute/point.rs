//! The public keys that the two ends exchange: whether each is a point of its group (RFC 8422
//! §5.4 §5.7 §5.11, RFC 8446 §4.2.8, RFC 7748 §6, draft-ietf-tls-ecdhe-mlkem).

use handclasp_codec::{
    ClientKeyExchangeEcdhe, ClientKeyExchangeEcdhePsk, HandshakeType, KeyExchangeAlgorithm, NamedGroup,
};

use super::curve::{Curve, Point};
use super::signed::server_params;
use crate::conversation::Conversation;
use crate::input::capture_event::{Position, Side};

/// A public key that one end sent.
#[derive(Clone, Debug)]
pub struct PublicShare {
    /// Who.
    pub of: Side,
    /// Where its message stands.
    pub position: Position,
    /// What carries it.
    pub carrier: &'static str,
    /// Its group.
    pub group: NamedGroup,
    /// What it is.
    pub point: Point,
}

/// All shares of a conversation that count: those in the group that was chosen, or all that a
/// client offers to a server which chooses none.
pub fn shares(conversation: &Conversation) -> Vec<PublicShare> {
    match conversation.version() {
        None => offered(conversation),
        Some(_) if conversation.is_tls13() => tls13(conversation),
        Some(_) => tls12(conversation),
    }
}

fn offered(conversation: &Conversation) -> Vec<PublicShare> {
    let Some((at, hello)) = conversation.answered_client_hello() else { return Vec::new() };
    let Some(shares) = &hello.extensions.key_share else { return Vec::new() };
    let share = |group: NamedGroup, bytes: &[u8]| PublicShare {
        of: Side::Client,
        position: at.event.position,
        carrier: "key_share of ClientHello",
        group,
        point: check(group, bytes, Side::Client),
    };
    let known = shares.client_shares.iter().filter(|share| !share.group.is_grease());
    known.map(|found| share(found.group, found.key_exchange)).collect()
}

fn tls13(conversation: &Conversation) -> Vec<PublicShare> {
    let mut found = Vec::new();
    let Some((at, hello)) = conversation.server_hello_at() else { return found };
    let Some(share) = hello.extensions.key_share.map(|share| share.server_share) else { return found };
    if let Some((client_at, client)) = conversation.client_hellos().last()
        && let Some(shares) = &client.extensions.key_share
        && let Some(theirs) = shares.client_shares.iter().find(|theirs| theirs.group == share.group)
    {
        found.push(PublicShare {
            of: Side::Client,
            position: client_at.event.position,
            carrier: "key_share of ClientHello",
            group: theirs.group,
            point: check(theirs.group, theirs.key_exchange, Side::Client),
        });
    }
    found.push(PublicShare {
        of: Side::Server,
        position: at.event.position,
        carrier: "key_share of ServerHello",
        group: share.group,
        point: check(share.group, share.key_exchange, Side::Server),
    });
    found
}

fn tls12(conversation: &Conversation) -> Vec<PublicShare> {
    let Some((position, group, public)) = server_params(conversation) else { return Vec::new() };
    let of = Side::Server;
    let point = check(group, &public, of);
    let mut found = vec![PublicShare { of, position, carrier: "ServerKeyExchange", group, point }];
    let exchange = conversation.suite().and_then(|suite| suite.key_exchange_algorithm());
    let client = conversation.first(Side::Client, HandshakeType::client_key_exchange);
    let public = client.and_then(|found| match exchange? {
        KeyExchangeAlgorithm::Ecdhe | KeyExchangeAlgorithm::EcdhAnon => {
            Some(found.message.decode::<ClientKeyExchangeEcdhe<'_>>()?.public)
        }
        KeyExchangeAlgorithm::EcdhePsk => {
            Some(found.message.decode::<ClientKeyExchangeEcdhePsk<'_>>()?.public)
        }
        KeyExchangeAlgorithm::Rsa
        | KeyExchangeAlgorithm::Dh
        | KeyExchangeAlgorithm::Dhe
        | KeyExchangeAlgorithm::DhAnon
        | KeyExchangeAlgorithm::Ecdh
        | KeyExchangeAlgorithm::Psk
        | KeyExchangeAlgorithm::DhePsk
        | KeyExchangeAlgorithm::RsaPsk => None,
    });
    if let Some((at, public)) = client.zip(public) {
        let (of, position) = (Side::Client, at.event.position);
        let point = check(group, public, of);
        found.push(PublicShare { of, position, carrier: "ClientKeyExchange", group, point });
    }
    found
}

/// Whether these bytes are a public key of the group. Of a hybrid the client sends the
/// encapsulation key and the server the ciphertext, which differ in length.
pub fn check(group: NamedGroup, bytes: &[u8], of: Side) -> Point {
    const ML_KEM_768: (usize, usize) = (1184, 1088);
    const ML_KEM_1024: (usize, usize) = (1568, 1568);
    let kem = |(client, server): (usize, usize)| match of {
        Side::Client => client,
        Side::Server => server,
    };
    match group {
        NamedGroup::x25519 => montgomery(bytes, 32),
        NamedGroup::x448 => montgomery(bytes, 56),
        NamedGroup::X25519MLKEM768 => {
            let front = kem(ML_KEM_768);
            hybrid(bytes, front + 32, bytes.get(front..), |bytes| montgomery(bytes, 32))
        }
        NamedGroup::SecP256r1MLKEM768 => {
            hybrid(bytes, 65 + kem(ML_KEM_768), bytes.get(..65), |bytes| Curve::P256.point(bytes))
        }
        NamedGroup::SecP384r1MLKEM1024 => {
            hybrid(bytes, 97 + kem(ML_KEM_1024), bytes.get(..97), |bytes| Curve::P384.point(bytes))
        }
        _ => Curve::from_group(group).map_or(Point::Unknown, |curve| curve.point(bytes)),
    }
}

fn hybrid(bytes: &[u8], expected: usize, part: Option<&[u8]>, check: impl Fn(&[u8]) -> Point) -> Point {
    match part {
        Some(part) if bytes.len() == expected => check(part),
        Some(_) | None => Point::WrongLength { expected, found: bytes.len() },
    }
}

/// Any string of the right length is a public key there; all zero is the one of small order that
/// broken code sends.
fn montgomery(bytes: &[u8], expected: usize) -> Point {
    match bytes.iter().all(|byte| *byte == 0) {
        _ if bytes.len() != expected => Point::WrongLength { expected, found: bytes.len() },
        true => Point::SmallOrder,
        false => Point::Valid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use handclasp_crypto::KeyExchange;
    use handclasp_provider_aws_lc as provider;

    fn public(group: &dyn KeyExchange) -> Vec<u8> {
        group.start(&mut provider::SystemRandom).unwrap().public().to_vec()
    }

    #[test]
    fn real_points_are_valid_and_a_flipped_bit_takes_nist_points_off_the_curve() {
        for group in provider::GROUPS {
            let good = public(*group);
            assert_eq!(check(group.group(), &good, Side::Server), Point::Valid);
            let mut bad = good.clone();
            bad[good.len() - 1] ^= 1;
            let expected = if group.group() == NamedGroup::x25519 { Point::Valid } else { Point::NotOnCurve };
            assert_eq!(check(group.group(), &bad, Side::Server), expected, "{:?}", group.group());
            let expected = good.len();
            let found = expected - 1;
            let point = check(group.group(), &good[..found], Side::Server);
            assert_eq!(point, Point::WrongLength { expected, found });
        }
    }

    #[test]
    fn forms_and_small_orders() {
        let mut point = public(provider::SECP256R1);
        point[0] = 2 + (point[64] & 1);
        assert_eq!(check(NamedGroup::secp256r1, &point[..33], Side::Client), Point::Valid, "compressed");
        point[0] = 6;
        assert_eq!(check(NamedGroup::secp256r1, &point, Side::Client), Point::WrongForm { first: 6 });
        assert_eq!(check(NamedGroup::secp256r1, &[0], Side::Client), Point::WrongForm { first: 0 });
        assert_eq!(check(NamedGroup::x25519, &[0; 32], Side::Client), Point::SmallOrder);
        assert_eq!(check(NamedGroup::x448, &[1; 56], Side::Client), Point::Valid);
        assert_eq!(check(NamedGroup(0x0a0a), &[0], Side::Client), Point::Unknown);
        let [expected, found] = [97, 0];
        assert_eq!(check(NamedGroup::secp384r1, &[], Side::Client), Point::WrongLength { expected, found });
    }

    #[test]
    fn of_a_hybrid_each_end_sends_another_length() {
        let share = [vec![7; 1184], public(provider::X25519)].concat();
        assert_eq!(check(NamedGroup::X25519MLKEM768, &share, Side::Client), Point::Valid);
        let (expected, found) = (1120, 1216);
        let point = check(NamedGroup::X25519MLKEM768, &share, Side::Server);
        assert_eq!(point, Point::WrongLength { expected, found });
        let share = [public(provider::SECP256R1), vec![7; 1088]].concat();
        assert_eq!(check(NamedGroup::SecP256r1MLKEM768, &share, Side::Server), Point::Valid);
    }
}
