//! A client and a server in memory, with real cryptography and a stream that a test may split, join and
//! edit.
#![allow(dead_code, reason = "each test program uses its part")]

pub mod raw;

use handclasp_codec::SignatureScheme;
use handclasp_connection::{Config, Connection, Context};
use handclasp_crypto::{KeyEncoding, KeyKind, SigningKey, Suite};
use handclasp_handshake::{
    Answer, Certificates, ClientPsk, ClientStart, Credential, ExtendedMasterSecret, Need, OpenedTicket,
    PeerIdentity, PskAnswer, PskHash, Session, Versions,
};
use handclasp_provider_aws_lc as aws_lc;
use handclasp_report::Fault;
use rustls_pki_types::CertificateDer;

pub const IDENTITY: &[u8] = b"pair";
pub const KEY: &[u8] = b"the key that both of the pair hold";

/// How the server of a pair authenticates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
    Certificate(KeyKind),
    Psk,
}

/// Both connections and their configurations.
pub struct Pair {
    pub client: Connection,
    pub server: Connection,
    pub client_config: Config,
    pub server_config: Config,
    signer: Box<dyn SigningKey>,
    kind: KeyKind,
    /// The client's key, for a server that requests a certificate; `None` unless a test sets it.
    pub client_key: Option<(Box<dyn SigningKey>, KeyKind)>,
    /// Length of the server's tickets in bytes, if they are not the sessions themselves.
    pub ticket_length: Option<usize>,
}

/// Returns a configuration with these suites, all groups and all schemes.
pub fn config(suites: &[&'static Suite]) -> Config {
    Config::new(handclasp_handshake::Config {
        generation: 1,
        versions: Versions::ALL,
        suites: suites.to_vec().into(),
        // In TLS 1.2 a P-384 certificate requires its curve to be offered (RFC 8422 §5.1).
        groups: vec![aws_lc::X25519, aws_lc::SECP256R1, aws_lc::SECP384R1].into(),
        shares: 1,
        verify: aws_lc::VERIFY.into(),
        alpn: Vec::new(),
        extended_master_secret: ExtendedMasterSecret::Required,
        has_psk: false,
        has_credential: false,
        certificates: Certificates::default(),
        extensions: Default::default(),
        key_log: false,
        resumption: Default::default(),
    })
}

pub fn signer(kind: KeyKind) -> Box<dyn SigningKey> {
    let pkcs8 = aws_lc::KEYS.generate(kind, &mut aws_lc::SystemRandom).expect("a key");
    aws_lc::KEYS.load(KeyEncoding::Pkcs8, &pkcs8).expect("loads")
}

fn context<'g>(config: &'g Config, random: &'g mut aws_lc::SystemRandom) -> Context<'g> {
    Context { config, now: 1_800_000_000, random }
}

/// Calls `body` with a context.
pub fn with<R>(config: &Config, body: impl FnOnce(&mut Context<'_>) -> R) -> R {
    body(&mut context(config, &mut aws_lc::SystemRandom))
}

impl Pair {
    pub fn new(client_config: Config, server_config: Config, proof: Proof) -> Self {
        Self::resuming(client_config, server_config, proof, None)
    }

    /// As [`Pair::new`], with a session that the client offers.
    pub fn resuming(
        client_config: Config,
        mut server_config: Config,
        proof: Proof,
        session: Option<&Session>,
    ) -> Self {
        let is_tls13 =
            client_config.handshake.suites[0].version() == handclasp_codec::ProtocolVersion::TLS_1_3;
        let psk = ClientPsk {
            identity: IDENTITY,
            secret: KEY,
            tls13: is_tls13.then_some(PskHash::Sha256),
            tls12: !is_tls13,
            imported: false,
            also: None,
        };
        let (psk, kind) = match proof {
            Proof::Psk => (Some(psk), KeyKind::P256),
            Proof::Certificate(kind) => (None, kind),
        };
        server_config.handshake.has_psk = proof == Proof::Psk;
        server_config.handshake.has_credential = proof != Proof::Psk;
        let start = ClientStart { server_name: Some("pair.test"), psk, session };
        Self {
            client: with(&client_config, |context| Connection::client(context, start)).expect("a client"),
            server: with(&server_config, Connection::server).expect("a server"),
            client_config,
            server_config,
            signer: signer(kind),
            kind,
            client_key: None,
            ticket_length: None,
        }
    }

    /// Delivers `bytes` to the server in pieces of `piece` bytes and answers its needs.
    pub fn deliver_to_server(&mut self, bytes: &[u8], piece: usize) -> Result<(), Fault> {
        for chunk in bytes.chunks(piece) {
            with(&self.server_config, |context| self.server.receive(context, chunk))?;
            self.answer_server()?;
        }
        Ok(())
    }

    /// Delivers `bytes` to the client in pieces of `piece` bytes and answers its needs.
    pub fn deliver_to_client(&mut self, bytes: &[u8], piece: usize) -> Result<(), Fault> {
        for chunk in bytes.chunks(piece) {
            with(&self.client_config, |context| self.client.receive(context, chunk))?;
            self.answer_client()?;
        }
        Ok(())
    }

    pub fn take_from_client(&mut self) -> Vec<u8> {
        let bytes = self.client.transmit().to_vec();
        self.client.transmitted(bytes.len());
        bytes
    }

    pub fn take_from_server(&mut self) -> Vec<u8> {
        let bytes = self.server.transmit().to_vec();
        self.server.transmitted(bytes.len());
        bytes
    }

    /// Runs the whole handshake, with each flight in pieces.
    pub fn shake(&mut self, piece: usize) -> Result<(), Fault> {
        for _ in 0..10 {
            let bytes = self.take_from_client();
            self.deliver_to_server(&bytes, piece)?;
            let bytes = self.take_from_server();
            self.deliver_to_client(&bytes, piece)?;
            if self.client.transmit().is_empty() && self.server.transmit().is_empty() {
                break;
            }
        }
        assert!(self.client.connected().is_some() && self.server.connected().is_some());
        Ok(())
    }

    fn answer_client(&mut self) -> Result<(), Fault> {
        let chain = [vec![0x32; 600], vec![0x33; 800]].map(CertificateDer::from);
        while let Some(need) = self.client.need() {
            let signature;
            let answer = match need {
                Need::Credential(_) => Answer::Credential(
                    self.client_key
                        .as_ref()
                        .map(|(key, kind)| Credential::x509(&chain, *kind, key.schemes())),
                ),
                Need::Signature { scheme, message } => {
                    let (key, _) = self.client_key.as_ref().expect("the client has a key");
                    signature = key.sign(scheme, message, &mut aws_lc::SystemRandom).expect("signs");
                    Answer::Signature(&signature)
                }
                Need::PeerCertificate { last: true, .. } => Answer::PeerAccepted {
                    spki: self.signer.public_key(),
                    identity: PeerIdentity::new([7; 32], None),
                },
                Need::PeerCertificate { .. } => Answer::CertificateNoted,
                other => panic!("unexpected need of a client: {other:?}"),
            };
            with(&self.client_config, |context| self.client.answer(context, answer))?;
        }
        Ok(())
    }

    fn answer_server(&mut self) -> Result<(), Fault> {
        let chain = [vec![0x30; 700], vec![0x31; 900]].map(CertificateDer::from);
        let schemes: Vec<SignatureScheme> = self.signer.schemes().to_vec();
        while let Some(need) = self.server.need() {
            let (signature, bytes);
            let answer = match need {
                Need::Credential { .. } => {
                    Answer::Credential(Some(Credential::x509(&chain, self.kind, &schemes)))
                }
                Need::Signature { scheme, message } => {
                    signature = self.signer.sign(scheme, message, &mut aws_lc::SystemRandom).expect("signs");
                    Answer::Signature(&signature)
                }
                Need::Psk { identities, .. } => {
                    let found = identities.iter().find(|(_, identity)| *identity == IDENTITY);
                    // Tickets come before the key.
                    match (found, identities.iter().next()) {
                        (_, Some((index, session))) if session != IDENTITY => {
                            bytes = session.to_vec();
                            opened(index, &bytes)
                        }
                        (found, _) => Answer::Psk(found.map(|(index, _)| PskAnswer {
                            index,
                            secret: KEY,
                            hash: PskHash::Sha256,
                            imported: false,
                        })),
                    }
                }
                // Tickets are not encrypted here: the session itself is the ticket.
                Need::Ticket { ticket } => {
                    bytes = ticket.to_vec();
                    opened(0, &bytes)
                }
                Need::SealTicket { session } => {
                    let mut ticket = session.0.to_vec();
                    if let Some(length) = self.ticket_length {
                        ticket.resize(length, 0);
                    }
                    bytes = ticket;
                    Answer::Ticket(Some(&bytes))
                }
                Need::PeerCertificate { last: true, .. } => Answer::PeerAccepted {
                    spki: self.client_key.as_ref().expect("the client has a key").0.public_key(),
                    identity: PeerIdentity::new([8; 32], None),
                },
                Need::PeerCertificate { .. } => Answer::CertificateNoted,
                other => panic!("unexpected need of a server: {other:?}"),
            };
            with(&self.server_config, |context| self.server.answer(context, answer))?;
        }
        Ok(())
    }
}

fn opened(index: usize, session: &[u8]) -> Answer<'_> {
    Answer::Session(Some(OpenedTicket { index, session, renew: true, confirm: false }))
}

/// Every suite with a way to authenticate that fits it.
pub fn all() -> Vec<(&'static Suite, Proof)> {
    use handclasp_crypto::{Authentication, KeyExchangeAlgorithm};
    aws_lc::ALL_SUITES
        .iter()
        .flat_map(|suite| match suite.exchange {
            KeyExchangeAlgorithm::Tls13 if suite.hash.output_len() == 32 => {
                vec![(*suite, Proof::Certificate(KeyKind::P256)), (*suite, Proof::Psk)]
            }
            KeyExchangeAlgorithm::Tls13 => vec![(*suite, Proof::Certificate(KeyKind::Ed25519))],
            KeyExchangeAlgorithm::Ecdhe(Authentication::Ecdsa) => {
                vec![(*suite, Proof::Certificate(KeyKind::P384))]
            }
            KeyExchangeAlgorithm::Ecdhe(Authentication::Rsa) => {
                vec![(*suite, Proof::Certificate(KeyKind::Rsa))]
            }
            KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::EcdhePsk => vec![(*suite, Proof::Psk)],
        })
        .collect()
}
