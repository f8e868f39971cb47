//! Turns options into a configuration and credentials.

use handclasp_codec::{CertificateType, NamedGroup, ProtocolVersion, SignatureScheme};
use handclasp_connection::{Config, MessageLimits};
use handclasp_crypto::{KeyExchange, Suite, Verify};
use handclasp_handshake::{Certificates, ClientAuthentication, ClientPsk, ExtendedMasterSecret, Extensions, Resumption, Versions};
use handclasp_identity::Identity;
use handclasp_provider_aws_lc as aws_lc;
use rustls_pki_types::CertificateDer;

use crate::{
    end::End,
    imported,
    options::{CredentialOptions, Options},
};

/// BoringSSL's default groups that we support: tests rely on groups that it does not offer.
const GROUPS: [NamedGroup; 4] =
    [NamedGroup::X25519MLKEM768, NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup::secp384r1];

/// Groups that we support.
pub fn known_groups() -> impl Iterator<Item = &'static dyn KeyExchange> {
    [aws_lc::HYBRID_GROUPS, aws_lc::GROUPS].into_iter().flatten().copied()
}

/// Signature schemes that BoringSSL accepts by default, without SHA-1; tests rely on these too.
const SCHEMES: [SignatureScheme; 8] = [
    SignatureScheme::ecdsa_secp256r1_sha256,
    SignatureScheme::rsa_pss_rsae_sha256,
    SignatureScheme::rsa_pkcs1_sha256,
    SignatureScheme::ecdsa_secp384r1_sha384,
    SignatureScheme::rsa_pss_rsae_sha384,
    SignatureScheme::rsa_pkcs1_sha384,
    SignatureScheme::rsa_pss_rsae_sha512,
    SignatureScheme::rsa_pkcs1_sha512,
];

const OTHER_SHARES: &str = "key shares are sent only for the first groups of the list";

/// Whether the CPU has AES instructions: without them BoringSSL prefers other suites.
pub fn has_aes() -> bool {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    return std::arch::is_x86_feature_detected!("aes");
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("aes");
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
    false
}

/// One of our credentials.
pub struct Own {
    /// Certificate chain and key.
    pub identity: Identity,
    /// Signature schemes of the key, in order of preference.
    pub schemes: Vec<SignatureScheme>,
    pub certificate_type: CertificateType,
    /// Certificates to send: the chain, or the key alone.
    pub shown: Vec<CertificateDer<'static>>,
    pub must_match_issuer: bool,
    /// Index among the flags; -1 is the credential without a flag of its own.
    pub place: i64,
}

impl Own {
    fn without_staple(self) -> Self {
        Self { identity: self.identity.with_ocsp_response([]), ..self }
    }
}

/// Builds the configuration.
pub fn config(options: &Options, own: &[Own]) -> Result<Config, End> {
    let groups = groups(options)?;
    let psks = imported::keys(options)?;
    let shares = shares(options, &groups)?;
    let mut config = Config::new(handclasp_handshake::Config {
        generation: 1,
        versions: Versions::ALL,
        suites: suites(options)?.into(),
        groups: groups.into(),
        shares,
        verify: verify(options).into(),
        alpn: options.alpn.clone(),
        extended_master_secret: ExtendedMasterSecret::Offered,
        has_psk: options.psk.is_some() || !psks.is_empty(),
        has_credential: !own.is_empty(),
        // As in BoringSSL: two tickets, valid for two days.
        key_log: false,
        resumption: Resumption {
            tickets: if options.no_tickets { 0 } else { 2 },
            lifetime: 172_800,
            ..Resumption::default()
        },
        certificates: certificates(options, own),
        extensions: Extensions {
            // BoringSSL does not support it, and some tests compare lists of extensions.
            record_size_limit: None,
            status_request: options.status_request,
            psk_identity_hint: options.psk_identity.clone(),
            ..Extensions::default()
        },
    });
    config.record_size = options.record_size;
    config.handshake.key_log = options.export_traffic_secrets;
    if let Some(certificates) = options.certificates_limit {
        config.message_limits = MessageLimits { certificates, ..config.message_limits };
    }
    Ok(config)
}

fn certificates(options: &Options, own: &[Own]) -> Certificates {
    let client_authentication = match (options.request_certificate, options.require_certificate) {
        (true, _) => ClientAuthentication::Offered,
        (false, true) => ClientAuthentication::Required,
        (false, false) => ClientAuthentication::None,
    };
    let mut own_types = options.own_types.clone();
    if own_types.is_empty() {
        for one in own {
            if !own_types.contains(&one.certificate_type) {
                own_types.push(one.certificate_type);
            }
        }
    }
    Certificates {
        client_authentication,
        authorities: options.authorities.clone(),
        own_types,
        peer_types: options.peer_types.clone(),
        ..Certificates::default()
    }
}

fn suites(options: &Options) -> Result<Vec<&'static Suite>, End> {
    let versions = options.min_version.0..=options.max_version.0;
    let permitted =
        |version: ProtocolVersion| versions.contains(&version.0) && !options.without.contains(&version);
    let named = |suite: &Suite| {
        let Some(words) = &options.suites else { return true };
        // Cipher strings apply to TLS 1.2; suites of TLS 1.3 are always enabled.
        suite.version() == ProtocolVersion::TLS_1_3
            || words.iter().any(|word| suite.id.name().is_some_and(|name| name.contains(word)))
    };
    let all = [
        ProtocolVersion::TLS_1_0,
        ProtocolVersion::TLS_1_1,
        ProtocolVersion::TLS_1_2,
        ProtocolVersion::TLS_1_3,
    ];
    let found: Vec<_> = [aws_lc::ALL_SUITES, aws_lc::ECDHE_PSK_SUITES]
        .into_iter()
        .flatten()
        .copied()
        .filter(|suite| permitted(suite.version()) && named(suite))
        .collect();
    // If every version is disabled, the stack itself must report it.
    let is_below = found.is_empty() && all.into_iter().any(permitted);
    if is_below { End::not_implemented("versions below TLS 1.2 are not supported") } else { Ok(found) }
}

fn groups(options: &Options) -> Result<Vec<&'static dyn KeyExchange>, End> {
    let wanted = options.groups.as_deref().unwrap_or(&GROUPS);
    let find = |group: &NamedGroup| {
        let found = known_groups().find(|known| known.group() == *group);
        found.ok_or_else(|| End::NotImplemented(format!("{group} is not supported")))
    };
    wanted.iter().map(find).collect()
}

/// Returns how many of the first groups get a key share; our configuration cannot select others. The
/// default is one, or two if one of the first two groups is a hybrid.
fn shares(options: &Options, groups: &[&'static dyn KeyExchange]) -> Result<usize, End> {
    let Some(wanted) = &options.shares else {
        return match groups.iter().position(|known| known.group() == NamedGroup::X25519MLKEM768) {
            Some(0 | 1) => Ok(groups.len().min(2)),
            Some(_) => End::not_implemented(OTHER_SHARES),
            None => Ok(1),
        };
    };
    if !groups.iter().map(|known| known.group()).take(wanted.len()).eq(wanted.iter().copied()) {
        return End::not_implemented(OTHER_SHARES);
    }
    Ok(wanted.len())
}

fn verify(options: &Options) -> Vec<&'static dyn Verify> {
    let wanted = options.verify.as_deref().unwrap_or(&SCHEMES);
    let of = |scheme: &SignatureScheme| {
        let scheme = *scheme;
        aws_lc::VERIFY.iter().copied().filter(move |known| known.scheme() == scheme)
    };
    wanted.iter().flat_map(of).collect()
}

/// Loads our credentials, in order of preference.
pub fn credentials(options: &Options) -> Result<Vec<Own>, End> {
    let named = options.credentials.iter().zip(0..);
    // BoringSSL tries the credential without a flag last.
    let mut all = named
        .chain([(&options.credential, -1)])
        .filter_map(|(one, place)| load(one, place).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    if options.without_staple {
        all = all.into_iter().map(Own::without_staple).collect();
    }
    Ok(all)
}

fn load(options: &CredentialOptions, place: i64) -> Result<Option<Own>, End> {
    if options.imported.is_some() {
        return Ok(None);
    }
    let identity = match (&options.certificate, &options.key) {
        (None, None) => return Ok(None),
        (Some(certificate), Some(key)) => Identity::from_pem_files_with(certificate, key, aws_lc::KEYS),
        (None, Some(key)) if options.raw => Identity::raw_key_from_pem_file_with(key, aws_lc::KEYS),
        _ => return End::not_implemented("a certificate without a key, or a key without a certificate"),
    };
    let identity = identity.map_err(|error| {
        // File names differ from run to run.
        let files = [&options.certificate, &options.key].into_iter().flatten();
        let told = files.fold(error.to_string(), |told, file| {
            told.replace(&file.display().to_string(), "the file of the test")
        });
        End::NotImplemented(told)
    })?;
    let identity = identity.with_ocsp_response(options.ocsp_response.as_slice());
    let (certificate_type, shown) = if options.raw {
        (CertificateType::RawPublicKey, vec![CertificateDer::from(identity.spki().to_vec())])
    } else {
        (CertificateType::X509, identity.chain().to_vec())
    };
    let schemes = match options.schemes.as_slice() {
        [] => identity.schemes().to_vec(),
        wanted => wanted.iter().copied().filter(|one| identity.schemes().contains(one)).collect(),
    };
    let must_match_issuer = options.must_match_issuer;
    Ok(Some(Own { identity, schemes, certificate_type, shown, must_match_issuer, place }))
}

/// Returns the pre-shared key that a client offers. `-psk` gives a key for TLS 1.2.
pub fn client_psk(options: &Options) -> Option<ClientPsk<'_>> {
    let secret = options.psk.as_deref()?;
    Some(ClientPsk {
        identity: &options.psk_identity,
        secret,
        tls13: None,
        tls12: true,
        imported: false,
        also: None,
    })
}
