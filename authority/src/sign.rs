//! Signing a request: names, key and validity checked, recorded, handed out.

use core::fmt;

use base64ct::{Base64, Encoding as _};
use handclasp_identity::to_pem;
use handclasp_provider_aws_lc::SHA256;
use rcgen::{CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyUsagePurpose};
use rustls_pki_types::CertificateDer;
use x509_cert::{Certificate, der::Decode};

use crate::{
    AltName, AuthorityError, AuthorityFolder, AuthorityProblem, Issued, Profile, Request, RevocationReason,
    SignParams,
    certificate::{self, AuthorityCertificate},
    crl_url,
    list::List,
    request::check_count,
    signer::{Key, Signer},
    subject, time,
};

/// A certificate that was signed and recorded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Signed {
    /// The certificate, followed by those of the CAs up to the root, without the root.
    pub chain: Vec<CertificateDer<'static>>,
    /// As the list has it.
    pub issued: Issued,
    /// What differs from the request, in sentences.
    pub notes: Vec<String>,
}

impl Signed {
    /// The chain in PEM.
    pub fn pem(&self) -> String {
        self.chain.iter().map(|der| to_pem("CERTIFICATE", der).to_string()).collect()
    }
}

/// Subject, names and dates of a certificate to be.
struct Plan {
    params: CertificateParams,
    subject: String,
    names: Vec<AltName>,
    not_before: u64,
    not_after: u64,
}

impl AuthorityFolder {
    /// Signs a request (PEM, base64 or DER). The certificate is recorded in the list before it is returned.
    ///
    /// The subject and the subjectAltName come from the request or from `params`, everything else from the
    /// profile. Other extensions that the request asks for are not copied; [`Signed::notes`] names them.
    ///
    /// # Errors
    /// A request that is damaged, whose signature does not verify, that asks for a CA, or for names that the
    /// profile or the CA does not permit; a key that is weak, unsupported or known; a CA that is expired; a
    /// signer that fails; a list that cannot be written.
    pub fn sign(&self, request: &[u8], params: &SignParams) -> Result<Signed, AuthorityError> {
        self.try_sign(request, params).map_err(|problem| self.failed(problem))
    }

    fn try_sign(&self, request: &[u8], params: &SignParams) -> Result<Signed, AuthorityProblem> {
        let now = time::now();
        self.certificate.check_time(now)?;
        let request = Request::parse(request).map_err(AuthorityProblem::Request)?;
        let mut notes = notes(&request, params);
        let mut plan = plan(&self.certificate, &request, params, now, &mut notes)?;
        plan.params.crl_distribution_points = crl_url::distribution_points(&self.read_crl_urls()?);
        let pin = pin(&request.spki);
        let check = |list: &List| self.check_key(list, &request, &pin, params, now);
        // Before the signer is asked, which may be a person with a token.
        check(&crate::folder::parse(&self.list_file().read()?)?)?;
        let certificate = self.with_signer(|identity| {
            let spki = identity.spki();
            let signer = Signer::new(identity, &spki)?;
            let issuer = self.certificate.issuer();
            let issuer = Issuer::from_params(&issuer, signer);
            let made = plan.params.signed_by(&Key::new(&request.spki)?, &issuer);
            Ok(made.map_err(|_| issuer.key().failure())?.der().clone())
        })?;
        let serial = self.checked_serial(&certificate)?;
        let issued = Issued {
            serial,
            not_before: plan.not_before,
            not_after: plan.not_after,
            revocation: None,
            profile: params.profile,
            pin: pin.clone(),
            names: plan.names,
            subject: plan.subject,
        };
        // First the record, then the certificate: what leaves this process can be revoked. Another process
        // may have certified the key meanwhile.
        self.change(|list| {
            check(list)?;
            list.push(issued.clone());
            Ok(())
        })?;
        let mut chain = vec![certificate];
        chain.extend_from_slice(self.certificate.above_leaf());
        let mut signed = Signed { chain, issued, notes: Vec::new() };
        if let Err(problem) = self.keep(&signed.issued.serial_text(), &signed.pem()) {
            notes.push(format!("its copy was not kept: {problem}"));
        }
        signed.notes = notes;
        Ok(signed)
    }

    /// The serial number of a certificate that was just made. Its issuer must be the subject of the CA, byte
    /// for byte, or no chain is built (RFC 5280 §7.1).
    fn checked_serial(&self, certificate: &CertificateDer<'_>) -> Result<Vec<u8>, AuthorityProblem> {
        let read = Certificate::from_der(certificate).map_err(|_| AuthorityProblem::NotSigned(None))?;
        if read.tbs_certificate.issuer != self.certificate.subject {
            return Err(AuthorityProblem::Certificate("its subject is of an unsupported form"));
        }
        Ok(read.tbs_certificate.serial_number.as_bytes().to_vec())
    }

    /// Whether a certificate can be issued for this key, and whether the clock agrees with the list.
    fn check_key(
        &self,
        list: &List,
        request: &Request,
        pin: &str,
        params: &SignParams,
        now: u64,
    ) -> Result<(), AuthorityProblem> {
        if request.spki == self.certificate.spki {
            return Err(AuthorityProblem::KeyOfAuthority);
        }
        for issued in list.issued() {
            if issued.not_before > now {
                return Err(AuthorityProblem::ClockBehind { now, issued: issued.not_before });
            }
            if issued.pin != pin {
                continue;
            }
            let is_compromised =
                issued.revocation.is_some_and(|one| one.reason == RevocationReason::KeyCompromise);
            if is_compromised {
                return Err(AuthorityProblem::CompromisedKey(Box::new(issued.clone())));
            }
            if issued.is_valid_at(now) && !params.renewal {
                return Err(AuthorityProblem::KnownKey(Box::new(issued.clone())));
            }
        }
        Ok(())
    }
}

/// What is not taken from the request.
fn notes(request: &Request, params: &SignParams) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    if !request.ignored.is_empty() {
        notes.push(format!(
            "the request asks for extensions that are not copied: {}",
            request.ignored.join(", ")
        ));
    }
    if !params.names.is_empty() && !request.names.is_empty() {
        notes.push(format!("the names of the request are replaced: {}", Names(&request.names)));
    }
    notes
}

/// Decides on subject, names and dates.
fn plan(
    authority: &AuthorityCertificate,
    request: &Request,
    params: &SignParams,
    now: u64,
    notes: &mut Vec<String>,
) -> Result<Plan, AuthorityProblem> {
    let names = if params.names.is_empty() { &request.names } else { &params.names };
    let profile = params.profile;
    check_names(authority, names, profile)?;
    let (name, subject, common_name) = match &params.name {
        Some(text) => {
            let is_name =
                !text.is_empty() && text.chars().count() <= 64 && !text.chars().any(char::is_control);
            if !is_name {
                return Err(AuthorityProblem::Name(text.clone()));
            }
            let mut name = DistinguishedName::new();
            name.push(DnType::CommonName, text.as_str());
            (name, format!("CN={text}"), Some(text.clone()))
        }
        None => {
            let name = subject::to_rcgen(&request.subject).map_err(AuthorityProblem::Subject)?;
            (name, request.subject.to_string(), subject::common_name(&request.subject))
        }
    };
    if names.is_empty() {
        if profile.needs_name() || subject.is_empty() {
            return Err(AuthorityProblem::NoName(profile));
        }
        // Some peers look for the host in the common name where there is no subjectAltName.
        check_common_name(authority, common_name.as_deref())?;
    }
    let (not_before, not_after) = dates(authority, params, now, notes)?;
    let mut certificate = certificate::base(&request.spki, not_before, not_after)?;
    certificate.distinguished_name = name;
    certificate.is_ca = IsCa::ExplicitNoCa;
    certificate.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    certificate.extended_key_usages = profile.purposes();
    certificate.subject_alt_names = names
        .iter()
        .map(|name| {
            name.to_rcgen().map_err(|bad| AuthorityProblem::Request(crate::RequestProblem::Name(bad)))
        })
        .collect::<Result<_, _>>()?;
    Ok(Plan { params: certificate, subject, names: names.clone(), not_before, not_after })
}

/// Whether the profile and the CA permit these names.
fn check_names(
    authority: &AuthorityCertificate,
    names: &[AltName],
    profile: Profile,
) -> Result<(), AuthorityProblem> {
    check_count(names).map_err(AuthorityProblem::Request)?;
    for name in names {
        if let Some(reason) = profile.refuses(name) {
            return Err(AuthorityProblem::ProfileRefuses { profile, name: name.clone(), reason });
        }
        if !authority.constraints.permits(name) {
            let constraints = authority.constraints.clone();
            return Err(AuthorityProblem::NotPermitted { name: name.to_string(), constraints });
        }
    }
    Ok(())
}

/// Whether the CA permits a common name that is a DNS name or an address.
fn check_common_name(authority: &AuthorityCertificate, name: Option<&str>) -> Result<(), AuthorityProblem> {
    // One label is a name of a device as often as one of a host.
    let host = name.filter(|name| name.contains(['.', ':'])).and_then(|name| name.parse::<AltName>().ok());
    match host.filter(|host| !authority.constraints.permits(host)) {
        Some(host) => {
            let constraints = authority.constraints.clone();
            Err(AuthorityProblem::NotPermitted { name: format!("{host} (common name)"), constraints })
        }
        None => Ok(()),
    }
}

/// notBefore and notAfter: never outside of those of the CA.
fn dates(
    authority: &AuthorityCertificate,
    params: &SignParams,
    now: u64,
    notes: &mut Vec<String>,
) -> Result<(u64, u64), AuthorityProblem> {
    let days = params.days.unwrap_or_else(|| params.profile.default_days());
    let most = params.profile.max_days();
    if days == 0 || days > most {
        return Err(AuthorityProblem::Days { days, most, profile: params.profile });
    }
    // A day before now, since clocks differ.
    let not_before = now.saturating_sub(time::DAY).max(authority.not_before);
    let not_after = now.saturating_add(u64::from(days).saturating_mul(time::DAY));
    if not_after <= authority.not_after {
        return Ok((not_before, not_after));
    }
    if params.days.is_some() {
        return Err(AuthorityProblem::BeyondAuthority { days, not_after: authority.not_after });
    }
    notes.push(format!("valid only until {}, as long as the CA", time::day(authority.not_after)));
    Ok((not_before, authority.not_after))
}

/// The pin of a public key.
fn pin(spki: &[u8]) -> String {
    format!("sha256/{}", Base64::encode_string(&SHA256.hash(&[spki])))
}

/// Names as a list.
pub(crate) struct Names<'a>(pub(crate) &'a [AltName]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(AltName::to_string).collect::<Vec<_>>().join(", "))
    }
}
