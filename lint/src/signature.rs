//! Signatures of requests, certificates and CRLs: the algorithm against the key, the encoding, and whether they
//! verify.

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{Hash, KeyKind, Verify};
use handclasp_provider_aws_lc::{SHA256, SHA384, SHA512, VERIFY};

use crate::{
    Code,
    der::{Element, INTEGER, Reader, SEQUENCE, hex, oid_text},
    finding::Log,
    spki::Spki,
};

/// A signature and what it is of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'a> {
    /// The signed bytes.
    pub(crate) message: &'a [u8],
    /// The AlgorithmIdentifier.
    pub(crate) algorithm: Element<'a>,
    /// Content of the BIT STRING behind the number of unused bits.
    pub(crate) signature: &'a [u8],
    /// Offset of the signature.
    pub(crate) at: usize,
}

/// Algorithms by OBJECT IDENTIFIER: name, whether its keys are RSA, EC or Ed25519, and a finding about the
/// algorithm itself.
const ALGORITHMS: &[(&[u8], &str, Family, Option<Code>)] = &[
    (b"\x2a\x86\x48\xce\x3d\x04\x01", "ecdsa-with-SHA1", Family::Ec, Some(Code::SignatureSha1)),
    (b"\x2a\x86\x48\xce\x3d\x04\x03\x02", "ecdsa-with-SHA256", Family::Ec, None),
    (b"\x2a\x86\x48\xce\x3d\x04\x03\x03", "ecdsa-with-SHA384", Family::Ec, None),
    (b"\x2a\x86\x48\xce\x3d\x04\x03\x04", "ecdsa-with-SHA512", Family::Ec, None),
    (b"\x2b\x65\x70", "Ed25519", Family::Ed25519, None),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04", "md5WithRSAEncryption", Family::Rsa, Some(Code::SignatureMd5)),
    (
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05",
        "sha1WithRSAEncryption",
        Family::Rsa,
        Some(Code::SignatureSha1),
    ),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", "sha256WithRSAEncryption", Family::Rsa, None),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c", "sha384WithRSAEncryption", Family::Rsa, None),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d", "sha512WithRSAEncryption", Family::Rsa, None),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", "RSASSA-PSS", Family::Rsa, None),
];

/// The keys that an algorithm is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Rsa,
    Ec,
    Ed25519,
}

impl Family {
    fn of(kind: KeyKind) -> Self {
        match kind {
            KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => Self::Ec,
            KeyKind::Ed25519 => Self::Ed25519,
            KeyKind::Rsa | KeyKind::RsaPss => Self::Rsa,
        }
    }
}

/// Whether a signature verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Verifies,
    Fails,
    /// The key or the algorithm is not of use; another finding says why.
    Unknown,
}

/// What the algorithm alone says, and the encoding of the signature: findings of the structure that is signed.
pub(crate) fn check_form(signed: &Signed<'_>, log: &mut Log) {
    let at = signed.algorithm.offset;
    if signed.signature.is_empty() {
        log.add(Code::SignatureMalformed, signed.at, "a signature", "0 bytes");
    }
    match row(signed.algorithm) {
        Some((_, name, family, code)) => {
            if let Some(code) = code {
                log.add(*code, at, "SHA-256 or better", *name);
            }
            if *family == Family::Ec && !signed.signature.is_empty() {
                check_ecdsa(signed, log);
            }
        }
        None => {
            let found = oid(signed.algorithm).map_or_else(|| hex(signed.algorithm.content), oid_text);
            log.add(Code::SignatureAlgorithmUnknown, at, "", found);
        }
    }
}

/// Verifies under a key; the finding has the code `fails` if the signature does not verify.
pub(crate) fn verify(signed: &Signed<'_>, key: &Spki<'_>, fails: Code, log: &mut Log) -> Verdict {
    let (Some((_, name, family, _)), Some(kind)) = (row(signed.algorithm), key.kind) else {
        return Verdict::Unknown;
    };
    if *family != Family::of(kind) {
        let expected = format!("an algorithm of {} keys", kind.name());
        log.add(Code::SignatureAlgorithmOfOtherKey, signed.algorithm.offset, expected, *name);
        return Verdict::Fails;
    }
    let Some(bits) = key.bits else { return Verdict::Unknown };
    let verifiers: Vec<&&dyn Verify> = VERIFY
        .iter()
        .filter(|verify| {
            verify.key() == kind && verify.signature_algorithms().contains(&signed.algorithm.content)
        })
        .collect();
    if verifiers.is_empty() {
        let found = format!("{name} with a {} key", kind.name());
        log.add(Code::SignatureNotChecked, signed.algorithm.offset, "", found);
        return Verdict::Unknown;
    }
    if verifiers.iter().any(|verify| verify.verify(bits, signed.message, signed.signature).is_ok()) {
        return Verdict::Verifies;
    }
    // Otherwise the finding about its encoding says it already.
    if !log.has(Code::SignatureRaw) && !log.has(Code::SignatureMalformed) {
        let hashed = |verify: &&&dyn Verify| {
            let digest = hash_of(verify.scheme()).hash(&[signed.message]);
            verify.verify(bits, digest.as_ref(), signed.signature).is_ok()
        };
        let code = if verifiers.iter().any(hashed) { Code::SignatureOfHash } else { fails };
        log.add(code, signed.at, format!("{name} by the {} key", kind.name()), hex(signed.signature));
    }
    Verdict::Fails
}

/// The hash of a scheme.
fn hash_of(scheme: SignatureScheme) -> &'static dyn Hash {
    match scheme {
        SignatureScheme::ecdsa_secp384r1_sha384
        | SignatureScheme::rsa_pkcs1_sha384
        | SignatureScheme::rsa_pss_rsae_sha384
        | SignatureScheme::rsa_pss_pss_sha384 => SHA384,
        SignatureScheme::ecdsa_secp521r1_sha512
        | SignatureScheme::rsa_pkcs1_sha512
        | SignatureScheme::rsa_pss_rsae_sha512
        | SignatureScheme::rsa_pss_pss_sha512 => SHA512,
        _ => SHA256,
    }
}

/// The encoding of an ECDSA signature (ECDSA-Sig-Value, RFC 3279 §2.2.3).
fn check_ecdsa(signed: &Signed<'_>, log: &mut Log) {
    let bytes = signed.signature;
    let mut quiet = Log::default();
    let mut outer = Reader { bytes, offset: signed.at };
    let whole = outer.expect(SEQUENCE, "ECDSA-Sig-Value", &mut quiet).and_then(|sequence| {
        let mut fields = sequence.inside();
        let r = fields.expect(INTEGER, "r", &mut quiet)?;
        let s = fields.expect(INTEGER, "s", &mut quiet)?;
        for number in [r, s] {
            let is_minimal = !matches!(number.content, [] | [0x80..=0xff, ..] | [0, 0..=0x7f, ..]);
            if !is_minimal {
                let found = hex(number.content);
                quiet.add(Code::SignatureMalformed, number.start, "a positive INTEGER, shortest form", found);
            }
        }
        fields.finish("ECDSA-Sig-Value", &mut quiet);
        Some(())
    });
    outer.finish("ECDSA-Sig-Value", &mut quiet);
    if whole.is_some() && quiet.findings.is_empty() {
        return;
    }
    if matches!(bytes.len(), 64 | 96 | 132) {
        let found = format!("{} bytes, {}", bytes.len(), hex(bytes));
        log.add(Code::SignatureRaw, signed.at, "30 … 02 … 02 … (SEQUENCE of r and s)", found);
        return;
    }
    let place = quiet.findings.first().and_then(|first| first.place.der).unwrap_or(signed.at);
    let (expected, found) = quiet
        .findings
        .into_iter()
        .next()
        .map_or_else(|| ("ECDSA-Sig-Value".to_owned(), hex(bytes)), |first| (first.expected, first.found));
    log.add(Code::SignatureMalformed, place, expected, found);
}

/// The OBJECT IDENTIFIER of an AlgorithmIdentifier.
fn oid(algorithm: Element<'_>) -> Option<&[u8]> {
    algorithm.inside().peek().map(|oid| oid.content)
}

type Row = (&'static [u8], &'static str, Family, Option<Code>);

fn row(algorithm: Element<'_>) -> Option<&'static Row> {
    let oid = oid(algorithm)?;
    ALGORITHMS.iter().find(|row| row.0 == oid)
}

/// The name of a signature algorithm.
pub(crate) fn name(algorithm: Element<'_>) -> String {
    row(algorithm).map_or_else(|| oid(algorithm).map(oid_text).unwrap_or_default(), |row| row.1.to_owned())
}

/// The two fields behind the signed one, up to the end of the structure (RFC 5280 §4.1.1).
pub(crate) fn read<'a>(
    fields: &mut Reader<'a>,
    message: &'a [u8],
    structure: &str,
    log: &mut Log,
) -> Option<Signed<'a>> {
    let algorithm = fields.expect(SEQUENCE, "signatureAlgorithm", log)?;
    let value = fields.expect(crate::der::BIT_STRING, "signature", log)?;
    fields.finish(structure, log);
    if value.is_cut() {
        // The finding about its length says it.
        return None;
    }
    let (signature, at) = match value.content {
        [0, signature @ ..] => (signature, value.start.saturating_add(1)),
        [] => (value.content, value.start),
        [other, ..] => {
            log.add(Code::UnusedBits, value.start, "00", format!("{other:02x}"));
            return None;
        }
    };
    Some(Signed { message, algorithm, signature, at })
}
