//! Facts about a structure, for people.

use crate::{
    certificate::Certificate,
    crl::Crl,
    name::Name,
    request::Request,
    signature::{self, Verdict},
    spki::Spki,
    time::{self, Time},
};

/// Names and values.
pub(crate) type Facts = Vec<(&'static str, String)>;

/// Facts of a request.
pub(crate) fn request_facts(request: &Request<'_>) -> Facts {
    vec![
        ("subject", request.subject.as_ref().map(|name| name.text.clone()).unwrap_or_default()),
        ("public key", key_text(request.key.as_ref())),
        ("signature", verdict_text(request.verdict)),
    ]
}

/// Facts of a CRL.
pub(crate) fn crl_facts(crl: &Crl<'_>) -> Facts {
    let issuer = crl.issuer.as_ref().map(|name| name.text.clone()).unwrap_or_default();
    vec![("issuer", issuer), ("revoked certificates", crl.revoked.len().to_string())]
}

/// Facts of a certificate.
pub(crate) fn certificate_facts(certificate: &Certificate<'_>) -> Facts {
    let text = |name: &Option<Name<'_>>| name.as_ref().map(|name| name.text.clone()).unwrap_or_default();
    let day = |time: Option<Time>| time.map(|time| time::day(time.seconds)).unwrap_or_default();
    let names = certificate.extensions.names.clone().unwrap_or_default();
    let mut facts = vec![
        ("subject", text(&certificate.subject)),
        ("issuer", text(&certificate.issuer)),
        ("valid", format!("{} to {}", day(certificate.not_before), day(certificate.not_after))),
        ("names", if names.is_empty() { "without a subjectAltName".to_owned() } else { names.join(", ") }),
        ("public key", key_text(certificate.key.as_ref())),
    ];
    if let Some(signed) = &certificate.signed {
        let own = match certificate.is_self_issued() {
            true => format!(", self-signed: {}", verdict_text(certificate.own)),
            false => String::new(),
        };
        facts.push(("signature", format!("{}{own}", signature::name(signed.algorithm))));
    }
    facts
}

/// A public key for people.
pub(crate) fn key_text(key: Option<&Spki<'_>>) -> String {
    match key.and_then(|key| key.kind.map(|kind| (kind, key.rsa_bits))) {
        Some((kind, Some(bits))) => format!("{}, {bits} bits", kind.name()),
        Some((kind, None)) => kind.name().to_owned(),
        None => "unknown".to_owned(),
    }
}

/// A verdict for people.
fn verdict_text(verdict: Verdict) -> String {
    let text = match verdict {
        Verdict::Verifies => "verifies",
        Verdict::Fails => "does not verify",
        Verdict::Unknown => "not checked",
    };
    text.to_owned()
}
