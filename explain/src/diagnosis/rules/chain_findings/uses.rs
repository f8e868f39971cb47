//! What a certificate and its key may be used for, and whether they are strong enough for most
//! (RFC 5280 §4.2.1.3, §4.2.1.12, RFC 9325 §4).

use super::super::{Side, end};
use super::{Teller, Told, capital};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::compute::chain::{Purpose, Step};
use crate::diagnosis::compute::hash::Hash;
use crate::diagnosis::finding::Confidence;

pub(super) fn extended(teller: &Teller<'_>, at: Step, lists: &str) -> Told {
    let needs = match teller.chain.of {
        Side::Client => "clientAuth",
        Side::Server => "serverAuth",
    };
    let summary = format!(
        "{} is not valid for a TLS {}: its extendedKeyUsage lacks {needs}.",
        capital(&teller.chain.describe(at)),
        end(teller.chain.of)
    );
    teller
        .tell(Cause::CertEku, Confidence::Proved, summary)
        .evidence(format!("extendedKeyUsage lists {lists}"))
        .or_fix(format!("openssl: extendedKeyUsage = {needs} in the extension file"))
}

pub(super) fn key_usage(teller: &Teller<'_>, lacks: &str, purpose: Purpose) -> Told {
    let needs = match (purpose, teller.chain.of) {
        (Purpose::Sign, Side::Server) => "this cipher suite signs the key exchange with it",
        (Purpose::Sign, Side::Client) => "the client signs its CertificateVerify with it",
        (Purpose::Decrypt, _) => "the client encrypts the premaster secret to it",
        (Purpose::Agree, _) => "the key exchange uses it directly",
    };
    let summary = format!(
        "The {}'s certificate does not permit this use: its keyUsage lacks {lacks}, and {needs}.",
        end(teller.chain.of)
    );
    teller
        .tell(Cause::CertKeyUsage, Confidence::Proved, summary)
        .fix(format!("reissue it with keyUsage = {lacks}"))
}

pub(super) fn weak_key(teller: &Teller<'_>, at: Step) -> Told {
    let key = teller.chain.at(at).map_or_else(String::new, |found| found.key.describe());
    let summary = format!("The key of {} is small: {key}.", teller.chain.describe(at));
    teller
        .tell(Cause::CertWeakKey, Confidence::Inferred, summary)
        .evidence("OpenSSL at its default security level, and most other libraries, require RSA 2048 or more")
        .or_fix("for tests only: openssl -cipher DEFAULT@SECLEVEL=0 on the verifying side")
        .policy()
}

pub(super) fn weak_signature(teller: &Teller<'_>, at: Step, hash: Hash) -> Told {
    let summary = format!("{} is signed with {}.", capital(&teller.chain.describe(at)), hash.name());
    teller.tell(Cause::CertWeakSignature, Confidence::Inferred, summary).policy()
}

pub(super) fn unknown_critical(teller: &Teller<'_>, at: Step, identifier: &str) -> Told {
    let summary = format!(
        "{} has a critical extension, {identifier}; a verifier that does not support it must reject the \
         certificate.",
        capital(&teller.chain.describe(at))
    );
    teller.tell(Cause::CertProfile, Confidence::Inferred, summary).policy()
}
