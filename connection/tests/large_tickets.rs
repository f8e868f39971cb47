//! NewSessionTicket of every valid size: none ends a connection (RFC 8446 §4.6.1, RFC 5077 §3.3). A
//! ticket too large to be offered is not kept.

mod pair;

use handclasp_connection::Config;
use handclasp_crypto::{KeyKind, Suite};
use handclasp_handshake::Resumption;
use handclasp_provider_aws_lc as aws_lc;
use pair::{Pair, Proof, config, with};

const TLS13: &Suite = &aws_lc::TLS_AES_128_GCM_SHA256;
const TLS12: &Suite = &aws_lc::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;

/// Longest ticket that a client keeps, in bytes.
const KEPT: usize = 15 * 1024;

fn resuming(suite: &'static Suite) -> Config {
    let mut config = config(&[suite]);
    config.handshake.resumption = Resumption { tickets: 1, lifetime: 3600, trust_generation: [1; 32] };
    config
}

/// Connects to a server that issues a ticket of this length; returns how many sessions the client got.
fn sessions(client: Config, suite: &'static Suite, length: usize, piece: usize) -> usize {
    let mut pair = Pair::new(client, resuming(suite), Proof::Certificate(KeyKind::P256));
    pair.ticket_length = Some(length);
    pair.shake(piece).unwrap();
    let server_config = pair.server_config.clone();
    with(&server_config, |context| pair.server.write(context, b"after the ticket")).unwrap();
    let bytes = pair.take_from_server();
    pair.deliver_to_client(&bytes, piece).unwrap();
    assert_eq!(pair.client.readable(), b"after the ticket", "{length}");
    pair.client.take_sessions().len()
}

#[test]
fn a_ticket_of_any_size_ends_no_connection() {
    for suite in [TLS13, TLS12] {
        for length in [1000, KEPT, KEPT + 1, 16_380, 17_797, 40_000, 65_535] {
            for piece in [1000, usize::MAX] {
                let kept = sessions(resuming(suite), suite, length, piece);
                assert_eq!(kept, usize::from(length <= KEPT), "{suite:?} {length}");
            }
        }
    }
}

#[test]
fn a_client_that_holds_little_passes_over_what_it_cannot_hold() {
    for length in [1000, 2000, 65_535] {
        let mut client = resuming(TLS13);
        client.message_limits.tickets = 1500;
        let kept = sessions(client, TLS13, length, 700);
        assert_eq!(kept, usize::from(length == 1000), "{length}");
    }
}
