//! What is sent of a captured ClientHello, and what is not.

use super::*;

/// A captured ClientHello with everything that belongs to its client alone.
fn captured() -> Raw {
    let shares = [NamedGroup::secp256r1, NamedGroup::x25519].map(|group| ClientShare::of(group).unwrap());
    let record = Hello::usual(Some("a.example")).record(&[0x11; 32], Some(&shares[0]));
    let mut hello = Raw::parse(&record[5..]).unwrap();
    hello.renew_all([0x11; 32], [0x22; 32]);
    hello.set(ExtensionType::key_share, client_shares(&shares));
    hello.set(ExtensionType::session_ticket, vec![0x33; 100]);
    hello.set(ExtensionType::renegotiation_info, vec![12; 13]);
    hello.set(ExtensionType::cookie, [&[0, 38][..], &[0x44; 38]].concat());
    hello.set(ExtensionType::early_data, Vec::new());
    hello.set(ExtensionType::compress_certificate, vec![2, 0, 2]);
    hello.set(ExtensionType::encrypted_client_hello, vec![0x55; 60]);
    // Identities and binders (RFC 8446 §4.2.11).
    let identity = [&[0, 38, 0, 32][..], &[0x66; 32], &[0; 4]].concat();
    let binder = [&[0, 33, 32][..], &[0x77; 32]].concat();
    hello.set(ExtensionType::pre_shared_key, [identity, binder].concat());
    hello
}

#[test]
fn the_offer_is_sent_without_what_belongs_to_the_captured_client() {
    let captured = captured();
    let offer = Offer::of_captured(&captured.message().unwrap()).unwrap();
    assert_eq!(offer.groups, [NamedGroup::secp256r1, NamedGroup::x25519], "in its order");
    let mut hello = offer.hello;
    hello.renew([0x99; 32], [0x88; 32]);
    let message = hello.message().unwrap();
    for secret in [0x11_u8, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77] {
        assert!(!message.windows(16).any(|part| part == [secret; 16]), "{secret:#x} is sent");
    }
    assert_eq!(hello.get(ExtensionType::session_ticket), Some(&[][..]));
    assert_eq!(hello.get(ExtensionType::renegotiation_info), Some(&[0][..]));
    for extension in LEFT_OUT {
        assert_eq!(hello.get(*extension), None, "{extension}");
    }
    for kept in [ExtensionType::server_name, ExtensionType::signature_algorithms] {
        assert_eq!(hello.get(kept), captured.get(kept));
    }
    assert_eq!(hello.suites, captured.suites);
}

#[test]
fn an_ordinary_offer_names_the_host() {
    let name = |address: &str, name: Option<&str>| {
        let hello = Offer::usual(address, name).unwrap().hello;
        hello.get(ExtensionType::server_name).map(|found| String::from_utf8_lossy(&found[5..]).into_owned())
    };
    assert_eq!(name("a.example:443", None).as_deref(), Some("a.example"));
    assert_eq!(name("192.0.2.1:443", Some("b.example")).as_deref(), Some("b.example"));
    assert_eq!(name("[2001:db8::1]:443", None), None);
}

#[test]
fn shares_are_bounded() {
    let mut hello = captured();
    let share = ClientShare::of(NamedGroup::x25519).unwrap();
    let entry = client_shares(&[share])[2..].to_vec();
    let many = entry.repeat(200);
    let length = u16::try_from(many.len()).unwrap().to_be_bytes();
    hello.set(ExtensionType::key_share, [&length[..], &many].concat());
    hello.leave_out(ExtensionType::pre_shared_key);
    let offer = Offer::of_captured(&hello.message().unwrap());
    assert_eq!(offer.map(|offer| offer.groups), Some(vec![NamedGroup::x25519]));
}
