//! What a server of TLS 1.2 chooses from a ClientHello: the suites that both sides can complete, and
//! what each of them takes (RFC 5246 §7.4.1.3, RFC 8422 §4, RFC 4279 §2).

use handclasp_codec::{
    ClientHelloView, CompressionMethod, ECPointFormat, ExtensionType, Field, List, ProtocolVersion,
};
use handclasp_crypto::{Authentication, KeyExchange, KeyExchangeAlgorithm, KeyKind, Suite};
use handclasp_report::{Failed, Fault, FaultCode};

use crate::{
    ClientAuthentication, Config, Context, ExtendedMasterSecret, capability,
    extensions::{Records, answer_records},
    negotiate,
};

/// A full handshake, by the first suite of ours that both sides can complete.
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
pub(super) struct PskSuite {
    pub(super) on: capability::Psk,
    pub(super) suite: &'static Suite,
    /// With ECDHE in this group (RFC 5489); `None` with the key alone (RFC 4279 §2).
    pub(super) group: Option<(capability::Ecdhe, &'static dyn KeyExchange)>,
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
///
/// # Errors
/// What the RFCs forbid in a ClientHello.
pub(super) fn check(context: &mut Context<'_>, hello: ClientHelloView<'_>) -> Result<Records, Failed> {
    if !List::encoded(hello.compression_methods()).has(CompressionMethod::null) {
        return Err(context.fail(Fault::NoNullCompression));
    }
    // RFC 8422 §5.1.2
    if capability::Ecdhe::ON
        && let Some(formats) = hello.list(ExtensionType::ec_point_formats, 1)
        && !List::encoded(formats).has(ECPointFormat::uncompressed)
    {
        return Err(context.fail(Fault::IllegalParameter(Field::ec_point_formats)));
    }
    let records = answer_records(context, ProtocolVersion::TLS_1_2, hello)?;
    // RFC 5746 §3.6: a first handshake has nothing to renegotiate.
    if !matches!(hello.list(ExtensionType::renegotiation_info, 1), None | Some([])) {
        return Err(context.fail(Fault::RenegotiationInfo));
    }
    match context.config.extended_master_secret {
        ExtendedMasterSecret::Required if !hello.offers(ExtensionType::extended_master_secret) => {
            Err(context.fail(Fault::NoExtendedMasterSecret))
        }
        ExtendedMasterSecret::Required | ExtendedMasterSecret::Offered => Ok(records),
    }
}

/// The first suite in common.
pub(super) fn first_suite(config: &Config, hello: ClientHelloView<'_>) -> Option<&'static Suite> {
    negotiate::common_suites(config, ProtocolVersion::TLS_1_2, hello).next()
}

/// What a common suite lacks, in the order of the checks. What the best suite
/// lacks is why there can be no handshake.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lack {
    Suite,
    Credential,
    EncryptThenMac,
    Group,
    /// Without signature_algorithms RFC 5246 §7.4.1.4.1 supposes SHA-1, which we do not do.
    SignatureAlgorithms,
}

/// The first suite that both sides can complete decides how the server authenticates; those behind it
/// give alternatives.
///
/// # Errors
/// What the best suite lacks.
pub(super) fn full(config: &Config, hello: ClientHelloView<'_>) -> Result<Full, FaultCode> {
    let group = negotiate::group12(config, hello);
    let encrypt_then_mac = hello.offers(ExtensionType::encrypt_then_mac);
    let schemes = hello.offers(ExtensionType::signature_algorithms);
    let (mut certificate, mut psk) = (None::<CertificateSuites>, None::<PskSuite>);
    let mut lacks = Lack::Suite;
    for suite in negotiate::common_suites(config, ProtocolVersion::TLS_1_2, hello) {
        let lack = match (suite.exchange, group) {
            _ if !has_key(config, suite) => Lack::Credential,
            _ if suite.needs_encrypt_then_mac() && !encrypt_then_mac => Lack::EncryptThenMac,
            (KeyExchangeAlgorithm::Psk, _) => {
                psk = psk.or(PskSuite::new(suite, None));
                continue;
            }
            (KeyExchangeAlgorithm::EcdhePsk, Some(group)) => {
                psk = psk.or(PskSuite::new(suite, capability::Ecdhe::get().map(|on| (on, group))));
                continue;
            }
            (KeyExchangeAlgorithm::Ecdhe(by), Some(group)) if schemes => {
                // Behind a pre-shared key a certificate is not asked for.
                let is_alternative = psk.is_some() && certificate.is_none();
                if let Some(on) = capability::Certificates::get().filter(|_| !is_alternative) {
                    let none = CertificateSuites { on, group, ecdsa: None, rsa: None };
                    certificate.get_or_insert(none).add(by, suite);
                }
                continue;
            }
            (_, None) => Lack::Group,
            (_, Some(_)) => Lack::SignatureAlgorithms,
        };
        lacks = lacks.max(lack);
    }
    // A hello of TLS 1.2 says whether the client has a pre-shared key, and not whether it has a certificate. Where
    // clients must authenticate, the key comes first, as it does in TLS 1.3.
    let must_authenticate = config.certificates.client_authentication == ClientAuthentication::Required;
    match (certificate.filter(|_| !(must_authenticate && psk.is_some())), psk) {
        (Some(suites), psk) => Ok(Full::Certificate(suites, psk)),
        (None, Some(suite)) => Ok(Full::Psk(suite)),
        (None, None) => Err(match lacks {
            Lack::Suite => Fault::NoCommonSuite.code(),
            Lack::Credential => Fault::NoCredential.code(),
            Lack::EncryptThenMac => Fault::NoEncryptThenMac.code(),
            Lack::Group => Fault::NoCommonGroup.code(),
            Lack::SignatureAlgorithms => Fault::NoSignatureAlgorithms.code(),
        }),
    }
}

impl PskSuite {
    fn new(
        suite: &'static Suite,
        group: Option<(capability::Ecdhe, &'static dyn KeyExchange)>,
    ) -> Option<Self> {
        Some(Self { on: capability::Psk::get()?, suite, group })
    }
}

/// Whether we have what authenticates us in that suite.
fn has_key(config: &Config, suite: &Suite) -> bool {
    match suite.exchange {
        KeyExchangeAlgorithm::Ecdhe(_) => config.has_credential,
        KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::EcdhePsk => config.has_psk,
        KeyExchangeAlgorithm::Tls13 => false,
    }
}
