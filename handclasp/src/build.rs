//! From a policy to the configuration of the machines.

use std::sync::atomic::{AtomicU64, Ordering};

use handclasp_codec::CertificateType;
use handclasp_handshake::{Certificates, Config, Extensions, Resumption, Versions};
use handclasp_trust::Trust;

use crate::{Policy, tickets::PERIOD};

/// Tickets for each connection of TLS 1.3: one to use, and one for a second connection beside it.
const TICKETS: u8 = 2;

/// Every configuration of this process has its own number.
static GENERATION: AtomicU64 = AtomicU64::new(1);

pub(crate) fn handshake_config(policy: Policy, versions: Versions) -> Config {
    Config {
        generation: GENERATION.fetch_add(1, Ordering::Relaxed),
        versions,
        suites: policy.suites.into(),
        groups: policy.groups.into(),
        shares: policy.shares,
        verify: policy.verify.into(),
        alpn: Vec::new(),
        extended_master_secret: policy.extended_master_secret,
        has_psk: false,
        has_credential: false,
        certificates: Certificates::default(),
        extensions: Extensions { psk_ke: policy.psk_ke, ..Extensions::default() },
        key_log: false,
        resumption: Resumption { tickets: TICKETS, lifetime: PERIOD, trust_generation: [0; 32] },
    }
}

/// Most bytes of authorities' names that are sent to a peer: OpenSSL's clients accept a
/// CertificateRequest of 16 KiB, and a list of all public roots helps no peer to choose.
const NAMES_MAX: usize = 12 * 1024;

/// The names of the trusted roots; none where there are too many, or where other keys are accepted too: a peer that
/// has a certificate of another issuer would not send it.
pub(crate) fn authorities(trust: &Trust) -> Vec<Vec<u8>> {
    let mut names = Vec::new();
    for part in trust.parts() {
        match part {
            Trust::WebPki(roots) => names.extend(roots.names()),
            _ => return Vec::new(),
        }
    }
    let length: usize = names.iter().map(|name| name.len() + 2).sum();
    if length > NAMES_MAX { Vec::new() } else { names }
}

/// The types of a peer's certificate that can be judged, in order of preference. A certificate may be pinned or
/// have an issuer that is trusted; a raw key may only be pinned.
pub(crate) fn peer_types(raw_keys: bool, trust: &Trust) -> Vec<CertificateType> {
    match raw_keys && trust.accepts_raw_keys() {
        true if trust.parts().iter().any(|part| matches!(part, Trust::WebPki(_))) => {
            vec![CertificateType::X509, CertificateType::RawPublicKey]
        }
        true => vec![CertificateType::RawPublicKey, CertificateType::X509],
        false => Vec::new(),
    }
}
