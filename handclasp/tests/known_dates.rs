//! The dates of certificates whose keys are known: a policy of the application.

use std::{os::unix::net::UnixStream, thread, time::Duration};

use handclasp::{
    AlertDescription, CertificateFault, Client, Error, Fault, Identity, KnownPeers, NewPeers, Pin,
    RefusalReason, Server, Trust, Validity, pki_types::UnixTime,
};
use handclasp_identity::IdentityFolder;
use tempfile::TempDir;

const DAY: u64 = 86_400;

fn at(days_from_now: i64) -> UnixTime {
    let now = UnixTime::now().as_secs();
    UnixTime::since_unix_epoch(Duration::from_secs(now.saturating_add_signed(days_from_now * DAY as i64)))
}

/// A device whose certificate is valid between these days.
fn device(folder: &TempDir, from: i64, to: i64) -> Identity {
    let folder = IdentityFolder::new(folder.path().join("device"));
    folder.get_or_create("device").expect("made");
    folder.renew(Validity::new(at(from), at(to))).expect("renewed")
}

fn connect(client: &Client, server: &Server) -> (Result<(), Error>, Option<Error>) {
    let (near, far) = UnixStream::pair().expect("made");
    let server = server.clone();
    let serving = thread::spawn(move || server.accept(far).err());
    let outcome = client.connect_over(near, "device");
    let served = serving.join().expect("ends");
    (outcome.map(drop), served)
}

#[test]
fn dates_of_known_keys_count_if_the_application_says_so() {
    // RFC 8446 §6.2: certificate_expired is for certificates that have expired or are not currently valid.
    for (from, to, expected) in [
        (-20, -1, Some(CertificateFault::Expired)),
        (1, 20, Some(CertificateFault::NotYetValid)),
        (-1, 1, None),
    ] {
        let folder = tempfile::tempdir().expect("made");
        let server = Server::new(device(&folder, from, to));
        let path = folder.path().join("known_peers");
        let known = || KnownPeers::new(&path).with_new_peers(NewPeers::Accept);
        let (outcome, seen) = connect(&Client::new(Trust::KnownPeers(known().with_dates())), &server);
        let found = match outcome.as_ref().err().and_then(Error::fault) {
            Some(Fault::Certificate(fault)) => Some(*fault),
            _ => None,
        };
        assert_eq!(found, expected, "{outcome:?}");
        if expected.is_some() {
            let alert = Fault::PeerAlert(AlertDescription::certificate_expired);
            assert_eq!(seen.as_ref().and_then(Error::fault), Some(&alert), "{from}..{to}");
            assert!(!path.exists(), "it is not written down");
        }
        let (outcome, _) = connect(&Client::new(Trust::KnownPeers(known())), &server);
        outcome.expect("only the key counts");
        let (outcome, _) = connect(&Client::new(Trust::KnownPeers(known().with_dates())), &server);
        assert_eq!(outcome.is_err(), expected.is_some(), "a peer that is known by now");
    }
}

/// The alarm of a changed key says more than the date of its certificate.
#[test]
fn a_changed_key_is_an_alarm_whatever_its_dates() {
    let folder = tempfile::tempdir().expect("made");
    let peers = KnownPeers::new(folder.path().join("known_peers"));
    peers.accept("device", Pin([1; 32]), "", None).expect("written");
    let client = Client::new(Trust::KnownPeers(peers.with_dates()));
    let (outcome, _) = connect(&client, &Server::new(device(&folder, -20, -1)));
    let error = outcome.expect_err("is refused");
    let reason = error.peer_refusal().map(|refusal| &refusal.reason);
    assert!(matches!(reason, Some(RefusalReason::Changed(_))), "{error}");
}
