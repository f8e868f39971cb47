//! Issuers that are not trusted, not there, or must not issue (RFC 5280 §6.1, §4.2.1.9,
//! §4.2.1.10).

use super::super::{Side, end};
use super::{Teller, Told, capital};
use crate::diagnosis::cause::Cause;
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

/// Where the trust of the other end is set.
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
    let mut told = teller.tell(Cause::CertUnknownIssuer, confidence(teller), summary).evidence(evidence);
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
    let fetched = last.extensions.ca_issuers.as_deref();
    let confidence = match (at_hand, fetched, &teller.chain.roots) {
        (Some(_), _, _) => Confidence::Proved,
        (None, Some(_), _) | (None, None, None) => Confidence::Inferred,
        (None, None, Some(_)) => Confidence::Possible,
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
    if let Some(address) = fetched {
        told = told.evidence(format!(
            "the issuer's certificate can be fetched (authorityInfoAccess) from {address}"
        ));
    }
    Some(told.or_fix(
        "openssl s_server -cert_chain FILE; nginx and mosquitto: leaf and intermediates in one file; Java: \
         the complete chain in the key entry",
    ))
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
