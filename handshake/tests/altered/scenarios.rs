//! Kinds of handshakes: versions, proofs, retries, pre-shared keys, sessions.

use handclasp_codec::ProtocolVersion;
use handclasp_crypto::KeyKind;
use handclasp_handshake::{
    Certificates, ClientAuthentication, ClientPsk, Config, ExtendedMasterSecret, Extensions, PskHash,
    Resumption, Session, Versions,
};
use handclasp_provider_aws_lc as aws_lc;

pub const SERVER_NAME: &str = "altered.test";

/// A pre-shared key of both ends.
#[derive(Clone, Copy)]
pub struct Psk {
    pub identity: &'static [u8],
    pub secret: &'static [u8],
    pub hash: PskHash,
    pub imported: bool,
    tls12: bool,
}

impl Psk {
    pub fn for_client(self) -> ClientPsk<'static> {
        ClientPsk {
            identity: self.identity,
            secret: self.secret,
            tls13: (!self.tls12).then_some(self.hash),
            tls12: self.tls12,
            imported: self.imported,
            also: None,
        }
    }
}

pub struct Scenario {
    pub name: String,
    pub client: Config,
    pub server: Config,
    pub server_kind: KeyKind,
    /// The key of the client's certificate, where it is asked for one.
    pub client_kind: Option<KeyKind>,
    pub psk: Option<Psk>,
    pub session: Option<Session>,
}

impl Scenario {
    /// The same, with a session of it on offer.
    pub fn resuming(&self, session: Session) -> Self {
        Self {
            name: format!("resumed: {}", self.name),
            client: self.client.clone(),
            server: self.server.clone(),
            session: Some(session),
            ..*self
        }
    }
}

/// How the first ClientHello is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Retry {
    No,
    State,
    Cookie,
}

fn config(versions: &[ProtocolVersion]) -> Config {
    let suites = aws_lc::ALL_SUITES.iter().copied();
    Config {
        generation: 1,
        versions: Versions::ALL,
        suites: suites.filter(|suite| versions.contains(&suite.version())).collect::<Vec<_>>().into(),
        groups: aws_lc::GROUPS.into(),
        shares: 1,
        verify: aws_lc::VERIFY.into(),
        alpn: vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        extended_master_secret: ExtendedMasterSecret::Required,
        has_psk: false,
        has_credential: false,
        certificates: Certificates::default(),
        extensions: Extensions::default(),
        key_log: false,
        resumption: Resumption { tickets: 1, lifetime: 3600, trust_generation: [1; 32] },
    }
}

fn pair(versions: &[ProtocolVersion], retry: Retry) -> (Config, Config) {
    let (mut client, mut server) = (config(versions), config(versions));
    if retry != Retry::No {
        client.shares = 0;
    }
    if retry == Retry::Cookie {
        let bytes = b"a secret of servers, 32 bytes....";
        server.extensions.cookie_secret = handclasp_crypto::SharedSecret::from_bytes(bytes).ok();
    }
    (client, server)
}

/// All kinds.
pub fn all() -> Vec<Scenario> {
    use ProtocolVersion as V;
    let mut all = Vec::new();
    let retries = [Retry::No, Retry::State, Retry::Cookie];
    for (name, versions, retries) in [
        ("TLS 1.3", &[V::TLS_1_3][..], &retries[..]),
        ("TLS 1.2", &[V::TLS_1_2], &[Retry::No]),
        ("either", &[V::TLS_1_3, V::TLS_1_2], &retries),
    ] {
        for server_kind in [KeyKind::P256, KeyKind::Rsa] {
            for client_kind in [None, Some(KeyKind::P256), Some(KeyKind::Rsa)] {
                for retry in retries {
                    let (client, mut server) = pair(versions, *retry);
                    server.has_credential = true;
                    if client_kind.is_some() {
                        server.certificates.client_authentication = ClientAuthentication::Required;
                    }
                    let name = format!(
                        "{name} certificate {server_kind:?}, client {client_kind:?}, retry {retry:?}"
                    );
                    let (psk, session) = (None, None);
                    all.push(Scenario { name, client, server, server_kind, client_kind, psk, session });
                }
            }
        }
    }
    for hash in [PskHash::Sha256, PskHash::Sha384] {
        for imported in [false, true] {
            for retry in retries {
                let (client, server) = pair(&[V::TLS_1_3], retry);
                let name = format!("TLS 1.3 key {hash:?}, imported {imported}, retry {retry:?}");
                all.push(of_psk(name, client, server, psk(hash, imported, false)));
            }
        }
    }
    let (client, server) = pair(&[V::TLS_1_2], Retry::No);
    all.push(of_psk("TLS 1.2 key".into(), client, server, psk(PskHash::Sha256, false, true)));
    all
}

fn psk(hash: PskHash, imported: bool, tls12: bool) -> Psk {
    Psk { identity: b"device", secret: b"thirty-two bytes of a shared key", hash, imported, tls12 }
}

fn of_psk(name: String, client: Config, mut server: Config, psk: Psk) -> Scenario {
    server.has_psk = true;
    let (server_kind, client_kind) = (KeyKind::P256, None);
    Scenario { name, client, server, server_kind, client_kind, psk: Some(psk), session: None }
}
