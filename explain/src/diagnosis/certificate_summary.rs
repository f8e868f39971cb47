//! Summaries and parts of X.509 certificates, for programs that print what a peer sent.

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::X509Name;

use crate::diagnosis::compute::certificate::{Certificate, Name, name_text};

/// Describes a certificate in one line: subject, names, key, issuer and expiry. `None`: the bytes are
/// not a certificate.
///
/// ```
/// assert_eq!(handclasp_explain::certificate::summary(b"not DER"), None);
/// ```
pub fn summary(der: &[u8]) -> Option<String> {
    let certificate = Certificate::parse(der)?;
    let issuer = match certificate.is_self_issued() {
        true => "by itself".to_owned(),
        false => format!("by {}", certificate.issuer_text),
    };
    let names = match certificate.names_text() {
        names if names.is_empty() => String::new(),
        names => format!(" ({names})"),
    };
    let until = OffsetDateTime::from_unix_timestamp(certificate.not_after).ok();
    let until = until.and_then(|until| until.format(&Rfc3339).ok());
    let until = until.as_deref().and_then(|until| until.get(..10)).unwrap_or("an unknown date");
    let key = certificate.key.describe();
    Some(format!("{}{names}, {key}, issued {issuer}, valid until {until}", certificate.subject_text))
}

/// Returns notBefore and notAfter of a certificate in seconds since 1970. `None`: the bytes are not a
/// certificate.
///
/// ```
/// assert_eq!(handclasp_explain::certificate::validity(b"not DER"), None);
/// ```
pub fn validity(der: &[u8]) -> Option<(i64, i64)> {
    Certificate::parse(der).map(|certificate| (certificate.not_before, certificate.not_after))
}

/// Returns the SubjectPublicKeyInfo (DER) of a certificate. `None`: the bytes are not a certificate.
///
/// ```
/// assert_eq!(handclasp_explain::certificate::public_key(b"not DER"), None);
/// ```
pub fn public_key(der: &[u8]) -> Option<Vec<u8>> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    Some(parsed.public_key().raw.to_vec())
}

/// Returns the DNS names and addresses of a certificate's subjectAltName, as text. Empty: it has none, or the bytes
/// are not a certificate.
///
/// ```
/// assert!(handclasp_explain::certificate::alternative_names(b"not DER").is_empty());
/// ```
pub fn alternative_names(der: &[u8]) -> Vec<String> {
    let names =
        Certificate::parse(der).and_then(|certificate| certificate.extensions.names).unwrap_or_default();
    let text = |name: &Name| {
        let shown = name.to_string();
        shown.strip_prefix("DNS:").or_else(|| shown.strip_prefix("IP:")).map(str::to_owned)
    };
    names.iter().filter_map(text).collect()
}

/// Returns the attributes of a certificate's subject, in order: OBJECT IDENTIFIER with dots, and value. Attributes that
/// are not text are left out.
///
/// ```
/// assert!(handclasp_explain::certificate::subject_attributes(b"not DER").is_empty());
/// ```
pub fn subject_attributes(der: &[u8]) -> Vec<(String, String)> {
    let Ok((_, parsed)) = X509Certificate::from_der(der) else { return Vec::new() };
    let attributes = parsed.subject().iter_attributes();
    let text =
        attributes.filter_map(|one| Some((one.attr_type().to_id_string(), one.as_str().ok()?.to_owned())));
    text.collect()
}

/// Returns the signature of a certificate: the contents of its BIT STRING. `None`: the bytes are not a
/// certificate.
///
/// ```
/// assert_eq!(handclasp_explain::certificate::signature(b"not DER"), None);
/// ```
pub fn signature(der: &[u8]) -> Option<Vec<u8>> {
    Certificate::parse(der).map(|certificate| certificate.signature)
}

/// Formats a time in seconds since 1970 as RFC 3339.
///
/// ```
/// assert_eq!(handclasp_explain::certificate::rfc3339(0), "1970-01-01T00:00:00Z");
/// ```
pub fn rfc3339(seconds: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok();
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_else(|| format!("{seconds} s after 1970"))
}

/// Formats a distinguished name (DER), as CertificateRequest lists them.
///
/// ```
/// // CN=a
/// let der = [0x30, 12, 0x31, 10, 0x30, 8, 6, 3, 0x55, 4, 3, 0x0c, 1, b'a'];
/// assert_eq!(handclasp_explain::certificate::distinguished_name(&der), "CN=a");
/// ```
pub fn distinguished_name(der: &[u8]) -> String {
    match X509Name::from_der(der) {
        Ok((_, name)) => name_text(&name),
        Err(_) => "(a name that does not parse)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn other_bytes_are_not_a_certificate() {
        assert_eq!(super::summary(&[0x30, 3, 1, 1, 0xff]), None);
        assert_eq!(super::validity(&[0x30, 3, 1, 1, 0xff]), None);
        assert_eq!(super::public_key(&[0x30, 3, 1, 1, 0xff]), None);
        assert_eq!(super::signature(&[0x30, 3, 1, 1, 0xff]), None);
        assert_eq!(super::rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(super::distinguished_name(&[1, 2]), "(a name that does not parse)");
        // CN=a
        let name = [0x30, 12, 0x31, 10, 0x30, 8, 6, 3, 0x55, 4, 3, 0x0c, 1, b'a'];
        assert_eq!(super::distinguished_name(&name), "CN=a");
    }
}
