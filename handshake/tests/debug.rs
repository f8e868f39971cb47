//! The `Debug` forms of public types never show a key.

use handclasp_codec::{List, ProtocolVersion};
use handclasp_handshake::{
    Answer, ClientPsk, ClientStart, CredentialRequest, OpenedTicket, PskAnswer, PskHash,
};

const SECRET: &[u8] = &[0xd7; 32];

#[test]
fn no_debug_form_shows_a_secret() {
    let psk = ClientPsk {
        identity: b"device",
        secret: SECRET,
        tls13: Some(PskHash::Sha256),
        tls12: true,
        imported: false,
        also: Some(handclasp_handshake::ImportedPsk {
            identity: b"i",
            secret: SECRET,
            hash: PskHash::Sha384,
        }),
    };
    let start = ClientStart { psk: Some(psk), ..ClientStart::default() };
    let answer =
        Answer::Psk(Some(PskAnswer { index: 3, secret: SECRET, hash: PskHash::Sha256, imported: true }));
    let opened =
        Answer::Session(Some(OpenedTicket { index: 4, session: SECRET, renew: true, confirm: false }));
    for shown in [format!("{start:?}"), format!("{answer:?}"), format!("{opened:?}")] {
        assert!(!shown.contains("215"), "{shown}");
    }
    assert!(format!("{start:?}").contains("Sha384"));
    assert!(format!("{answer:?}").contains("index: 3"));
}

#[test]
fn a_request_without_wishes() {
    let request = CredentialRequest::new(ProtocolVersion::TLS_1_3, List::default());
    assert!(request.ecdsa && request.rsa && request.authorities.is_empty());
    assert_eq!(request.types.iter().count(), 1);
}
