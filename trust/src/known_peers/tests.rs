//! The file, its lines, verdicts, policies and writers.

use std::{
    fs,
    string::ToString as _,
    sync::Arc,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use handclasp_identity::IdentityFolder;
use handclasp_private_file::Problem;
use handclasp_provider_aws_lc::SHA256;
use tempfile::TempDir;

use super::*;
use crate::Role;

const HOUR: u64 = 3600;

/// 2026-11-29T16:53:34Z.
pub(super) const NOW: u64 = 1_795_971_214;

pub(super) fn at(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

pub(super) fn pin(byte: u8) -> Pin {
    Pin([byte; 32])
}

/// A folder, and the peers of a file in it that has this text.
pub(super) fn peers(text: &str) -> (TempDir, KnownPeers) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("known_peers");
    if !text.is_empty() {
        PrivateFile::new(&path, FILE_MAX).lock().unwrap().replace(text.as_bytes()).unwrap();
    }
    (folder, KnownPeers::new(path))
}

pub(super) fn text(peers: &KnownPeers) -> String {
    fs::read_to_string(peers.path()).unwrap()
}

pub(super) fn server(name: &str, pin: Pin) -> Contact<'_> {
    Contact::new(Role::Server, Some(name), pin, at(NOW))
}

pub(super) fn client(pin: Pin) -> Contact<'static> {
    Contact::new(Role::Client, Some("laptop"), pin, at(NOW))
}

pub(super) fn refused(decision: Decision) -> PeerRefusal {
    let Decision::Refuse(refusal) = decision else { panic!("{decision:?}") };
    *refusal
}

#[test]
fn a_new_peer_is_written_once_and_known_afterwards() {
    let (_folder, peers) = peers("");
    let peers = peers.with_new_peers(NewPeers::Accept);
    let contact = server("printer.local", pin(1));
    assert_eq!(peers.decide(&contact), Decision::Accept(PeerVerdict::New));
    assert!(!peers.path().exists(), "nothing before the peer has proved its key");
    assert_eq!(peers.record(&contact).unwrap(), PeerVerdict::New);
    let expected = format!("printer.local {} 2026-11-29T16:53:34Z 2026-11-29T16:53:34Z\n", pin(1));
    assert_eq!(text(&peers), expected);
    assert_eq!(peers.decide(&server("PRINTER.local", pin(1))), Decision::Accept(PeerVerdict::Same));
    // Within the hour nothing is written.
    let soon = Contact { now: at(NOW + HOUR - 1), ..contact };
    assert_eq!(peers.record(&soon).unwrap(), PeerVerdict::Same);
    assert_eq!(text(&peers), expected);
    let later = Contact { now: at(NOW + HOUR), ..contact };
    assert_eq!(peers.record(&later).unwrap(), PeerVerdict::Same);
    assert!(text(&peers).ends_with("2026-11-29T16:53:34Z 2026-11-29T17:53:34Z\n"), "{}", text(&peers));
}

#[test]
fn what_people_wrote_stays() {
    let before = format!(
        "# Peers\n\n  \t\nprinter.local   {}  - -   the   one\tin the hall\r\nnonsense\n# end",
        pin(1)
    );
    let (_folder, peers) = peers(&before);
    peers.accept("Hall Door._lock._tcp", pin(2), "by the stairs\nleft", Some(at(NOW))).unwrap();
    let added = format!(
        "\nHall%20Door._lock._tcp {} 2026-11-29T16:53:34Z 2026-11-29T16:53:34Z by the stairs left\n",
        pin(2)
    );
    assert_eq!(text(&peers), before + &added);
    let (known, bad) = (peers.peers().unwrap(), peers.bad_lines().unwrap());
    assert_eq!(known.len(), 2);
    assert_eq!((known[0].0, known[0].1.comment.as_str()), (4, "the   one\tin the hall"));
    assert_eq!((known[1].0, known[1].1.name.as_str()), (7, "Hall Door._lock._tcp"));
    assert_eq!((bad.len(), bad[0].line, &bad[0].problem), (1, 5, &LineProblem::NoPin));
    // A change writes the changed line anew, and only that.
    peers.record(&server("printer.local", pin(1))).unwrap();
    assert!(text(&peers).contains("\nnonsense\n# end\n"));
    assert!(text(&peers).contains("printer.local sha256/AQEB"));
}

#[test]
fn every_name_is_one_word_and_comes_back() {
    for name in ["a", "#a", "@a", "a b", "100%", "zwei\u{a0}Räume", "a\nb", "%20", "a\u{202e}b", "o'neill"] {
        let (_folder, peers) = peers("");
        peers.accept(name, pin(1), "", None).unwrap();
        assert_eq!(text(&peers).lines().count(), 1);
        let (known, bad) = (peers.peers().unwrap(), peers.bad_lines().unwrap());
        assert!(bad.is_empty(), "{bad:?}");
        assert_eq!(known[0].1.name, name);
        assert!(!text(&peers).contains('\u{202e}'), "text that turns around");
    }
}

#[test]
fn bad_lines_are_named_and_stop_new_peers_only() {
    let pin_text = pin(1).to_string();
    for (line, words) in [
        ("printer.local".to_string(), "the pin is missing"),
        ("printer.local sha256/AAAA".to_string(), "SHA-256 has 32"),
        (format!("printer.local {pin_text} yesterday -"), "\"yesterday\" is not a time"),
        (
            format!("printer.local {pin_text} - 2026-13-01T00:00:00Z"),
            "\"2026-13-01T00:00:00Z\" is not a time",
        ),
        (format!("a%2 {pin_text}"), "two hex digits"),
        (format!("a%+1 {pin_text}"), "two hex digits"),
    ] {
        let (_folder, peers) = peers(&format!("door.local {}\n{line}\n", pin(2)));
        let peers = peers.with_new_peers(NewPeers::Accept);
        assert_eq!(peers.decide(&server("door.local", pin(2))), Decision::Accept(PeerVerdict::Same));
        // The damaged line may be of this peer: it is not new.
        let refusal = refused(peers.decide(&server("printer.local", pin(1)))).to_string();
        let place = format!("{}, line 2: ", peers.path().display());
        for part in [&*place, words, "correct the line, remove it, or put # in front", &pin(1).to_string()] {
            assert!(refusal.contains(part), "{refusal} has no {part}");
        }
        assert!(text(&peers).contains(&line));
    }
}

#[test]
fn another_key_is_an_alarm_with_both_fingerprints() {
    let (_folder, peers) = peers(&format!("# one\nprinter.local {} - 2026-01-02T03:04:05Z\n", pin(1)));
    let peers = peers.with_new_peers(NewPeers::Accept);
    let refusal = refused(peers.decide(&server("printer.local", pin(2))));
    assert!(matches!(refusal.reason, RefusalReason::Changed(_)));
    assert_eq!(refusal.fault().unwrap().fault, handclasp_report::CertificateFault::PinMismatch);
    let (words, path) = (refusal.to_string(), peers.path().display().to_string());
    let parts = [
        "ALARM",
        "\"printer.local\"",
        &format!("line 2 of {path}"),
        &pin(1).to_string(),
        &pin(1).words(),
        &pin(2).to_string(),
        &pin(2).words(),
        "last seen 2026-01-02T03:04:05Z",
        "replace the pin in that line",
    ];
    for part in parts {
        assert!(words.contains(part), "{words} has no {part}");
    }
    // A person who accepted the peer while the key was new does not overrule the file.
    assert!(matches!(peers.record(&server("printer.local", pin(2))), Err(KnownPeersError::Refused(_))));
    assert!(!text(&peers).contains(&pin(2).to_string()));
    // A backup pin is good; a client is known by its key, whatever it calls itself.
    peers.accept("printer.local", pin(2), "backup", None).unwrap();
    assert_eq!(peers.decide(&server("printer.local", pin(2))), Decision::Accept(PeerVerdict::Same));
    assert_eq!(peers.decide(&client(pin(2))), Decision::Accept(PeerVerdict::Same));
}

#[test]
fn a_key_of_another_name_is_not_the_key_of_this_name() {
    let (_folder, peers) = peers(&format!("printer.local {}\ndoor.local {}\n", pin(1), pin(2)));
    assert!(matches!(peers.verdict(&server("printer.local", pin(2))).unwrap(), PeerVerdict::Changed(_)));
    assert_eq!(peers.verdict(&server("other.local", pin(2))).unwrap(), PeerVerdict::New);
}

#[test]
fn a_certificate_made_after_the_last_contact_is_renewed() {
    let (_folder, peers) = peers(&format!("printer.local {} - 2026-11-29T10:00:00Z\n", pin(1)));
    let contact = server("printer.local", pin(1));
    let made = |seconds| contact.with_not_before(Some(at(seconds)));
    assert_eq!(peers.verdict(&made(NOW - HOUR)).unwrap(), PeerVerdict::Renewed);
    assert_eq!(peers.verdict(&made(NOW - 24 * HOUR)).unwrap(), PeerVerdict::Same);
    assert_eq!(peers.record(&made(NOW - HOUR)).unwrap(), PeerVerdict::Renewed);
    assert_eq!(peers.verdict(&made(NOW - HOUR)).unwrap(), PeerVerdict::Same);
}

#[test]
fn revoked_keys_are_refused_under_every_name() {
    let (_folder, peers) = peers(&format!("printer.local {}\n", pin(1)));
    assert_eq!(peers.revoke(pin(1), "stolen").unwrap(), 1);
    assert_eq!(text(&peers), format!("@revoked printer.local {} - - stolen\n", pin(1)));
    let peers = peers.with_new_peers(NewPeers::Accept);
    for contact in [server("printer.local", pin(1)), server("other.local", pin(1)), client(pin(1))] {
        let refusal = refused(peers.decide(&contact));
        assert_eq!(refusal.fault().unwrap().fault, handclasp_report::CertificateFault::Revoked);
        let words = refusal.to_string();
        assert!(words.contains("line 1") && words.contains("(stolen)"), "{words}");
    }
    // Neither is the name free for the next comer.
    assert!(matches!(peers.verdict(&server("printer.local", pin(2))).unwrap(), PeerVerdict::Changed(_)));
    let error = peers.accept("printer.local", pin(1), "", None).unwrap_err().to_string();
    assert!(error.contains("line 1 revokes"), "{error}");
    assert!(peers.revoke(pin(9), "").unwrap_err().to_string().contains("@revoked NAME"));
    assert_eq!(peers.forget("printer.local").unwrap(), 1);
    assert!(peers.forget("printer.local").unwrap_err().to_string().contains("not in the file"));
}

#[test]
fn policies_for_new_peers() {
    let contact = server("printer.local", pin(1));
    let (_folder, peers) = peers("");
    let with = |policy| peers.clone().with_new_peers(policy).decide(&contact);
    let refusal = refused(with(NewPeers::Refuse));
    assert_eq!(refusal.reason, RefusalReason::Unknown);
    assert!(refusal.to_string().contains(&format!("add the line: printer.local {}", pin(1))), "{refusal}");
    assert_eq!(with(NewPeers::Later), Decision::Ask);
    for (answer, expected) in [
        (PeerAnswer::Accept, Some(Decision::Accept(PeerVerdict::New))),
        (PeerAnswer::Later, Some(Decision::Ask)),
        (PeerAnswer::Refuse, None),
    ] {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let ask = NewPeers::ask(move |peer| {
            assert_eq!((peer.name, peer.pin, peer.role), (Some("printer.local"), pin(1), Role::Server));
            count.fetch_add(1, Ordering::Relaxed);
            answer
        });
        let decision = with(ask);
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        match expected {
            Some(expected) => assert_eq!(decision, expected),
            None => assert_eq!(refused(decision).reason, RefusalReason::Unknown),
        }
    }
}

#[test]
fn a_server_learns_its_first_client_and_no_second() {
    let (_folder, peers) = peers("");
    let peers = peers.with_new_peers(NewPeers::Learn);
    // Both begin while the file is empty; the second to finish is refused.
    assert_eq!(peers.decide(&client(pin(1))), Decision::Accept(PeerVerdict::New));
    let other = Contact { name: Some("tablet"), ..client(pin(2)) };
    assert_eq!(peers.decide(&other), Decision::Accept(PeerVerdict::New));
    assert_eq!(peers.record(&client(pin(1))).unwrap(), PeerVerdict::New);
    let Err(KnownPeersError::Refused(refusal)) = peers.record(&other) else { panic!("the second") };
    assert_eq!(refusal.reason, RefusalReason::Unknown);
    assert_eq!(refusal.fault().unwrap().fault, handclasp_report::CertificateFault::NotListed);
    assert_eq!(refused(peers.decide(&other)).fault(), refusal.fault());
    assert_eq!(peers.decide(&client(pin(1))), Decision::Accept(PeerVerdict::Same));
    assert_eq!(text(&peers).lines().count(), 1);
}

#[test]
fn statements_lead_from_a_known_key_to_a_new_one() {
    let (folder, peers) = peers("");
    let identity = IdentityFolder::new(folder.path().join("identity"));
    let first = identity.get_or_create("printer.local").unwrap();
    let rotations: Vec<KeyRotation> = (0..2).map(|_| identity.rotate().unwrap().1).collect();
    let old = Pin::of(&first.spki(), SHA256);
    let (middle, new) = (pins(&rotations[0], SHA256).1, pins(&rotations[1], SHA256).1);
    peers.accept("printer.local", old, "hall", None).unwrap();
    let contact = server("printer.local", new);

    assert!(matches!(peers.verdict(&contact).unwrap(), PeerVerdict::Changed(_)));
    let half = peers.clone().with_rotations_with(&rotations[1..], SHA256);
    assert!(matches!(half.verdict(&contact).unwrap(), PeerVerdict::Changed(_)));
    let whole = peers.clone().with_rotations_with(&rotations, SHA256);
    assert_eq!(whole.verdict(&contact).unwrap(), PeerVerdict::Rotated { from: old });
    assert_eq!(whole.verdict(&server("door.local", new)).unwrap(), PeerVerdict::New);

    // Not over a key that was revoked.
    let revoked = peers_with_revoked(&whole, middle);
    assert!(matches!(revoked, PeerVerdict::Changed(_)), "{revoked:?}");

    assert_eq!(whole.record(&contact).unwrap(), PeerVerdict::Rotated { from: old });
    assert_eq!(whole.verdict(&contact).unwrap(), PeerVerdict::Same);
    // The old key, which may have been given away, is not accepted any more.
    assert!(matches!(whole.verdict(&server("printer.local", old)).unwrap(), PeerVerdict::Revoked(..)));
    let known = whole.peers().unwrap();
    assert_eq!(
        (known[0].1.comment.as_str(), known[1].1.comment.as_str()),
        ("hall", &*format!("hall; rotated to {new}"))
    );
}

/// The verdict on the last key of a chain while this key in its middle is revoked.
fn peers_with_revoked(peers: &KnownPeers, middle: Pin) -> PeerVerdict {
    let before = fs::read(peers.path()).unwrap();
    peers.accept("printer.local", middle, "", None).unwrap();
    peers.revoke(middle, "lost").unwrap();
    let (_, last) = peers.rotations[peers.rotations.len() - 1];
    let verdict = peers.verdict(&server("printer.local", last)).unwrap();
    fs::write(peers.path(), before).unwrap();
    verdict
}

#[test]
fn a_statement_is_accepted_by_hand() {
    let (folder, peers) = peers("");
    let identity = IdentityFolder::new(folder.path().join("identity"));
    let old = Pin::of(&identity.get_or_create("printer.local").unwrap().spki(), SHA256);
    let (new, rotation) = identity.rotate().unwrap();
    let error = peers.accept_rotation_with(&rotation, at(NOW), SHA256).unwrap_err().to_string();
    assert!(error.contains("is not in the file"), "{error}");
    peers.accept("printer.local", old, "", None).unwrap();
    assert_eq!(peers.accept_rotation_with(&rotation, at(NOW), SHA256).unwrap(), 1);
    let new = Pin::of(&new.spki(), SHA256);
    assert_eq!(peers.verdict(&server("printer.local", new)).unwrap(), PeerVerdict::Same);
    let error = peers.accept_rotation_with(&rotation, at(NOW), SHA256).unwrap_err().to_string();
    assert!(error.contains("revokes"), "{error}");
}

/// A person has confirmed a new key: the others go, and other lines stay as they are.
#[test]
fn a_key_replaces_those_of_its_name() {
    let [old, backup, new, bad] = [1, 2, 3, 4].map(pin);
    let before = format!(
        "# mine\nhall {old} - - upstairs\nbroken\nHALL {backup} - -\n@revoked hall {bad} - -\nattic {old} - -\n"
    );
    let (_folder, peers) = peers(&before);
    assert_eq!(peers.replace("hall", new, "", None).unwrap(), 2);
    let after =
        format!("# mine\nhall {new} - - upstairs\nbroken\n@revoked hall {bad} - -\nattic {old} - -\n");
    assert_eq!(text(&peers), after);
    assert_eq!(peers.replace("hall", new, "again", None).unwrap(), 0);
    assert!(text(&peers).contains(&format!("hall {new} - - again\n")));
    assert!(peers.replace("hall", bad, "", None).is_err(), "a revoked key");
    assert_eq!(peers.replace("door", new, "", None).unwrap(), 0);
    assert!(text(&peers).ends_with(&format!("door {new} - -\n")));
}

#[test]
fn a_key_is_revoked_before_it_was_seen() {
    let (_folder, peers) = peers("");
    assert_eq!(peers.revoke_as("thief", pin(1), "stolen").unwrap(), 0);
    assert_eq!(text(&peers), format!("@revoked thief {} - - stolen\n", pin(1)));
    let verdict = peers.verdict(&server("anything", pin(1))).unwrap();
    assert!(matches!(verdict, PeerVerdict::Revoked(1, _)), "{verdict:?}");
    assert_eq!(peers.revoke_as("thief", pin(1), "").unwrap(), 1);
}

#[test]
fn writers_do_not_overwrite_each_other() {
    let (_folder, peers) = peers("# kept\n");
    thread::scope(|scope| {
        for writer in 0..4u8 {
            let peers = &peers;
            scope.spawn(move || {
                for index in 0..5u8 {
                    let key = pin(writer * 5 + index + 1);
                    peers.accept(&format!("peer-{writer}-{index}"), key, "", None).unwrap();
                }
            });
        }
    });
    assert_eq!(peers.peers().unwrap().len(), 20);
    assert!(text(&peers).starts_with("# kept\n"));
    let names: Vec<_> = fs::read_dir(peers.path().parent().unwrap()).unwrap().collect();
    assert_eq!(names.len(), 1, "temporary files are gone");
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_change_is_not_believed() {
    use std::os::unix::fs::PermissionsExt as _;

    let (_folder, peers) = peers(&format!("printer.local {}\n", pin(1)));
    fs::set_permissions(peers.path(), fs::Permissions::from_mode(0o666)).unwrap();
    let Err(KnownPeersError::File(error)) = peers.peers() else { panic!("anybody could add a peer") };
    assert!(matches!(error.problem, Problem::Mode { .. }));
    let words = refused(peers.decide(&server("printer.local", pin(1)))).to_string();
    assert!(words.contains(&peers.path().display().to_string()), "{words}");
}

#[test]
fn the_example_of_the_documents_parses() {
    let page = include_str!("../../../docs/trust.md");
    let example = page.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let (_folder, peers) = peers(example);
    assert!(peers.bad_lines().unwrap().is_empty(), "{:?}", peers.bad_lines());
    let known = peers.peers().unwrap();
    let names: Vec<_> =
        known.iter().map(|(line, peer)| (*line, peer.name.as_str(), peer.is_revoked)).collect();
    assert_eq!(
        names,
        [(2, "printer.local", false), (3, "Hall Door._lock._tcp", false), (4, "old.local", true)]
    );
}
