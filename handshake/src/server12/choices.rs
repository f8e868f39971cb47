//! What a server of TLS 1.2 chooses from a ClientHello: the suites that both sides can complete, and
//! what each of them takes (RFC 5246 §7.4.1.3, RFC 8422 §4, RFC 4279 §2). The choices are made once,
//! while the hello is decoded; the states hold them.

use alloc::vec::Vec;

use handclasp_codec::{CipherSuite, ClientHello, ECPointFormat, Field, ProtocolVersion};
use handclasp_crypto::{Authentication, KeyExchange, KeyExchangeAlgorithm, KeyKind, Suite};
use handclasp_report::Fault;

use crate::{
    Config, ExtendedMasterSecret, capability,
    certificates::{self, Requested},
    extensions::{Records, answer_records},
    negotiate,
};

/// The choices of a connection, whether it resumes a session or not.
pub(super) struct Choices {
    /// The full handshake, or why there can be none.
    pub(super) full: Result<Full, Fault>,
    /// The application protocol.
    pub(super) alpn: Option<Vec<u8>>,
    /// The answer about the size of records.
    pub(super) records: Records,
    /// The certificate to request from the client of a server that shows one.
    pub(super) requested: Result<Option<Requested>, Fault>,
    /// Whether both sides do extended_master_secret (RFC 7627).
    pub(super) extended_master_secret: bool,
    /// Whether the client offers encrypt_then_mac (RFC 7366).
    pub(super) encrypt_then_mac: bool,
    /// Whether the client does RFC 5746, by either signal (§3.3, §3.4 there).
    pub(super) renegotiation_info: bool,
    /// Whether the client offers ec_point_formats.
    pub(super) ec_point_formats: bool,
    /// Whether the client does tickets (RFC 5077).
    pub(super) session_ticket: bool,
}

/// A full handshake, by the first suite of ours that both sides can complete.
#[derive(Clone, Copy)]
pub(super) enum Full {
    /// With a certificate, or with a pre-shared key if the caller has no certificate that fits.
    Certificate(CertificateSuites, Option<PskSuite>),
    /// With a pre-shared key.
    Psk(PskSuite),
}

/// Suites of ECDHE with a certificate, by the kind of its key.
#[derive(Clone, Copy)]
pub(super) struct CertificateSuites {
    pub(super) on: capability::Certificates,
    pub(super) group: &'static dyn KeyExchange,
    /// For EC and EdDSA keys.
    pub(super) ecdsa: Option<&'static Suite>,
    /// For RSA keys.
    pub(super) rsa: Option<&'static Suite>,
}

/// A suite with a pre-shared key.
#[derive(Clone, Copy)]
pub(super) enum PskSuite {
    /// With the key alone (RFC 4279 §2).
    Plain(capability::Psk, &'static Suite),
    /// With ECDHE in this group (RFC 5489).
    Ecdhe(capability::Psk, &'static Suite, &'static dyn KeyExchange),
}

impl Choices {
    /// Checks a hello and chooses.
    ///
    /// # Errors
    /// What the RFCs forbid in a ClientHello; no application protocol in common.
    pub(super) fn of(config: &Config, hello: &ClientHello<'_>) -> Result<Self, Fault> {
        let records = check(config, hello)?;
        let offer = &hello.extensions;
        let full = full(config, hello);
        let alpn = match negotiate::alpn(config, offer.application_layer_protocol_negotiation) {
            Ok(alpn) => alpn,
            // A missing suite comes first, if both are missing.
            Err(fault) => return Err(full.err().unwrap_or(fault)),
        };
        Ok(Self {
            full,
            alpn,
            records,
            requested: certificates::requested(config, hello),
            extended_master_secret: offer.extended_master_secret.is_some(),
            encrypt_then_mac: offer.encrypt_then_mac.is_some(),
            renegotiation_info: offer.renegotiation_info.is_some()
                || hello.cipher_suites.contains(&CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV),
            ec_point_formats: offer.ec_point_formats.is_some(),
            session_ticket: offer.session_ticket.is_some(),
        })
    }
}

impl CertificateSuites {
    /// Adds a suite, unless a better one for the same kind of key is there.
    fn add(&mut self, by: Authentication, suite: &'static Suite) {
        let slot = match by {
            Authentication::Ecdsa => &mut self.ecdsa,
            Authentication::Rsa => &mut self.rsa,
        };
        slot.get_or_insert(suite);
    }

    /// The suite that a key of this kind authenticates.
    pub(super) fn suite(&self, key: KeyKind) -> Option<&'static Suite> {
        match Authentication::of(key) {
            Authentication::Ecdsa => self.ecdsa,
            Authentication::Rsa => self.rsa,
        }
    }
}

/// The rules about a ClientHello of TLS 1.2; the answer about the size of records.
fn check(config: &Config, hello: &ClientHello<'_>) -> Result<Records, Fault> {
    if !hello.legacy_compression_methods.contains(&0) {
        return Err(Fault::NoNullCompression);
    }
    // RFC 8422 §5.1.2
    if let Some(formats) = &hello.extensions.ec_point_formats
        && !formats.ec_point_format_list.contains(&ECPointFormat::uncompressed)
    {
        return Err(Fault::IllegalParameter(Field::ec_point_formats));
    }
    let records = answer_records(config, ProtocolVersion::TLS_1_2, hello)?;
    // RFC 5746 §3.6: a first handshake has nothing to renegotiate.
    if let Some(info) = &hello.extensions.renegotiation_info
        && !info.renegotiated_connection.is_empty()
    {
        return Err(Fault::RenegotiationInfo);
    }
    match config.extended_master_secret {
        ExtendedMasterSecret::Required if hello.extensions.extended_master_secret.is_none() => {
            Err(Fault::NoExtendedMasterSecret)
        }
        ExtendedMasterSecret::Required | ExtendedMasterSecret::Offered => Ok(records),
    }
}

/// One suite that both sides can complete.
enum Candidate {
    Certificate(capability::Certificates, Authentication, &'static Suite, &'static dyn KeyExchange),
    Psk(PskSuite),
}

/// The first candidate decides how the server authenticates; those behind it give alternatives.
///
/// # Errors
/// What every suite lacks, as specific as possible.
fn full(config: &Config, hello: &ClientHello<'_>) -> Result<Full, Fault> {
    let group = group(config, hello);
    let mut full = None;
    for candidate in candidates(config, hello, group) {
        let next = match (full, candidate) {
            (None, Candidate::Psk(suite)) | (Some(Full::Psk(suite)), _) => Full::Psk(suite),
            (None, Candidate::Certificate(on, by, suite, group)) => {
                let mut suites = CertificateSuites { on, group, ecdsa: None, rsa: None };
                suites.add(by, suite);
                Full::Certificate(suites, None)
            }
            (Some(Full::Certificate(mut suites, psk)), Candidate::Certificate(_, by, suite, _)) => {
                suites.add(by, suite);
                Full::Certificate(suites, psk)
            }
            (Some(Full::Certificate(suites, psk)), Candidate::Psk(suite)) => {
                Full::Certificate(suites, psk.or(Some(suite)))
            }
        };
        full = Some(next);
    }
    full.ok_or_else(|| why_none(config, hello, group.is_some()))
}

/// All suites that both sides can complete, in our order.
fn candidates(
    config: &Config,
    hello: &ClientHello<'_>,
    group: Option<&'static dyn KeyExchange>,
) -> impl Iterator<Item = Candidate> {
    let schemes = hello.extensions.signature_algorithms.is_some();
    let encrypt_then_mac = hello.extensions.encrypt_then_mac.is_some();
    let usable = move |suite: &&'static Suite| {
        has_key(config, suite) && (encrypt_then_mac || !suite.needs_encrypt_then_mac())
    };
    common(config, hello).filter(usable).filter_map(move |suite| match suite.exchange {
        // Without signature_algorithms RFC 5246 §7.4.1.4.1 supposes SHA-1, which we do not do.
        KeyExchangeAlgorithm::Ecdhe(by) => {
            let on = capability::Certificates::get()?;
            Some(Candidate::Certificate(on, by, suite, group.filter(|_| schemes)?))
        }
        KeyExchangeAlgorithm::EcdhePsk => {
            capability::Ecdhe::get()?;
            Some(Candidate::Psk(PskSuite::Ecdhe(capability::Psk::get()?, suite, group?)))
        }
        KeyExchangeAlgorithm::Psk => Some(Candidate::Psk(PskSuite::Plain(capability::Psk::get()?, suite))),
        KeyExchangeAlgorithm::Tls13 => None,
    })
}

/// The group of ECDHE.
fn group(config: &Config, hello: &ClientHello<'_>) -> Option<&'static dyn KeyExchange> {
    negotiate::group12(config, hello.extensions.supported_groups.as_ref().map(|offer| offer.named_group_list))
}

fn common(config: &Config, hello: &ClientHello<'_>) -> impl Iterator<Item = &'static Suite> {
    negotiate::common_suites(config, ProtocolVersion::TLS_1_2, hello.cipher_suites)
}

/// Whether we have what authenticates us in that suite.
fn has_key(config: &Config, suite: &Suite) -> bool {
    match suite.exchange {
        KeyExchangeAlgorithm::Ecdhe(_) => config.has_credential,
        KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::EcdhePsk => config.has_psk,
        KeyExchangeAlgorithm::Tls13 => false,
    }
}

fn why_none(config: &Config, hello: &ClientHello<'_>, has_group: bool) -> Fault {
    if common(config, hello).next().is_none() {
        Fault::NoCommonSuite
    } else if !common(config, hello).any(|suite| has_key(config, suite)) {
        Fault::NoCredential
    } else if hello.extensions.encrypt_then_mac.is_none()
        && common(config, hello).filter(|suite| has_key(config, suite)).all(Suite::needs_encrypt_then_mac)
    {
        Fault::NoEncryptThenMac
    } else if !has_group {
        // Plain PSK would have been a candidate; all that is left wants a group.
        Fault::NoCommonGroup
    } else {
        // ECDHE with a certificate is left, and a group for it.
        Fault::NoSignatureAlgorithms
    }
}
