//! Programs without some capabilities: settings that need what is off are refused at the start, and peers
//! that need it are answered as the RFCs say. With every capability the same settings are taken.

use handclasp_codec::AlertDescription;
use handclasp_crypto::SharedSecret;
use handclasp_handshake::{
    Actions, ClientAuthentication, ClientPsk, ClientStart, Config, Context, Handshake, ImportedPsk, PskHash,
};
use handclasp_provider_aws_lc as aws;
use handclasp_report::{Capability, Fault, Misuse, Report, Side};

use crate::{
    built::{CBC, built},
    fake13::Fake13,
    setup::{NO_PSK, WITH_PSK, config, messages, start, try_start},
};

/// A change of a configuration that asks for a capability.
type Ask = fn(&mut Config);

/// Settings of either side.
const EITHER: &[(Capability, Ask)] = &[
    (Capability::Ecdhe, |config| config.groups = aws::GROUPS.into()),
    (Capability::Cbc, |config| config.suites.to_mut().push(&CBC)),
    (Capability::Tickets, |config| config.resumption.tickets = 1),
    (Capability::KeyLog, |config| config.key_log = true),
    (Capability::HostExtensions, |config| config.alpn = vec![b"mqtt".to_vec()]),
    (Capability::HostExtensions, |config| config.extensions.status_request = true),
    (Capability::HostExtensions, |config| config.certificates.authorities = vec![vec![0x30, 0]]),
    (Capability::HostExtensions, |config| {
        config.certificates.peer_types = vec![handclasp_codec::CertificateType::RawPublicKey];
    }),
];

/// Settings of a client.
const CLIENT: &[(Capability, Ask)] = &[
    (Capability::Certificates, |config| config.verify = aws::VERIFY.into()),
    (Capability::Retry, |config| config.shares = 0),
];

/// Settings of a server.
const SERVER: &[(Capability, Ask)] = &[
    (Capability::Certificates, |config| config.has_credential = true),
    (Capability::Psk, |config| config.has_psk = true),
    (Capability::Retry, |config| {
        config.extensions.cookie_secret =
            Some(SharedSecret::from_bytes(b"thirty-two bytes of a shared key").unwrap());
    }),
    (Capability::ClientAuth, |config| {
        config.certificates.client_authentication = ClientAuthentication::Offered;
    }),
];

/// Whether the setting is refused for the capability, if and only if the program is built without it.
fn check(needed: Capability, outcome: Result<(), Fault>) {
    let refused = outcome == Err(Fault::Misuse(Misuse::NotBuilt(needed)));
    assert_eq!(refused, !built(needed.feature()), "{needed:?}: {outcome:?}");
}

/// A server of this configuration.
fn server(config: &Config) -> Result<(), Fault> {
    let (mut report, mut actions) = (Report::new(Side::Server), Actions::default());
    let random = &mut aws::SystemRandom;
    let mut context = Context { config, now: 0, random, report: &mut report, actions: &mut actions };
    Handshake::server(&mut context).map(|_| ()).map_err(|failed| context.report.fault_of(failed))
}

/// A client of this configuration.
fn client(config: Config, start: ClientStart<'_>) -> Result<(), Fault> {
    try_start(config, start, &mut aws::SystemRandom).map(|_| ())
}

#[test]
fn settings_that_need_what_is_off_are_refused() {
    for (needed, ask) in EITHER.iter().chain(CLIENT) {
        let mut config = config();
        ask(&mut config);
        // Without a group there is no share to leave out.
        if *needed != Capability::Retry || built("ecdhe") {
            check(*needed, client(config, ClientStart::default()));
        }
    }
    for (needed, ask) in EITHER.iter().chain(SERVER) {
        let mut config = config();
        ask(&mut config);
        check(*needed, server(&config));
    }
    check(Capability::Psk, client(config(), WITH_PSK));
    let also = ImportedPsk { identity: b"also", secret: &[1; 32], hash: PskHash::Sha384 };
    let psk = WITH_PSK.psk.map(|psk| ClientPsk { also: Some(also), ..psk });
    if built("psk") {
        check(Capability::HostExtensions, client(config(), ClientStart { psk, ..WITH_PSK }));
    }
}

#[test]
fn the_alert_of_what_is_not_built() {
    let fault = Fault::Misuse(Misuse::NotBuilt(Capability::Retry));
    assert_eq!(fault.alert(), Some(AlertDescription::handshake_failure));
    assert_eq!(
        fault.to_string(),
        "Our program is built without the cargo feature `retry`, which this configuration or peer needs."
    );
}

/// A HelloRetryRequest with a cookie may come whatever shares were sent (RFC 8446 §4.1.4).
#[cfg(all(feature = "ecdhe", any(feature = "certificates", feature = "psk")))]
#[test]
fn a_hello_retry_request() {
    let start_with = if built("certificates") { NO_PSK } else { WITH_PSK };
    let (mut tested, hello) = start(config(), start_with);
    let mut server = Fake13::new(&hello);
    let retry = server.retry(None, |retry| {
        retry.set(handclasp_codec::ExtensionType::cookie, vec![0, 1, 9]);
    });
    match built("retry") {
        true => assert_eq!(messages(&tested.message(&retry).unwrap()).len(), 1, "a second ClientHello"),
        false => tested.refuses(&retry, Fault::Misuse(Misuse::NotBuilt(Capability::Retry))),
    }
}

/// A client that cannot send a certificate answers a CertificateRequest with an empty list (RFC 5246
/// §7.4.6, RFC 8446 §4.4.2), and is not asked for one by its machine.
#[cfg(all(feature = "certificates", not(feature = "client-auth")))]
#[test]
fn a_request_for_a_certificate() {
    use handclasp_codec::{ClientCertificateType, HandshakeType};
    use handclasp_crypto::KeyKind;

    use crate::{
        fake12::Fake12,
        setup::{key, only12},
    };
    let schemes = key(KeyKind::P256).schemes();

    let (mut tested, hello) = start(config(), NO_PSK);
    let mut server = Fake13::new(&hello);
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    tested.message(&server.certificate_request(schemes)).unwrap();
    tested.message(&server.certificate()).unwrap();
    tested.accept(KeyKind::P256).unwrap();
    tested.message(&server.certificate_verify(KeyKind::P256, schemes[0])).unwrap();
    let flight = messages(&tested.message(&server.finished()).unwrap());
    assert_eq!(flight[0], [HandshakeType::certificate.0, 0, 0, 4, 0, 0, 0, 0]);
    assert_eq!(flight[1][0], HandshakeType::finished.0);
    assert!(tested.client.is_connected());

    let (mut tested, hello) = start(only12(), NO_PSK);
    let mut server = Fake12::new(&hello);
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.certificate()).unwrap();
    tested.accept(KeyKind::P256).unwrap();
    tested.message(&server.server_key_exchange(KeyKind::P256)).unwrap();
    let kinds = [ClientCertificateType::ecdsa_sign];
    tested.message(&server.certificate_request(&kinds, schemes)).unwrap();
    let flight = messages(&tested.message(&server.server_hello_done()).unwrap());
    assert_eq!(flight[0], [HandshakeType::certificate.0, 0, 0, 3, 0, 0, 0]);
    server.client_flight(&flight, Some(None));
}
