//! Issuers that are not trusted, not there, or must not issue (RFC 5280 §6.1, §4.2.1.9,
//! §4.2.1.10).

use super::super::{Side, end};
use super::{Teller, Told, capital};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::compute::certificate::Certificate;
use crate::diagnosis::compute::chain::{NotCa, Step};
use crate::diagnosis::compute::signature::Verified;
use crate::diagnosis::finding::Confidence;

/// How the common programs are given trust anchors.
const TRUST_ON_CLIENT: &str = "openssl s_client -CAfile FILE, curl --cacert FILE, mosquitto_pub --cafile \
                               FILE, gnutls-cli --x509cafile=FILE, Python load_verify_locations(FILE), Java \
                               -Djavax.net.ssl.trustStore=FILE, Mbed TLS mbedtls_ssl_conf_ca_chain, \
                               handclasp --ca FILE";
const TRUST_ON_SERVER: &str = "openssl s_server -CAfile FILE, mosquitto cafile FILE, nginx \
                               ssl_client_certificate FILE, gnutls-serv --x509cafile=FILE, Java \
                               -Djavax.net.ssl.trustStore=FILE, Mbed TLS mbedtls_ssl_conf_ca_chain, \
                               handclasp --client-ca FILE";

/// Where the trust of the peer is set.
fn trust(teller: &Teller<'_>) -> (&'static str, &'static str) {
    match teller.chain.of {
        Side::Server => ("client", TRUST_ON_CLIENT),
        Side::Client => ("server", TRUST_ON_SERVER),
    }
}

/// How sure it is that nothing trusted is there.
fn confidence(teller: &Teller<'_>) -> Confidence {
    if teller.chain.roots.is_some() { Confidence::Proved } else { Confidence::Inferred }
}

pub(super) fn self_signed(teller: &Teller<'_>) -> Told {
    let whose = end(teller.chain.of);
    let summary = match teller.chain.roots.is_some() {
        true => format!("The {whose}'s certificate is self-signed and is not a trust anchor."),
        false => {
            format!("The {whose}'s certificate is self-signed, and the peer does not trust it.")
        }
    };
    let (judge, options) = trust(teller);
    teller
        .tell(Cause::CertSelfSigned, confidence(teller), summary)
        .evidence("issuer and subject are equal, and the signature verifies under the certificate's own key")
        .fix(format!("configure it as a trust anchor on the {judge}: {options}"))
        .or_fix("or pin its key, or have a CA that the peer trusts issue the certificate")
}

pub(super) fn unknown(teller: &Teller<'_>, at: Step, root_sent: bool, namesake: bool) -> Told {
    let chain = teller.chain;
    let issuer = chain.at(at).map_or_else(String::new, |last| last.issuer_text.clone());
    let whose = end(chain.of);
    let summary = match chain.roots.is_some() {
        true => format!("The {whose}'s chain ends at the issuer {issuer}, which is not a trust anchor."),
        false => format!(
            "The {whose}'s chain ends at the issuer {issuer}, which the peer apparently does not trust."
        ),
    };
    let evidence = match root_sent {
        true => format!("{} is self-signed: the root was sent too", chain.describe(at)),
        false => format!("issuer of {}: {issuer}, which was not sent", chain.describe(at)),
    };
    let last = chain.at(at).filter(|_| chain.of == Side::Server && !root_sent && !namesake);
    let rather_missing = last.is_some_and(|last| !signs_of_intermediate(last).is_empty());
    let confidence = if rather_missing { Confidence::Possible } else { confidence(teller) };
    let mut told = teller.tell(Cause::CertUnknownIssuer, confidence, summary).evidence(evidence);
    if namesake {
        told = told.evidence(
            "a certificate with that name is available, but with another key (subjectKeyIdentifier): an \
             older or newer one of the same CA, or another CA with the same name",
        );
    }
    let (judge, options) = trust(teller);
    told.fix(format!("install the root of that issuer on the {judge}: {options}"))
}

pub(super) fn missing(teller: &Teller<'_>, at: Step, at_hand: Option<&str>) -> Option<Told> {
    let last = teller.chain.at(at)?;
    let signs = signs_of_intermediate(last);
    // Without the roots of the client, its store may as well lack the whole CA.
    let confidence = match (at_hand, &teller.chain.roots) {
        (Some(_), _) => Confidence::Proved,
        (None, Some(_)) if !signs.is_empty() => Confidence::Inferred,
        (None, Some(_) | None) => Confidence::Possible,
    };
    let summary = format!(
        "The {} does not send the certificate of {}, which may be needed to reach a trust anchor.",
        end(teller.chain.of),
        last.issuer_text
    );
    let mut told = teller.tell(Cause::CertMissingIntermediate, confidence, summary);
    if let Some(issuer) = at_hand {
        told = told.evidence(format!("it is among the given certificates: {issuer}"));
    }
    told.finding.evidence.extend(signs);
    told.finding.evidence.extend(relative(teller, last));
    Some(told.or_fix(
        "openssl s_server -cert_chain FILE; nginx and mosquitto: leaf and intermediates in one file; Java: \
         the complete chain in the key entry",
    ))
}

/// What shows that the issuer of the last certificate is an intermediate CA rather than a root, which
/// servers leave out rightly.
fn signs_of_intermediate(last: &Certificate) -> Vec<String> {
    let issuer = &last.issuer_text;
    let common_name = attribute(issuer, "CN=").unwrap_or(issuer);
    if common_name.to_lowercase().contains("root") {
        return Vec::new();
    }
    let mut signs = Vec::new();
    if let Some(address) = &last.extensions.ca_issuers {
        signs.push(format!("the issuer's certificate can be fetched (authorityInfoAccess) from {address}"));
    }
    if is_name_of_intermediate(common_name) {
        signs.push(format!("{common_name} is the name of an intermediate CA"));
    }
    signs
}

/// A given root of the same organization as the issuer that was not sent.
fn relative(teller: &Teller<'_>, last: &Certificate) -> Option<String> {
    let organization = attribute(&last.issuer_text, "O=")?;
    let mut roots = teller.chain.roots.iter().flatten().filter(|root| root.is_self_issued() && root.is_ca());
    let root = roots.find(|root| attribute(&root.subject_text, "O=") == Some(organization))?;
    Some(format!("the trust anchor {} belongs to the same organization", root.subject_text))
}

/// An attribute of a name in text form.
fn attribute<'n>(name: &'n str, attribute: &str) -> Option<&'n str> {
    name.split(", ").find_map(|part| part.strip_prefix(attribute))
}

/// Names that public and private CAs give to intermediates: a word that says so, or a numbered one such as
/// R3, E5, WE1 and G2.
fn is_name_of_intermediate(common_name: &str) -> bool {
    const WORDS: [&str; 9] = [
        "intermediate",
        "issuing",
        "subordinate",
        "sub ca",
        "subca",
        "sub-ca",
        "validation",
        "server ca",
        "secure server",
    ];
    let lower = common_name.to_lowercase();
    let numbered = |word: &str| {
        let (letters, digits) =
            word.split_at(word.find(|found: char| found.is_ascii_digit()).unwrap_or(word.len()));
        (1..=2).contains(&letters.len())
            && letters.chars().all(|found| found.is_ascii_uppercase())
            && (1..=2).contains(&digits.len())
            && digits.chars().all(|found| found.is_ascii_digit())
    };
    WORDS.iter().any(|word| lower.contains(word)) || common_name.split(' ').any(numbered)
}

pub(super) fn order(teller: &Teller<'_>, leaf_not_first: bool) -> Told {
    let what =
        if leaf_not_first { "the leaf certificate is not first" } else { "the issuers are out of order" };
    let whose = end(teller.chain.of);
    let summary = format!("The {whose}'s certificates are sent in the wrong order: {what}.");
    teller.tell(Cause::CertChainOrder, Confidence::Inferred, summary)
}

pub(super) fn path_length(teller: &Teller<'_>, at: Step, permitted: u32, found: usize) -> Told {
    let summary = format!(
        "{} permits {permitted} CAs below it (pathLenConstraint), but there are {found}.",
        capital(&teller.chain.describe(at))
    );
    teller.tell(Cause::CertPathLength, Confidence::Proved, summary)
}

pub(super) fn constraint(teller: &Teller<'_>, at: Step, by: Step, name: &str) -> Told {
    let summary = format!(
        "{} may not issue for {name}, which is in {}.",
        capital(&teller.chain.describe(by)),
        teller.chain.describe(at)
    );
    teller.tell(Cause::CertNameConstraint, Confidence::Proved, summary)
}

pub(super) fn not_ca(teller: &Teller<'_>, at: Step, why: NotCa) -> Told {
    let why = match why {
        NotCa::Denied => "its basicConstraints contain CA:FALSE",
        NotCa::Silent => "it has no basicConstraints",
        NotCa::Version => "certificates before version 3 cannot be marked as CA",
        NotCa::KeyUsage => "its keyUsage lacks keyCertSign",
    };
    let who = capital(&teller.chain.describe(at));
    let summary = format!("{who} issued another certificate but is not a CA: {why}.");
    teller.tell(Cause::CertIssuerNotCa, Confidence::Proved, summary)
}

pub(super) fn signature(teller: &Teller<'_>, at: Step, issuer: Step, verified: &Verified) -> Told {
    let summary = format!(
        "The signature of {} does not verify under the key of its issuer, {}.",
        teller.chain.describe(at),
        teller.chain.describe(issuer)
    );
    let told = teller.tell(Cause::CertSignatureInvalid, Confidence::Proved, summary);
    match verified {
        Verified::Bad(bad) => told.evidence(format!("its signature: {bad}")),
        Verified::SchemeDoesNotFitKey => {
            told.evidence("its algorithm does not match the type of the issuer's key")
        }
        Verified::Good | Verified::CannotTell => told,
    }
}
