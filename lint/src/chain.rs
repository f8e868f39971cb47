//! Certificates of one file against each other, and against the private key beside them (RFC 8446 §4.4.2).

use crate::{
    Code,
    certificate::Certificate,
    extensions::KEY_CERT_SIGN,
    finding::Log,
    signature::{self, Verdict},
};

/// One certificate of the file with its findings.
pub(crate) struct Link<'a, 'l> {
    pub(crate) certificate: &'a Certificate<'a>,
    pub(crate) der: &'a [u8],
    /// Number of the file that holds it.
    pub(crate) file: usize,
    pub(crate) log: &'l mut Log,
}

/// Checks order, issuers and signatures. The first certificate is the leaf, unless it is a CA and another one is
/// not.
pub(crate) fn lint(links: &mut [Link<'_, '_>]) {
    let certificates: Vec<&Certificate<'_>> = links.iter().map(|link| link.certificate).collect();
    let ders: Vec<&[u8]> = links.iter().map(|link| link.der).collect();
    let files: Vec<usize> = links.iter().map(|link| link.file).collect();
    let last = certificates.len().saturating_sub(1);
    for (index, link) in links.iter_mut().enumerate() {
        let certificate = link.certificate;
        let Some(subject) = certificate.subject.as_ref() else { continue };
        let Some(issuer) = certificate.issuer.as_ref() else { continue };
        if ders.iter().take(index).any(|other| *other == link.der) {
            link.log.add(Code::ChainDuplicate, 0, "", subject.text.clone());
            continue;
        }
        if index == 0 && certificate.is_ca() && certificates.iter().any(|other| !other.is_ca()) {
            link.log.add(
                Code::ChainOrder,
                subject.offset,
                "the leaf first",
                format!("the CA {}", subject.text),
            );
        }
        if certificate.is_self_issued() {
            // A file of its own is a root for peers, not a part of what is sent.
            if files.iter().take(index).any(|file| *file == link.file) {
                link.log.add(Code::ChainRootIncluded, subject.offset, "", subject.text.clone());
            }
            continue;
        }
        let position = certificates
            .iter()
            .position(|other| other.subject.as_ref().is_some_and(|name| name.whole == issuer.whole));
        let Some(position) = position else {
            // The issuer of the last one is what the peer has to trust; a lone leaf is worth a note.
            if index == 0 || index < last {
                link.log.add(Code::ChainMissingIntermediate, issuer.offset, issuer.text.clone(), "");
            }
            continue;
        };
        if position != index.saturating_add(1) {
            let expected = format!("{} as certificate {}", issuer.text, index.saturating_add(2));
            let found = format!("certificate {}", position.saturating_add(1));
            link.log.add(Code::ChainOrder, issuer.offset, expected, found);
        }
        if let Some(parent) = certificates.get(position) {
            check_issuer(certificate, parent, below(&certificates, position), issuer.offset, link.log);
        }
    }
}

/// CAs that stand between this certificate and the leaf.
fn below(certificates: &[&Certificate<'_>], position: usize) -> usize {
    certificates.iter().take(position).filter(|other| other.is_ca() && !other.is_self_issued()).count()
}

/// Whether the issuer may issue, and signed.
fn check_issuer(
    certificate: &Certificate<'_>,
    issuer: &Certificate<'_>,
    below: usize,
    at: usize,
    log: &mut Log,
) {
    let name = issuer.subject.as_ref().map(|name| name.text.clone()).unwrap_or_default();
    let lacks_bit = issuer.extensions.key_usage.is_some_and(|(bits, _)| bits & KEY_CERT_SIGN == 0);
    if !issuer.is_ca() || lacks_bit {
        log.add(Code::IssuerNotCa, at, "an issuer with CA:TRUE and keyCertSign", name.clone());
    }
    let allowed = issuer.extensions.basic_constraints.and_then(|constraints| constraints.path_length);
    if let Some(allowed) = allowed.filter(|allowed| below > usize::from(*allowed)) {
        let expected = format!("at most {allowed} CAs below {name}");
        log.add(Code::PathLength, at, expected, below.to_string());
    }
    if let (Some(signed), Some(key)) = (&certificate.signed, &issuer.key) {
        let _: Verdict = signature::verify(signed, key, Code::ChainSignature, log);
    }
}
