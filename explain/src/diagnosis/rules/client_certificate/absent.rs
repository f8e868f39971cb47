//! An empty Certificate of the client: it has none, or none that the server's request permits
//! (RFC 5246 §7.4.4 §7.4.6, RFC 8446 §4.4.2). Some stacks withhold it silently.

use handclasp_codec::{
    AlertDescription as Alert, CertificateRequest10, ClientCertificateType, HandshakeType, ProtocolVersion,
    SignatureScheme,
};

use handclasp_report::{NoneShown, Tag};

use super::super::peer_verdict::{Taken, of_certificates};
use super::super::{Case, Side};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::compute::certificate::Certificate;
use crate::diagnosis::compute::key::Family;
use crate::diagnosis::compute::signature::Algorithm;
use crate::diagnosis::finding::{Confidence, Finding};

/// What a CertificateRequest asks for.
#[derive(Default)]
pub(super) struct Request {
    /// Kinds of keys that it permits; `None` where nothing is known.
    pub families: Option<Vec<Family>>,
    /// The schemes that it lists.
    pub schemes: Vec<SignatureScheme>,
    /// DER names of the authorities that it lists.
    pub authorities: Vec<Vec<u8>>,
}

/// Reads the CertificateRequest of any version.
pub(super) fn request(case: &Case<'_>) -> Option<Request> {
    let found = case.conversation.first(Side::Server, HandshakeType::certificate_request)?;
    if case.conversation.is_tls13() {
        let request = case.conversation.certificate_request13()?;
        let schemes = request.extensions.signature_algorithms.as_ref();
        let schemes: Vec<_> = schemes?.supported_signature_algorithms.iter().collect();
        let names = request.extensions.certificate_authorities.as_ref();
        let names = names.map(|names| names.authorities.iter().map(|name| name.0.to_vec()).collect());
        let families = Some(families(&schemes));
        return Some(Request { families, schemes, authorities: names.unwrap_or_default() });
    }
    if case.conversation.version()? < ProtocolVersion::TLS_1_2 {
        let request: CertificateRequest10<'_> = found.message.decode()?;
        let authorities = request.certificate_authorities.iter().map(|name| name.0.to_vec()).collect();
        let families = Some(types(request.certificate_types.iter()));
        return Some(Request { families, authorities, ..Request::default() });
    }
    let request = case.conversation.certificate_request()?;
    let schemes: Vec<_> = request.supported_signature_algorithms.iter().collect();
    let by_type = types(request.certificate_types.iter());
    let mut families = families(&schemes);
    // Ed25519 keys come under ecdsa_sign (RFC 8422 §5.5).
    families.retain(|family| match family {
        Family::Edwards => by_type.contains(&Family::Ec),
        Family::Rsa | Family::Ec | Family::Dsa => by_type.contains(family),
    });
    let authorities = request.certificate_authorities.iter().map(|name| name.0.to_vec()).collect();
    Some(Request { families: Some(families), schemes, authorities })
}

fn families(schemes: &[SignatureScheme]) -> Vec<Family> {
    let mut found = Vec::new();
    for algorithm in schemes.iter().filter_map(|scheme| Algorithm::of_scheme(*scheme)) {
        if !found.contains(&algorithm.family()) {
            found.push(algorithm.family());
        }
    }
    found
}

fn types(types: impl Iterator<Item = ClientCertificateType>) -> Vec<Family> {
    types
        .filter_map(|kind| match kind {
            ClientCertificateType::rsa_sign => Some(Family::Rsa),
            ClientCertificateType::ecdsa_sign => Some(Family::Ec),
            ClientCertificateType::dss_sign => Some(Family::Dsa),
            _ => None,
        })
        .collect()
}

/// Names of kinds of keys, as a request is narrow to them.
fn name(family: Family) -> &'static str {
    match family {
        Family::Rsa => "RSA",
        Family::Ec => "EC",
        Family::Edwards => "Ed25519 or Ed448",
        Family::Dsa => "DSA",
    }
}

/// Why there is none.
pub(super) fn findings(case: &Case<'_>, taken: Taken) -> Vec<Finding> {
    if !minds(taken) {
        return Vec::new();
    }
    if let Some(found) = known_reason(case) {
        return vec![found];
    }
    let Some(request) = request(case) else { return vec![missing(case, Confidence::Observed)] };
    let own = case.evidence.certificates.first().and_then(|der| Certificate::parse(der));
    let mut found = Vec::new();
    found.extend(no_usable_scheme(case, &request, own.as_ref()));
    found.extend(filtered(case, &request, own.as_ref()));
    // Where the request itself shuts the client out, that it sends none is only what follows.
    let explained = found.iter().any(|finding| finding.confidence < Confidence::Possible);
    found.push(missing(case, if explained { Confidence::Inferred } else { Confidence::Observed }));
    found
}

/// Whether the server may have ended it for want of a certificate.
fn minds(taken: Taken) -> bool {
    match taken {
        Taken::Left => true,
        Taken::Refused(alert) => {
            // GnuTLS says decode_error.
            let general =
                [Alert::handshake_failure, Alert::access_denied, Alert::no_certificate, Alert::decode_error];
            of_certificates(alert) || general.contains(&alert)
        }
        Taken::Accepted | Taken::Untold => false,
    }
}

/// Why our own client showed none, as its report says.
fn known_reason(case: &Case<'_>) -> Option<Finding> {
    let why = NoneShown::from_note(case.notes()?.bytes(Tag::NoneShown)?);
    let (cause, reason) = match why {
        Some(NoneShown::NotConfigured) => (Cause::ClientCertMissing, "none is configured."),
        Some(NoneShown::NoCommonScheme) => (
            Cause::ClientCertNoUsableScheme,
            "our key can make none of the signature schemes that the server lists.",
        ),
        Some(NoneShown::NoCommonType) => (
            Cause::ClientCertMissing,
            "one side has a raw public key, the other takes X.509 certificates only.",
        ),
        None | Some(_) => (Cause::ClientCertMissing, "none was configured, or none that fits its request."),
    };
    let named = case.refused(Side::Server) == Some(Alert::certificate_required);
    let confidence = if named { Confidence::Observed } else { Confidence::Inferred };
    let summary = format!("The server asked for a client certificate, and we showed none: {reason}");
    Some(Finding::failure(cause, confidence, summary).evidence(case.ended()))
}

fn missing(case: &Case<'_>, confidence: Confidence) -> Finding {
    Finding::failure(
        Cause::ClientCertMissing,
        confidence,
        "The server requires a client certificate, and the client sends none.",
    )
    .evidence(format!("{}: the client's Certificate is empty", case.at(Side::Client, HandshakeType::certificate)))
    .evidence(case.ended())
    .or_fix("openssl s_client -cert FILE -key FILE, curl --cert FILE --key FILE, mosquitto_pub --cert FILE --key FILE, handclasp --cert FILE --key FILE")
}

/// The request permits few kinds of keys.
fn no_usable_scheme(case: &Case<'_>, request: &Request, own: Option<&Certificate>) -> Option<Finding> {
    let families = request.families.as_deref()?;
    let listed: Vec<&str> = families.iter().map(|family| name(*family)).collect();
    let at = case.at(Side::Server, HandshakeType::certificate_request);
    let (confidence, summary, what) = match own.and_then(|own| Some((own, own.key.family()?))) {
        Some((_, family)) if families.contains(&family) => return None,
        Some((own, _)) => (
            Confidence::Inferred,
            format!(
                "The server accepts only keys of type {}, and the client's key is {}: the client cannot \
                 send its certificate.",
                or_nothing(&listed),
                own.key.describe()
            ),
            format!("the given client certificate: {}", own.subject_text),
        ),
        None if families.len() <= 1 => (
            Confidence::Inferred,
            format!(
                "The server accepts only keys of type {}, and the client sends no certificate: its key is \
                 probably of another type.",
                or_nothing(&listed)
            ),
            "servers accept several key types unless configured otherwise".to_owned(),
        ),
        None => return None,
    };
    let finding = Finding::failure(Cause::ClientCertNoUsableScheme, confidence, summary)
        .evidence(format!("{at}: CertificateRequest permits keys of type {}", or_nothing(&listed)))
        .evidence(what)
        .evidence(case.ended())
        .or_fix("openssl s_server -client_sigalgs LIST; Java: jdk.tls.server.SignatureSchemes; GnuTLS: +SIGN-ALL in the priority string");
    Some(finding)
}

fn or_nothing(listed: &[&str]) -> String {
    if listed.is_empty() { "(unrecognized)".to_owned() } else { listed.join(" and ") }
}

/// The request lists authorities, and the client's issuer is none of them.
fn filtered(case: &Case<'_>, request: &Request, own: Option<&Certificate>) -> Option<Finding> {
    if request.authorities.is_empty() {
        return None;
    }
    let at = case.at(Side::Server, HandshakeType::certificate_request);
    let shown: Vec<String> = request.authorities.iter().take(4).map(|name| text(name)).collect();
    let issuers = case.evidence.certificates.iter().filter_map(|der| Certificate::parse(der));
    let (confidence, summary) = match own {
        Some(_) => {
            if issuers.map(|found| found.issuer).any(|issuer| request.authorities.contains(&issuer)) {
                return None;
            }
            (
                Confidence::Inferred,
                "The client does not send its certificate: the issuer is not among the authorities that the \
                 server lists.",
            )
        }
        None => (
            Confidence::Possible,
            "Perhaps the client has a certificate but does not send it, because its issuer is not among the \
             authorities that the server lists (Java does so silently).",
        ),
    };
    let more = request.authorities.len().saturating_sub(shown.len());
    let list = match more {
        0 => shown.join("; "),
        more => format!("{}; and {more} more", shown.join("; ")),
    };
    Some(
        Finding::failure(Cause::ClientCertFiltered, confidence, summary)
            .evidence(format!("{at}: CertificateRequest lists {list}"))
            .evidence(case.ended())
            .or_fix("openssl s_server -CAfile FILE (its names are what the server lists), nginx ssl_client_certificate FILE"),
    )
}

/// A name of the list, for people.
fn text(name: &[u8]) -> String {
    use x509_parser::prelude::FromDer as _;
    match x509_parser::x509::X509Name::from_der(name) {
        Ok((_, name)) => name.to_string(),
        Err(_) => "an unparsable name".to_owned(),
    }
}
