//! A server of TLS 1.2 without extended_master_secret: the connection works, and leaves neither an
//! exporter nor a session (RFC 7627 §5.2, §5.4), which is noted.

use handclasp_codec::ExtensionType as X;
use handclasp_crypto::KeyKind;
use handclasp_handshake::{Config, ExtendedMasterSecret, Input};
use handclasp_report::{Side, Tag};

use crate::{
    fake12::Fake12,
    resume::{resuming, ticket12},
    setup::{Did, NO_PSK, messages, only12, start},
};

#[test]
fn it_is_connected_without_a_session_and_without_an_exporter() {
    for extended_master_secret in [true, false] {
        let config = Config { extended_master_secret: ExtendedMasterSecret::Offered, ..only12() };
        let (mut tested, hello) = start(resuming(config), NO_PSK);
        let mut server = Fake12 { extended_master_secret, ..Fake12::new(&hello) };
        let announced = server.edited_server_hello(|hello| hello.set(X::session_ticket, Vec::new()));
        tested.message(&announced).unwrap();
        tested.message(&server.certificate()).unwrap();
        tested.accept(KeyKind::P256).unwrap();
        tested.message(&server.server_key_exchange(KeyKind::P256)).unwrap();
        let did = tested.message(&server.server_hello_done()).unwrap();
        server.client_flight(&messages(&did), None);
        let ticket = ticket12(3600, b"the ticket");
        server.transcript.add(&ticket);
        tested.message(&ticket).unwrap();
        tested.input(Input::ChangeCipherSpec).unwrap();
        let did = tested.message(&server.finished()).unwrap();
        assert!(tested.client.is_connected());

        let kept = did.iter().any(|did| matches!(did, Did::Ticket(_)));
        let exporter = did.iter().find_map(|did| match did {
            Did::Connected(connected) => Some(connected.exporter.is_some()),
            _ => None,
        });
        let noted =
            |from| tested.report.items().any(|it| it.tag == Tag::NoExtendedMasterSecret && it.from == from);
        assert_eq!((kept, exporter), (extended_master_secret, Some(extended_master_secret)));
        assert_eq!(noted(Side::Server), !extended_master_secret);
        assert!(!noted(Side::Client));
    }
}
