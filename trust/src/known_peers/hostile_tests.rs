//! What an attacker, and a slip of the pen, must not achieve.

use std::{format, string::ToString as _, vec::Vec};

use super::{
    tests::{NOW, at, client, peers, pin, refused, server, text},
    *,
};
use crate::Role;

#[test]
fn a_line_that_may_revoke_a_key_and_does_not_parse_stops_all_peers() {
    let words = pin(1).to_string();
    for (line, says) in [
        (format!("@revoke printer.local {words}"), "\"@revoke\" is not known; @revoked"),
        (format!("@Revoked printer.local {words}"), "\"@Revoked\" is not known; @revoked"),
        (format!("\u{feff}@revoked printer.local {words}"), "line 2"),
        ("@revoked printer.local sha256/AAAA".to_string(), "SHA-256 has 32"),
        (format!("@revoked {words}"), "the pin is missing"),
    ] {
        let (_folder, peers) = peers(&format!("printer.local {words}\n{line}\n"));
        for contact in [server("printer.local", pin(1)), client(pin(1))] {
            let refusal = refused(peers.decide(&contact)).to_string();
            assert!(refusal.contains(says), "{line}: {refusal}");
            assert!(peers.record(&contact).is_err(), "{line}");
        }
        assert!(matches!(peers.revocation(pin(1)), Err(KnownPeersError::Line(_))), "{line}");
    }
}

#[test]
fn a_reason_behind_the_pin_revokes_the_key_too() {
    for reason in ["stolen", "stolen on 2026-11-01", "2026-11-29T16:53:34Z stolen", "yesterday -"] {
        let (_folder, peers) = peers(&format!("door {0}\n@revoked door {0} {reason}\n", pin(1)));
        assert!(peers.bad_lines().unwrap().is_empty(), "{reason}");
        let Some((2, peer)) = peers.revocation(pin(1)).unwrap() else { panic!("{reason}") };
        assert_eq!(peer.comment, reason);
        assert!(matches!(peers.verdict(&server("door", pin(1))).unwrap(), PeerVerdict::Revoked(2, _)));
    }
}

#[test]
fn a_peer_that_is_forgotten_during_its_handshake_does_not_come_back() {
    for new_peers in [NewPeers::Refuse, NewPeers::Learn, NewPeers::Later] {
        let (_folder, peers) = peers(&format!("door {}\n", pin(1)));
        let peers = peers.with_new_peers(new_peers);
        for contact in [server("door", pin(1)), client(pin(1))] {
            let Decision::Accept(accepted) = peers.decide(&contact) else { panic!("it is known") };
            assert_eq!(peers.forget("door").unwrap(), 1);
            let recorded = peers.record_accepted(&contact, &accepted);
            assert!(matches!(recorded, Err(KnownPeersError::Refused(_))), "{recorded:?}");
            assert_eq!(text(&peers), "");
            peers.accept("door", pin(1), "", None).unwrap();
        }
    }
    // Where every new peer is accepted, it is one.
    let (_folder, peers) = peers("");
    let peers = peers.with_new_peers(NewPeers::Accept);
    let recorded = peers.record_accepted(&server("door", pin(1)), &PeerVerdict::Same).unwrap();
    assert_eq!(recorded, PeerVerdict::New);
}

#[test]
fn names_of_the_file_count_in_every_spelling() {
    for (written, asked) in [
        ("Printer.local.", "printer.local"),
        ("printer.local", "PRINTER.LOCAL."),
        ("[2001:DB8::1]", "2001:db8::1"),
        ("2001:db8:0:0::1", "2001:db8::1"),
        ("fe80::1%25eth0", "fe80::1"),
        ("Hall%20Door._lock._tcp.", "hall door._lock._tcp"),
    ] {
        let (_folder, peers) = peers(&format!("{written} {}\n", pin(1)));
        let peers = peers.with_new_peers(NewPeers::Accept);
        let verdict = peers.verdict(&server(asked, pin(2))).unwrap();
        assert!(matches!(verdict, PeerVerdict::Changed(_)), "{written}, {asked}: {verdict:?}");
        assert_eq!(peers.verdict(&server(asked, pin(1))).unwrap(), PeerVerdict::Same);
    }
    let (_folder, peers) = peers(&format!("printer.local {0}\n192.0.2.1 {0}\n", pin(1)));
    for other in ["printer.local..", "printer.locale", "192.0.2.10", "192.0.2.1:443", "."] {
        assert_eq!(peers.verdict(&server(other, pin(2))).unwrap(), PeerVerdict::New, "{other}");
    }
}

/// Thousands of statements and of clients: an unknown client has all of them looked at.
#[test]
fn many_statements_are_followed_in_one_walk() {
    let key = |number: u32| {
        let mut bytes = [0xaa; 32];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        Pin(bytes)
    };
    let lines: Vec<String> = (0..5000).map(|number| format!("c{number} {}", key(number + 10_000))).collect();
    let (_folder, mut peers) = peers(&format!("first {}\n{}\n", key(0), lines.join("\n")));
    peers.rotations = (0..5000).map(|number| (key(number), key(number + 1))).collect();
    // And in a circle.
    peers.rotations.push((key(5000), key(0)));
    let contact = |pin| Contact::new(Role::Client, Some("x"), pin, at(NOW));
    assert_eq!(peers.verdict(&contact(key(5000))).unwrap(), PeerVerdict::Rotated { from: key(0) });
    assert_eq!(peers.verdict(&contact(key(9999))).unwrap(), PeerVerdict::New);
    assert!(matches!(peers.verdict(&server("first", key(9999))).unwrap(), PeerVerdict::Changed(_)));
}

/// A thief of an old key makes statements, too: a chain never leads over a revoked one, and never back.
#[test]
fn a_chain_of_statements_does_not_lead_over_revoked_keys() {
    let (_folder, mut peers) = peers(&format!("door {}\n@revoked door {}\n", pin(1), pin(2)));
    peers.rotations = Vec::from([(pin(1), pin(2)), (pin(2), pin(3))]);
    assert!(matches!(peers.verdict(&server("door", pin(3))).unwrap(), PeerVerdict::Changed(_)));
    assert!(matches!(peers.verdict(&server("door", pin(2))).unwrap(), PeerVerdict::Revoked(..)));
    // A, B, A: after the first step back there is none.
    let (_folder, mut peers) = super::tests::peers(&format!("door {}\n", pin(1)));
    peers.rotations = Vec::from([(pin(1), pin(2)), (pin(2), pin(1))]);
    let rotated = PeerVerdict::Rotated { from: pin(1) };
    assert_eq!(peers.record(&server("door", pin(2))).unwrap(), rotated);
    assert!(matches!(peers.verdict(&server("door", pin(1))).unwrap(), PeerVerdict::Revoked(..)));
}
