//! Clients and servers of this crate in memory: every way to authenticate, both versions.

mod pair;

use handclasp_device::{
    BootError, CertificateFault, ClientAuthentication, Config, Fault, Identity, Next, Profile, Psk, PskUse,
    profile,
};
use pair::{Credentials, Ends, Seeded, fault, run, run_slowly};

/// A way to authenticate: its name, and the configurations of client and server.
type Way = (&'static str, fn(&Credentials) -> (Config, Config));

const WAYS: [Way; 9] = [
    ("1.2 PSK", |credentials| {
        psk(credentials, profile::client::PSK_TLS12, profile::server::PSK_TLS12, PskUse::Tls12)
    }),
    ("1.2 PSK CCM_8", |credentials| {
        psk(credentials, profile::client::PSK_CCM_8_TLS12, profile::server::PSK_CCM_8_TLS12, PskUse::Tls12)
    }),
    ("1.3 PSK", |credentials| {
        psk(credentials, profile::client::PSK_TLS13, profile::server::PSK_TLS13, PskUse::Tls13Sha256)
    }),
    ("1.3 PSK alone", |credentials| {
        let (client, server) = (profile::client::PSK_TLS13, profile::server::PSK_TLS13);
        psk(credentials, client.with_groups(&[]), server.with_groups(&[]), PskUse::Tls13Sha256)
    }),
    ("1.2 pin", |credentials| pinned(credentials, profile::client::P256_TLS12, profile::server::P256_TLS12)),
    ("1.3 pin", |credentials| pinned(credentials, profile::client::P256_TLS13, profile::server::P256_TLS13)),
    ("1.2 mutual", |credentials| {
        mutual(credentials, profile::client::P256_TLS12, profile::server::P256_TLS12)
    }),
    ("1.3 mutual", |credentials| {
        mutual(credentials, profile::client::P256_TLS13, profile::server::P256_TLS13)
    }),
    ("both versions", |credentials| mutual(credentials, profile::client::P256, profile::server::P256)),
];

fn key(usage: PskUse, byte: u8) -> Psk {
    Psk::from_bytes("board", usage, &[byte; 32]).expect("a key")
}

fn psk(credentials: &Credentials, client: Profile, server: Profile, usage: PskUse) -> (Config, Config) {
    let config = |profile| credentials.config(profile).with_psk(key(usage, 7));
    (config(client), config(server))
}

fn pinned(credentials: &Credentials, client: Profile, server: Profile) -> (Config, Config) {
    let client = credentials.config(client).with_pins([credentials.server_pin]);
    (client, credentials.config(server).with_identity(credentials.server()))
}

fn mutual(credentials: &Credentials, client: Profile, server: Profile) -> (Config, Config) {
    let (client, server) = pinned(credentials, client, server);
    let server =
        server.with_pins([credentials.client_pin]).with_client_authentication(ClientAuthentication::Required);
    (client.with_identity(credentials.client()), server)
}

#[test]
fn every_way() {
    let credentials = Credentials::new();
    for (name, way) in WAYS {
        let (client, server) = way(&credentials);
        let ends = Ends::boot(client, server);
        let (client, server) = run(&ends);
        assert_eq!((client.read, server.read), (pair::LINE.to_vec(), pair::LINE.to_vec()), "{name}");
        assert_eq!((client.end, server.end), (Next::Closed, Next::Closed), "{name}");
    }
}

#[test]
fn one_byte_at_a_time() {
    let credentials = Credentials::new();
    for (name, way) in WAYS {
        let (client, server) = way(&credentials);
        let ends = Ends::boot(client, server);
        let (client, server) = run_slowly(&ends, 1, [usize::MAX; 2]);
        assert_eq!((client.read, server.read), (pair::LINE.to_vec(), pair::LINE.to_vec()), "{name}");
        assert_eq!((client.end, server.end), (Next::Closed, Next::Closed), "{name}");
    }
}

/// The power of one side is cut after so many bytes: the other side ends, with the fault that says so.
#[test]
fn cut_at_every_byte() {
    let credentials = Credentials::quick();
    for (name, way) in WAYS {
        let (client, server) = way(&credentials);
        let ends = Ends::boot(client, server);
        for is_client in [true, false] {
            let mut whole = 0;
            for cut in 0.. {
                let cuts = if is_client { [cut, usize::MAX] } else { [usize::MAX, cut] };
                let (client, server) = run_slowly(&ends, 64, cuts);
                if client.end == Next::Closed && server.end == Next::Closed {
                    whole = cut;
                    break;
                }
                for seen in [client, server] {
                    let is_cut_off = matches!(fault(&seen), Some(Fault::Truncated { .. }));
                    assert!(seen.end == Next::Closed || is_cut_off, "{name}, cut at {cut}: {:?}", seen.end);
                }
            }
            assert!(whole > 100, "{name}: {whole}");
        }
    }
}

#[test]
fn records_are_as_small_as_the_profile_says() {
    let credentials = Credentials::new();
    for bytes in [512, 1024, 2048] {
        for (client, server) in [
            (profile::client::P256_TLS12, profile::server::P256_TLS12),
            (profile::client::P256_TLS13, profile::server::P256_TLS13),
        ] {
            // One side with small buffers is enough.
            for (small_client, small_server) in [(true, false), (false, true)] {
                let sized = |profile: Profile, is_small| match is_small {
                    true => profile.with_records(bytes),
                    false => profile.with_records(16_384),
                };
                let (client, server) =
                    pinned(&credentials, sized(client, small_client), sized(server, small_server));
                let ends = Ends::boot(client, server);
                let longest = pair::longest_record_of_bulk(&ends);
                assert!(longest <= usize::from(bytes) + 29 && longest > 300, "{bytes}: {longest}");
            }
        }
    }
}

#[test]
fn a_wrong_key_fails_on_both_sides_with_the_alert() {
    use handclasp_codec::AlertDescription;
    for (client, server, usage, alert) in [
        // The server decrypts the client's Finished with other keys (RFC 4279 §2), and finds a wrong
        // binder (RFC 8446 §4.2.11).
        (
            profile::client::PSK_TLS12,
            profile::server::PSK_TLS12,
            PskUse::Tls12,
            AlertDescription::bad_record_mac,
        ),
        (
            profile::client::PSK_TLS13,
            profile::server::PSK_TLS13,
            PskUse::Tls13Sha256,
            AlertDescription::decrypt_error,
        ),
    ] {
        let client = Config::new(client).with_psk(key(usage, 7));
        let server = Config::new(server).with_psk(key(usage, 8));
        let (client, server) = run(&Ends::boot(client, server));
        assert_eq!(client.end, Next::Failed(Fault::PeerAlert(alert).code()));
        let Next::Failed(fault) = server.end else { panic!("{:?}", server.end) };
        assert_eq!(fault.alert(), Some(alert));
        // What goes over the serial line of the board.
        let mut lines = handclasp_report::ReportLines::default();
        let reports: Vec<_> = server.report.lines().filter_map(|line| lines.push(line).unwrap()).collect();
        assert_eq!(reports.len(), 1);
        assert_eq!(reports[0].why(), Some(fault.fault()));
    }
}

#[test]
fn another_certificate_than_the_pinned_one_is_refused() {
    let credentials = Credentials::new();
    for (client, server) in [
        (profile::client::P256_TLS12, profile::server::P256_TLS12),
        (profile::client::P256_TLS13, profile::server::P256_TLS13),
    ] {
        let client = Config::new(client).with_pins([credentials.client_pin]);
        let server = Config::new(server).with_identity(credentials.server());
        let (client, _) = run(&Ends::boot(client, server));
        let Some(Fault::Certificate(fault)) = fault(&client) else { panic!("{:?}", client.end) };
        assert!(matches!(fault, CertificateFault::PinMismatch), "{fault:?}");
    }
}

#[test]
fn trust_is_needed_to_accept_a_certificate() {
    let credentials = Credentials::new();
    let client = Config::new(profile::client::P256);
    let server = Config::new(profile::server::P256).with_identity(credentials.server());
    let (client, _) = run(&Ends::boot(client, server));
    assert_eq!(client.end, Next::Failed(Fault::Certificate(CertificateFault::NotConfigured).code()));
}

#[test]
fn a_client_without_a_certificate_is_refused_where_one_is_required() {
    let credentials = Credentials::new();
    for (client, server) in [
        (profile::client::P256_TLS12, profile::server::P256_TLS12),
        (profile::client::P256_TLS13, profile::server::P256_TLS13),
    ] {
        let (_, server) = mutual(&credentials, client, server);
        let client = Config::new(client).with_pins([credentials.server_pin]);
        let (client, server) = run(&Ends::boot(client, server));
        assert!(matches!(fault(&client), Some(Fault::PeerAlert(_))), "{:?}", client.end);
        assert!(matches!(fault(&server), Some(Fault::NoCertificate { .. })), "{:?}", server.end);
    }
}

#[test]
fn a_key_of_another_certificate_does_not_start() {
    let credentials = Credentials::new();
    let [server, client] = [&credentials.server_issued, &credentials.client_issued];
    let crossed = Identity::load(
        server.chain.clone(),
        handclasp_device::KeyEncoding::Pkcs8,
        &client.key,
        handclasp_device::algorithms::KEYS_SHA256,
        handclasp_device::algorithms::ECDSA_P256_SHA256,
    );
    assert_eq!(crossed.err(), Some(BootError::KeyMismatch));
    let der = Vec::leak(server.chain[0].to_vec());
    assert_eq!(Identity::p256(&[der], &client.key).err(), Some(BootError::KeyMismatch));
    assert!(Identity::p256(&[der], &server.key).is_ok());
    assert_eq!(Identity::p256(&[b"not DER"], &server.key).err(), Some(BootError::Certificate { index: 0 }));
    assert_eq!(Identity::p256(&[], &server.key).err(), Some(BootError::NoCertificate));
    assert!(matches!(Identity::p256(&[], b"key"), Err(BootError::Key(_))));
}

#[test]
fn a_board_without_random_numbers_does_not_start() {
    struct Dead;
    impl handclasp_device::Random for Dead {
        fn fill(&mut self, out: &mut [u8]) -> Result<(), handclasp_device::RandomFailed> {
            out.fill(0);
            Ok(())
        }
    }
    let config = || Config::new(profile::client::PSK_TLS12).with_psk(key(PskUse::Tls12, 1));
    assert_eq!(handclasp_device::Client::boot(config(), &mut Dead).err(), Some(BootError::RandomConstant));
    assert!(handclasp_device::Client::boot(config(), &mut Seeded(1)).is_ok());
}
