//! Deviations of a chain as findings: cause, words, what mends it, and how sure a computed
//! deviation can be as a cause. Whether it is the reason for anything is said elsewhere. Longer
//! than most because it is that list, for the certificates of both ends.
//!
//! Called by: `certificate`, `client_certificate`.

use handclasp_codec::HandshakeType;
use handclasp_report::Date;

use super::{Case, Side, end};
use crate::Cause;
use crate::compute::chain::{Chain, Deviation, NotCa, Purpose, Step};
use crate::compute::{expected, now};
use crate::finding::{Finding, Grade};

/// A deviation as it would be told, and what kind of reason it is.
pub(super) struct Told {
    pub finding: Finding,
    /// Policies differ about it: it is a reason only where nothing else is.
    pub policy: bool,
}

/// Says a deviation.
pub(super) fn told(case: &Case<'_>, chain: &Chain, deviation: &Deviation) -> Vec<Told> {
    let at = case.at(chain.of, HandshakeType::certificate);
    let firm = |cause, grade, summary: String| Told {
        finding: Finding::failure(cause, grade, summary).evidence(format!("{at}: the Certificate message")),
        policy: false,
    };
    let mut list = vec![match deviation {
        Deviation::Unreadable { at } => firm(
            Cause::MessageMalformed,
            Grade::Proved,
            format!("{} does not parse as a certificate.", capital(&chain.describe(*at))),
        ),
        Deviation::Expired { at, not_after } => expired(case, chain, *at, *not_after, firm),
        Deviation::NotYetValid { at, not_before } => not_yet(case, chain, *at, *not_before, firm),
        Deviation::NameMismatch { expected } => name_mismatch(case, chain, expected, firm),
        Deviation::NoSan { common_name_fits } => no_san(case, chain, *common_name_fits, firm),
        Deviation::SelfSigned => self_signed(chain, firm),
        Deviation::UnknownIssuer { at, root_sent, namesake, .. } => {
            unknown_issuer(chain, *at, *root_sent, *namesake, firm)
        }
        Deviation::Order { leaf_not_first } => {
            let what =
                if *leaf_not_first { "the leaf does not come first" } else { "issuers come out of order" };
            firm(
                Cause::CertChainOrder,
                Grade::Inferred,
                format!("The {}'s certificates are sent in the wrong order: {what}.", end(chain.of)),
            )
        }
        Deviation::PathLength { .. } | Deviation::IssuerNotCa { .. } | Deviation::NameConstraint { .. } => {
            issuing(chain, deviation, firm)
        }
        Deviation::ExtendedKeyUsage { at, lists } => extended_key_usage(chain, *at, lists, firm),
        Deviation::KeyUsage { lacks, purpose } => key_usage(chain, lacks, *purpose, firm),
        Deviation::WeakKey { at } => weak_key(chain, *at, firm),
        Deviation::WeakSignature { at, hash } => {
            let summary = format!("{} is signed with {}.", capital(&chain.describe(*at)), hash.name());
            Told { policy: true, ..firm(Cause::CertWeakSignature, Grade::Inferred, summary) }
        }
        Deviation::SignatureInvalid { at, issuer, verified } => {
            let summary = format!(
                "The signature of {} does not verify under the key of its issuer, {}.",
                chain.describe(*at),
                chain.describe(*issuer)
            );
            let mut told = firm(Cause::CertSignatureInvalid, Grade::Proved, summary);
            told.finding = told.finding.evidence(match verified {
                crate::compute::signature::Verified::Bad(bad) => format!("its signature: {bad}"),
                _ => "its algorithm is one that the issuer's key cannot do".to_owned(),
            });
            told
        }
        Deviation::UnknownCritical { at, identifier } => {
            let summary = format!(
                "{} has a critical extension, {identifier}, which whoever does not know it must refuse.",
                capital(&chain.describe(*at))
            );
            Told { policy: true, ..firm(Cause::RefusedUnexplained, Grade::Inferred, summary) }
        }
    }];
    if let Deviation::UnknownIssuer { at, root_sent: false, at_hand, .. } = deviation {
        list.extend(missing_intermediate(chain, *at, at_hand.as_deref(), firm));
    }
    if chain.of == Side::Client {
        list.iter_mut().for_each(as_client);
    }
    list
}

/// The same causes under their names for the client's certificate.
fn as_client(told: &mut Told) {
    let cause = match told.finding.cause {
        Cause::CertExpired => Cause::ClientCertExpired,
        Cause::CertNotYetValid => Cause::ClientCertNotYetValid,
        Cause::CertEku => Cause::ClientCertEku,
        Cause::CertKeyUsage => Cause::ClientCertKeyUsage,
        Cause::CertUnknownIssuer
        | Cause::CertSelfSigned
        | Cause::CertMissingIntermediate
        | Cause::CertIssuerNotCa
        | Cause::CertPathLength
        | Cause::CertNameConstraint
        | Cause::CertSignatureInvalid
        | Cause::CertChainOrder
        | Cause::CertWeakKey
        | Cause::CertWeakSignature => Cause::ClientCertUnknownIssuer,
        // Those that mean the same of both ends.
        other => other,
    };
    let fixes = std::mem::take(&mut told.finding.fix);
    let generic = fixes.first().is_some_and(|fix| fix == told.finding.cause.fix());
    told.finding.fix = if generic { vec![cause.fix().to_owned()] } else { fixes };
    told.finding.cause = cause;
    told.finding.side = cause.at();
}

fn date(seconds: i64) -> String {
    match u64::try_from(seconds) {
        Ok(seconds) => Date(seconds).to_string(),
        Err(_) => "before 1970".to_owned(),
    }
}

/// A time that was given proves; the clock of whoever recorded the capture is only seen.
fn by_time(case: &Case<'_>) -> Grade {
    if case.evidence.at.is_some() { Grade::Proved } else { Grade::Observed }
}

fn judged_at(case: &Case<'_>) -> String {
    let now = now(case.story, case.evidence).map_or_else(|| "an unknown time".to_owned(), date);
    let what = if case.evidence.at.is_some() { "judged at" } else { "the capture is of" };
    format!("{what} {now}")
}

fn expired(
    case: &Case<'_>,
    chain: &Chain,
    at: Step,
    not_after: i64,
    firm: impl Fn(Cause, Grade, String) -> Told,
) -> Told {
    let summary = format!("{} expired on {}.", capital(&chain.describe(at)), date(not_after));
    let mut told = firm(Cause::CertExpired, by_time(case), summary);
    told.finding = told.finding.evidence(format!("notAfter {}; {}", date(not_after), judged_at(case)));
    told
}

fn not_yet(
    case: &Case<'_>,
    chain: &Chain,
    at: Step,
    not_before: i64,
    firm: impl Fn(Cause, Grade, String) -> Told,
) -> Told {
    let summary = format!("{} is not valid before {}.", capital(&chain.describe(at)), date(not_before));
    let mut told = firm(Cause::CertNotYetValid, by_time(case), summary);
    told.finding = told
        .finding
        .evidence(format!("notBefore {}; {}", date(not_before), judged_at(case)))
        .or_fix("or mend the clock of the machine that issued it");
    told
}

fn name_mismatch(
    case: &Case<'_>,
    chain: &Chain,
    wanted: &str,
    firm: impl Fn(Cause, Grade, String) -> Told,
) -> Told {
    let given = expected(case.story, case.evidence).is_some_and(|expected| expected.given);
    let leaf = chain.leaf();
    let names = leaf.map(|leaf| leaf.names_text()).filter(|names| !names.is_empty());
    let common = leaf.and_then(|leaf| leaf.common_name.clone());
    let is_for = names.clone().or_else(|| common.as_ref().map(|name| format!("CN = {name}")));
    let summary = format!(
        "The server's certificate is for {}, and the client wants {wanted}.",
        is_for.unwrap_or_else(|| "no name at all".to_owned())
    );
    let grade = if given { Grade::Proved } else { Grade::Inferred };
    let mut told = firm(Cause::CertNameMismatch, grade, summary);
    told.finding = told.finding.evidence(match given {
        true => format!("expected name {wanted}, as given"),
        false => {
            format!("expected name {wanted}: server_name of the ClientHello; the client may want another")
        }
    });
    let is_address = wanted.parse::<std::net::IpAddr>().is_ok();
    if is_address && names.is_some_and(|names| !names.contains("IP:")) {
        told.finding = told
            .finding
            .evidence("an address is found only among the addresses (iPAddress) of subjectAltName, and there are none")
            .or_fix(format!("or issue it with the address: openssl -addext subjectAltName=IP:{wanted}"));
    }
    told
}

fn no_san(
    case: &Case<'_>,
    chain: &Chain,
    common_name_fits: Option<bool>,
    firm: impl Fn(Cause, Grade, String) -> Told,
) -> Told {
    let name = chain.leaf().and_then(|leaf| leaf.common_name.clone()).unwrap_or_default();
    let summary = format!(
        "The server's certificate has no subjectAltName, only the common name {name}, which current clients do \
         not look at."
    );
    let given = expected(case.story, case.evidence).is_some_and(|expected| expected.given);
    let grade = match common_name_fits {
        Some(true) if given => Grade::Proved,
        Some(true | false) | None => Grade::Inferred,
    };
    let mut told = firm(Cause::CertNoSan, grade, summary);
    told.finding =
        told.finding.evidence("RFC 9525 §6.3: a name is looked for in subjectAltName alone").or_fix(format!(
            "openssl req -x509 -addext subjectAltName=DNS:{name}; in a CA: an extension file with that line"
        ));
    told
}

fn self_signed(chain: &Chain, firm: impl Fn(Cause, Grade, String) -> Told) -> Told {
    let whose = end(chain.of);
    let known = chain.roots.is_some();
    let grade = if known { Grade::Proved } else { Grade::Inferred };
    let summary = match known {
        true => format!("The {whose}'s certificate is signed by itself and is not among the trust anchors."),
        false => {
            format!("The {whose}'s certificate is signed by itself, and the other end does not trust it.")
        }
    };
    let mut told = firm(Cause::CertSelfSigned, grade, summary);
    told.finding = told
        .finding
        .evidence("issuer and subject are the same, and the signature verifies under its own key")
        .fix(match chain.of {
            Side::Server => format!("give it to the client as a trust anchor: {TRUST_ON_CLIENT}"),
            Side::Client => format!("give it to the server as a trust anchor: {TRUST_ON_SERVER}"),
        })
        .or_fix("or pin its key, or have it issued by a CA that the other end trusts");
    told
}

/// How the common programs are given trust anchors.
const TRUST_ON_CLIENT: &str = "openssl s_client -CAfile FILE, curl --cacert FILE, mosquitto_pub --cafile FILE, \
    gnutls-cli --x509cafile=FILE, Python load_verify_locations(FILE), Java -Djavax.net.ssl.trustStore=FILE, \
    Mbed TLS mbedtls_ssl_conf_ca_chain, handclasp --ca FILE";
const TRUST_ON_SERVER: &str = "openssl s_server -CAfile FILE, mosquitto cafile FILE, nginx ssl_client_certificate \
    FILE, gnutls-serv --x509cafile=FILE, Java -Djavax.net.ssl.trustStore=FILE, Mbed TLS \
    mbedtls_ssl_conf_ca_chain, handclasp --client-ca FILE";

fn unknown_issuer(
    chain: &Chain,
    at: Step,
    root_sent: bool,
    namesake: bool,
    firm: impl Fn(Cause, Grade, String) -> Told,
) -> Told {
    let last = chain.at(at);
    let issuer = last.map_or_else(String::new, |last| last.issuer_text.clone());
    let known = chain.roots.is_some();
    let grade = if known { Grade::Proved } else { Grade::Inferred };
    let summary = match known {
        true => {
            format!("The {}'s chain ends at the issuer {issuer}, which is no trust anchor.", end(chain.of))
        }
        false => format!(
            "The {}'s chain ends at the issuer {issuer}, which the other end does not seem to trust.",
            end(chain.of)
        ),
    };
    let mut told = firm(Cause::CertUnknownIssuer, grade, summary);
    let evidence = match root_sent {
        true => format!("{} is signed by itself: the root was sent along", chain.describe(at)),
        false => format!("issuer of {}: {issuer}, which was not sent", chain.describe(at)),
    };
    told.finding = told.finding.evidence(evidence);
    if namesake {
        told.finding = told.finding.evidence(
            "a certificate of that name is at hand, but with another key (subjectKeyIdentifier): an older or newer \
             one of the same CA, or another CA of the same name",
        );
    }
    told.finding = told.finding.fix(match chain.of {
        Side::Server => format!("install the root of that issuer on the client: {TRUST_ON_CLIENT}"),
        Side::Client => format!("install the root of that issuer on the server: {TRUST_ON_SERVER}"),
    });
    told
}

fn missing_intermediate(
    chain: &Chain,
    at: Step,
    at_hand: Option<&str>,
    firm: impl Fn(Cause, Grade, String) -> Told,
) -> Option<Told> {
    let last = chain.at(at)?;
    let fetched = last.extensions.ca_issuers.as_deref();
    let grade = match (at_hand, fetched, &chain.roots) {
        (Some(_), _, _) => Grade::Proved,
        (None, Some(_), _) | (None, None, None) => Grade::Inferred,
        (None, None, Some(_)) => Grade::Possible,
    };
    let summary = format!(
        "The {} does not send the certificate of {}, by which a trust anchor may be reached.",
        end(chain.of),
        last.issuer_text
    );
    let mut told = firm(Cause::CertMissingIntermediate, grade, summary);
    if let Some(issuer) = at_hand {
        told.finding = told.finding.evidence(format!("it is among the certificates given: {issuer}"));
    }
    if let Some(address) = fetched {
        told.finding =
            told.finding.evidence(format!("its issuer can be fetched (authorityInfoAccess) at {address}"));
    }
    told.finding = told.finding.or_fix(
        "openssl s_server -cert_chain FILE, nginx and mosquitto: leaf and intermediates in one file, Java: the whole \
         chain in the key entry",
    );
    Some(told)
}

fn issuing(chain: &Chain, deviation: &Deviation, firm: impl Fn(Cause, Grade, String) -> Told) -> Told {
    match deviation {
        Deviation::PathLength { at, permitted, found } => firm(
            Cause::CertPathLength,
            Grade::Proved,
            format!(
                "{} permits {permitted} CAs below it (pathLenConstraint), and there are {found}.",
                capital(&chain.describe(*at))
            ),
        ),
        Deviation::NameConstraint { at, by, name } => firm(
            Cause::CertNameConstraint,
            Grade::Proved,
            format!(
                "{} may not issue for {name}, which {} carries.",
                capital(&chain.describe(*by)),
                chain.describe(*at)
            ),
        ),
        Deviation::IssuerNotCa { at, why } => {
            let why = match why {
                NotCa::Denied => "its basicConstraints say CA:FALSE",
                NotCa::Silent => "it has no basicConstraints",
                NotCa::Version => "certificates before version 3 cannot say that they are a CA",
                NotCa::KeyUsage => "its keyUsage lacks keyCertSign",
            };
            let summary =
                format!("{} issued another certificate and is no CA: {why}.", capital(&chain.describe(*at)));
            firm(Cause::CertIssuerNotCa, Grade::Proved, summary)
        }
        Deviation::Unreadable { .. }
        | Deviation::Expired { .. }
        | Deviation::NotYetValid { .. }
        | Deviation::NameMismatch { .. }
        | Deviation::NoSan { .. }
        | Deviation::SelfSigned
        | Deviation::UnknownIssuer { .. }
        | Deviation::Order { .. }
        | Deviation::ExtendedKeyUsage { .. }
        | Deviation::KeyUsage { .. }
        | Deviation::WeakKey { .. }
        | Deviation::WeakSignature { .. }
        | Deviation::SignatureInvalid { .. }
        | Deviation::UnknownCritical { .. } => {
            firm(Cause::RefusedUnexplained, Grade::Possible, "The chain deviates.".to_owned())
        }
    }
}

fn extended_key_usage(
    chain: &Chain,
    at: Step,
    lists: &str,
    firm: impl Fn(Cause, Grade, String) -> Told,
) -> Told {
    let needs = match chain.of {
        Side::Client => "clientAuth",
        Side::Server => "serverAuth",
    };
    let summary = format!(
        "{} is not for a TLS {}: its extendedKeyUsage lacks {needs}.",
        capital(&chain.describe(at)),
        end(chain.of)
    );
    let mut told = firm(Cause::CertEku, Grade::Proved, summary);
    told.finding = told
        .finding
        .evidence(format!("extendedKeyUsage lists {lists}"))
        .or_fix(format!("openssl: extendedKeyUsage = {needs} in the extension file"));
    told
}

fn key_usage(
    chain: &Chain,
    lacks: &str,
    purpose: Purpose,
    firm: impl Fn(Cause, Grade, String) -> Told,
) -> Told {
    let whose = end(chain.of);
    let needs = match (purpose, chain.of) {
        (Purpose::Sign, Side::Server) => "the key exchange of this suite is signed with it",
        (Purpose::Sign, Side::Client) => "the client signs its CertificateVerify with it",
        (Purpose::Decrypt, _) => "the client encrypts the premaster secret to it",
        (Purpose::Agree, _) => "the key exchange uses it directly",
    };
    let summary =
        format!("The {whose}'s certificate may not be used so: its keyUsage lacks {lacks}, and {needs}.");
    let mut told = firm(Cause::CertKeyUsage, Grade::Proved, summary);
    told.finding = told.finding.fix(format!("reissue it with keyUsage = {lacks}"));
    told
}

fn weak_key(chain: &Chain, at: Step, firm: impl Fn(Cause, Grade, String) -> Told) -> Told {
    let key = chain.at(at).map_or_else(String::new, |found| found.key.describe());
    let summary = format!("The key of {} is small: {key}.", chain.describe(at));
    let mut told = Told { policy: true, ..firm(Cause::CertWeakKey, Grade::Inferred, summary) };
    told.finding = told
        .finding
        .evidence("OpenSSL at its usual security level, and most others, ask for RSA 2048 or more")
        .or_fix("only to test: openssl -cipher DEFAULT@SECLEVEL=0 on the verifying end");
    told
}

/// With a capital in front.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
