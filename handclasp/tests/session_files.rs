//! A session file decides which server is trusted: its owner counts, and what its sessions
//! are bound to. And it may be shared by programs that run at the same time.
#![cfg(unix)]

use std::{
    fs::{self, Permissions},
    io::{Read, Write},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        net::UnixStream,
    },
    path::{Path, PathBuf},
    thread,
};

use handclasp::{
    Client, Credentials, Error, Identity, KeyKind, Pin, Policy, ProtocolVersion, Psk, PskUse, Roots, Server,
    Trust,
};
use handclasp_identity::{Authority, CertificateParams, Usage, Validity};
use rustls_pki_types::UnixTime;

const NAME: &str = "bank.test";
const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2];
const fn time(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}

const VALIDITY: Validity = Validity::new(time(1_000), time(4_000_000_000));

/// A directory of this test alone, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("handclasp-files-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o700)).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// One connection with data both ways; whether a session was resumed.
fn meet(server: &Server, client: &Client) -> Result<bool, Error> {
    let (near, far) = UnixStream::pair().unwrap();
    thread::scope(|scope| {
        let serving = scope.spawn(|| -> Result<bool, Error> {
            let mut stream = server.accept(far)?;
            stream.write_all(b"hello").unwrap();
            stream.close().unwrap();
            stream.read_to_end(&mut Vec::new()).unwrap();
            Ok(stream.connected().resumed)
        });
        let client = client.connect_over(near, Some(NAME)).map(|mut stream| {
            let mut data = Vec::new();
            stream.read_to_end(&mut data).unwrap();
            assert_eq!(data, b"hello");
            stream.close().unwrap();
            stream.connected().resumed
        });
        let server = serving.join().unwrap();
        let client = client?;
        assert_eq!(server?, client);
        Ok(client)
    })
}

fn root() -> Authority {
    Authority::new("root", VALIDITY, KeyKind::P256).unwrap()
}

fn issued(root: &Authority, usage: Usage) -> Identity {
    let issue = CertificateParams::new(&[NAME]).with_validity(VALIDITY).with_usage(usage);
    root.issue(&issue).unwrap().identity().unwrap()
}

fn roots(of: &[&Authority]) -> Trust {
    let der: Vec<_> = of.iter().map(|root| root.certificate().clone()).collect();
    Trust::WebPki(Roots::from_der(&der).unwrap())
}

fn client(trust: Trust, version: ProtocolVersion, file: &Path) -> Client {
    let policy = Policy::modern().only_version(version).unwrap();
    Client::with_policy(trust, policy).session_file(file).unwrap()
}

/// An attacker keeps a session of its own server in a file and writes the victim's trust into it,
/// which is public where the roots are. Such a file is as good as a certificate: only whose it is
/// speaks against it.
#[test]
fn a_session_file_that_somebody_else_made_is_refused() {
    let folder = Folder::new("forged");
    let (good, evil) = (root(), root());
    let evil_server = Server::new(issued(&evil, Usage::Server));
    let good_server = Server::new(issued(&good, Usage::Server));
    let version = ProtocolVersion::TLS_1_3;
    let (forged, probe) = (folder.file("forged"), folder.file("probe"));
    meet(&evil_server, &client(roots(&[&evil]), version, &forged)).unwrap();
    meet(&good_server, &client(roots(&[&good]), version, &probe)).unwrap();
    // The trust that a session is bound to stands at its end, and so at the end of a file.
    let trust_of = |bytes: &[u8]| bytes[bytes.len() - 32..].to_vec();
    let (wanted, mut bytes) = (trust_of(&fs::read(&probe).unwrap()), fs::read(&forged).unwrap());
    let own = trust_of(&bytes);
    for start in 0..=bytes.len() - 32 {
        if bytes[start..start + 32] == own {
            bytes[start..start + 32].copy_from_slice(&wanted);
        }
    }
    fs::write(&forged, &bytes).unwrap();
    assert_eq!(fs::metadata(&forged).unwrap().mode() & 0o777, 0o600);

    // The victim does not believe the attacker's server without the file, and with it does: the
    // forgery is a good one. Two tickets came, so the file can show both.
    assert!(meet(&evil_server, &Client::new(roots(&[&good]))).is_err());
    assert!(meet(&evil_server, &client(roots(&[&good]), version, &forged)).unwrap());

    // Of another user. Where we are not root, the kernel does not even let us read such a file.
    if fs::metadata(&forged).unwrap().uid() == 0 {
        chown(&forged, Some(65534), Some(65534)).unwrap();
        let refused = Client::new(roots(&[&good])).session_file(&forged).err().unwrap();
        assert!(refused.to_string().contains("owned by user 65534, expected user 0"), "{refused}");
        chown(&forged, Some(0), Some(0)).unwrap();
    }
    // Ours, but others could have written it, or put it there.
    fs::set_permissions(&forged, Permissions::from_mode(0o620)).unwrap();
    assert!(Client::new(roots(&[&good])).session_file(&forged).is_err());
    fs::set_permissions(&forged, Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(&folder.0, Permissions::from_mode(0o777)).unwrap();
    assert!(Client::new(roots(&[&good])).session_file(&forged).is_err());
}

/// Both clients read the file before either took from it: each offers a ticket of its own.
#[test]
fn two_programs_with_one_file_do_not_offer_the_same_ticket() {
    let folder = Folder::new("shared");
    let root = root();
    let open = || client(roots(&[&root]), ProtocolVersion::TLS_1_3, &folder.file("sessions"));
    let (first, second) = (open(), open());
    let server = Server::new(issued(&root, Usage::Server));
    assert!(!meet(&server, &first).unwrap());
    for round in 0..4 {
        assert!(meet(&server, &second).unwrap(), "{round}");
        assert!(meet(&server, &first).unwrap(), "{round}");
    }
}

/// Whether a session that a client with the first trust kept is offered by one with the second, in
/// a version. The server takes every session that it is offered.
fn goes_on(
    version: ProtocolVersion,
    server: &Server,
    before: impl Fn(Client) -> Client,
    after: impl Fn(Client) -> Client,
    trusts: [Trust; 3],
) -> bool {
    let folder = Folder::new(&format!("bound-{version}-{:?}", thread::current().id()));
    let file = folder.file("sessions");
    let [first, same, other] = trusts;
    assert!(!meet(server, &before(client(first, version, &file))).unwrap());
    assert!(meet(server, &before(client(same, version, &file))).unwrap(), "with the same trust");
    meet(server, &after(client(other, version, &file))).unwrap()
}

fn as_it_is(client: Client) -> Client {
    client
}

#[test]
fn a_session_is_bound_to_the_roots() {
    let (one, more) = (root(), root());
    let server = Server::new(issued(&one, Usage::Server));
    for version in VERSIONS {
        let trusts = [roots(&[&one]), roots(&[&one]), roots(&[&one, &more])];
        assert!(!goes_on(version, &server, as_it_is, as_it_is, trusts), "{version}");
        // The order of the roots is no change of trust.
        let trusts = [roots(&[&one, &more]), roots(&[&one, &more]), roots(&[&more, &one])];
        assert!(goes_on(version, &server, as_it_is, as_it_is, trusts), "{version}");
    }
}

#[test]
fn a_session_is_bound_to_the_pins() {
    let identity = Identity::self_signed(&[NAME]).unwrap();
    let pin = Pin::of_spki(&identity.spki());
    let server = Server::new(identity);
    let (pins, more) = (|| Trust::Pins(vec![pin]), Pin([1; 32]));
    for version in VERSIONS {
        let trusts = [pins(), pins(), Trust::Pins(vec![pin, more])];
        assert!(!goes_on(version, &server, as_it_is, as_it_is, trusts), "{version}");
    }
    // A pin that was withdrawn: what the server proved under it counts no more.
    let folder = Folder::new("withdrawn");
    let file = folder.file("sessions");
    for version in VERSIONS {
        meet(&server, &client(pins(), version, &file)).unwrap();
        assert!(meet(&server, &client(Trust::Pins(vec![more]), version, &file)).is_err(), "{version}");
    }
}

#[test]
fn a_session_is_bound_to_the_pre_shared_key() {
    for version in VERSIONS {
        let is_13 = version == ProtocolVersion::TLS_1_3;
        let usage = if is_13 { PskUse::Tls13Sha256 } else { PskUse::Tls12 };
        let key = |name: &str, byte| Psk::from_bytes(name, usage, &[byte; 32]).unwrap();
        let server = Server::new(Credentials::from(key("one", 1)).and_psk(key("other", 2)));
        let one = || Trust::Psk(key("one", 1));
        let trusts = [one(), one(), Trust::Psk(key("other", 2))];
        assert!(!goes_on(version, &server, as_it_is, as_it_is, trusts), "{version}");
    }
}

/// A session stands for who the client was: one who shows itself as another, or no more, begins anew.
#[test]
fn a_session_is_bound_to_the_identity_of_the_client() {
    let root = root();
    let server = Server::new(issued(&root, Usage::Server)).ask_client(roots(&[&root]));
    for version in VERSIONS {
        let issue = CertificateParams::new(&[NAME]).with_validity(VALIDITY).with_usage(Usage::Client);
        let issued = || root.issue(&issue).unwrap();
        let (one, other) = (issued(), issued());
        let trusts = || [roots(&[&root]), roots(&[&root]), roots(&[&root])];
        let as_one = |client: Client| client.identity(one.identity().unwrap());
        assert!(goes_on(version, &server, as_one, as_one, trusts()), "{version}");
        let as_other = |client: Client| client.identity(other.identity().unwrap());
        assert!(!goes_on(version, &server, as_one, as_other, trusts()), "{version}: another");
        assert!(!goes_on(version, &server, as_one, as_it_is, trusts()), "{version}: nobody");
    }
}
