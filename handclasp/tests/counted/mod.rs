//! Two ends in one thread, without sockets: a P-256 certificate of a root, TLS 1.3, X25519, and
//! every need answered as the public API does it: the whole path verified, a real signature.

use std::time::SystemTime;

use handclasp::{Identity, Roots, SHA256, SystemRandom, Trust};
use handclasp_connection::{Config, Connection, Context};
use handclasp_crypto::KeyKind;
use handclasp_handshake::{
    Answer, Certificates, ClientStart, Credential, ExtendedMasterSecret, Need, PeerIdentity, Versions,
};
use handclasp_identity::{Authority, CertificateParams, Usage, Validity};
use handclasp_provider_aws_lc as aws_lc;
use handclasp_trust::{Name, Role, VerifyOptions};
use rustls_pki_types::UnixTime;

pub const NAME: &str = "device.test";

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs()
}

/// A P-256 certificate of a P-256 root, and who believes that root.
pub fn credentials() -> (Identity, Trust) {
    let validity = Validity::starting_now();
    let root = Authority::new("allocations", validity, KeyKind::P256).expect("made");
    let issue = CertificateParams::new(&[NAME]).with_validity(validity).with_usage(Usage::Server);
    let leaf = root.issue(&issue).expect("issued");
    let roots = Roots::from_der(&[root.certificate().clone()]).expect("a root");
    (leaf.identity().expect("loads"), Trust::WebPki(roots))
}

/// What both ends are configured with.
pub fn config() -> Config {
    Config::new(handclasp_handshake::Config {
        generation: 1,
        versions: Versions::ALL,
        suites: vec![&aws_lc::TLS_AES_128_GCM_SHA256].into(),
        groups: vec![aws_lc::X25519].into(),
        shares: 1,
        verify: aws_lc::VERIFY.into(),
        alpn: Vec::new(),
        extended_master_secret: ExtendedMasterSecret::Required,
        has_psk: false,
        has_credential: true,
        certificates: Certificates::default(),
        extensions: Default::default(),
        key_log: false,
        resumption: Default::default(),
    })
}

/// Calls with what a connection is given.
pub fn with<R>(config: &Config, body: impl FnOnce(&mut Context<'_>) -> R) -> R {
    body(&mut Context { config, now: now(), random: &mut SystemRandom })
}

/// A client and a server.
pub struct Pair<'a> {
    pub client: Connection,
    pub server: Connection,
    pub config: &'a Config,
}

impl<'a> Pair<'a> {
    /// Both, connected.
    pub fn connected(config: &'a Config, identity: &Identity, trust: &Trust) -> Self {
        Self::connected_seen(config, identity, trust, |_| {})
    }

    /// As [`Pair::connected`]; `seen` is shown what the server sends.
    pub fn connected_seen(
        config: &'a Config,
        identity: &Identity,
        trust: &Trust,
        mut seen: impl FnMut(&[u8]),
    ) -> Self {
        let start = ClientStart { server_name: Some(NAME), ..ClientStart::default() };
        let client = with(config, |context| Connection::client(context, start)).expect("a client");
        let server = with(config, Connection::server).expect("a server");
        let mut pair = Self { client, server, config };
        while pair.client.connected().is_none() || pair.server.connected().is_none() {
            pass(config, &mut pair.client, &mut pair.server);
            pair.prove(identity);
            seen(pair.server.transmit());
            pass(config, &mut pair.server, &mut pair.client);
            pair.judge(trust);
        }
        pair
    }

    /// The server shows its certificate and signs.
    fn prove(&mut self, identity: &Identity) {
        while let Some(need) = self.server.need() {
            let signature;
            let answer = match need {
                Need::Credential(_) => Answer::Credential(Some(Credential::x509(
                    identity.chain(),
                    identity.key_kind(),
                    identity.schemes(),
                ))),
                Need::Signature { scheme, message } => {
                    signature = identity.sign(scheme, message, &mut SystemRandom).expect("signs");
                    Answer::Signature(&signature)
                }
                other => panic!("this server needs no more: {other:?}"),
            };
            with(self.config, |context| self.server.answer(context, answer)).expect("goes on");
        }
    }

    /// The client judges it.
    fn judge(&mut self, trust: &Trust) {
        while let Some(need) = self.client.need() {
            let Need::PeerCertificate { der, last: true, .. } = need else { panic!("one certificate") };
            let name = Name::parse(NAME).expect("a name");
            let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(now()));
            let options = VerifyOptions::new(Role::Server, now, &self.config.handshake.verify, SHA256)
                .with_name(Some(&name));
            let peer = trust.verify_chain(&[der], &options).expect("trusted");
            let identity = PeerIdentity::new(peer.pin.0, peer.not_after.map(|time| time.as_secs()));
            let answer = Answer::PeerAccepted { spki: &peer.spki, identity };
            with(self.config, |context| self.client.answer(context, answer)).expect("goes on");
        }
    }
}

/// Carries what waits at one end to the other.
pub fn pass(config: &Config, from: &mut Connection, to: &mut Connection) {
    let bytes = from.transmit();
    if !bytes.is_empty() {
        with(config, |context| to.receive(context, bytes)).expect("is taken");
        let count = bytes.len();
        from.transmitted(count);
    }
}
