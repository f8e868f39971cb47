//! Verification of a stapled OCSP response (RFC 6960 §3.2, RFC 6066 §8): it is signed by the issuer of
//! the certificate or by a responder that the issuer delegated to, it is about this certificate, it is
//! current, and its status is "good". x509-ocsp decodes the structure; paths and signatures are
//! verified as for certificates.

use ::der::{Decode as _, Encode as _, asn1::ObjectIdentifier};
use alloc::vec::Vec;

use handclasp_crypto::Hash;
use handclasp_report::{CertificateError, CertificateFault, Evidence, StapleFault};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage};
use x509_ocsp::{CertId, CertStatus, OcspResponse, OcspResponseStatus, ResponseData, SingleResponse};

use crate::{
    Revocation, RevocationReason, VerifyOptions,
    der::{Elements, INTEGER, Malformed, SEQUENCE, sequence},
    distinguished_name::distinguished_name,
    extension::{key_usage, must_staple},
    signed::{public_key, verifies},
    x509::Certificate,
};

/// id-pkix-ocsp-basic.
const BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
/// id-kp-OCSPSigning.
const OCSP_SIGNING: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x09";
const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
/// `[0]`, constructed: the certificates of a BasicOCSPResponse.
const CERTIFICATES: u8 = 0xa0;
/// `[0]`, constructed: the version of a TBSCertificate.
const VERSION: u8 = 0xa0;

/// Limit for the certificates of responders that are tried: one is usual, two during a key change.
const RESPONDERS_MAX: usize = 4;
/// Tolerated clock skew in seconds: that of `openssl ocsp`.
const SKEW: u64 = 300;
/// Validity in seconds of a response without nextUpdate: CAs renew responses at least every ten days
/// (Baseline Requirements §4.9.10).
const UNDATED: u64 = 10 * 86_400;

/// The issuer of the certificate, and the algorithms for verifying responses.
pub(crate) struct Issuer<'a> {
    pub(crate) anchor: &'a TrustAnchor<'a>,
    pub(crate) supported: &'a [&'a dyn SignatureVerificationAlgorithm],
    /// SHA-1, by which responses identify the issuer. Security does not depend on it: the issuer's key
    /// signs the response, and the serial number is unique to the issuer.
    pub(crate) sha1: &'a dyn Hash,
}

impl Issuer<'_> {
    /// Verifies the response about `leaf`, or checks that none is required.
    pub(crate) fn verify(
        &self,
        leaf: &[u8],
        response: Option<&[u8]>,
        options: &VerifyOptions<'_>,
    ) -> Result<(), CertificateError> {
        match response {
            Some(response) => self.verify_response(leaf, response, options),
            // RFC 7633 §4.2.3.1: the certificate may require one.
            None => match must_staple(leaf) {
                Ok(false) => Ok(()),
                Ok(true) => Err(CertificateFault::NoStaple.into()),
                Err(Malformed) => Err(CertificateFault::Malformed { index: 0 }.into()),
            },
        }
    }

    fn verify_response(
        &self,
        leaf: &[u8],
        response: &[u8],
        options: &VerifyOptions<'_>,
    ) -> Result<(), CertificateError> {
        let malformed = CertificateFault::Staple(StapleFault::Malformed);
        let outer = OcspResponse::from_der(response).map_err(|_| malformed)?;
        if outer.response_status != OcspResponseStatus::Successful {
            return Err(CertificateFault::Staple(StapleFault::NotSuccessful).into());
        }
        let bytes = outer.response_bytes.ok_or(malformed)?;
        if bytes.response_type != BASIC {
            return Err(malformed.into());
        }
        let signed = Signed::read(bytes.response.as_bytes()).map_err(|Malformed| malformed)?;
        // Its content counts only once the signature verifies.
        if !self.is_authentic(&signed, options) {
            return Err(CertificateFault::Staple(StapleFault::NotAuthentic).into());
        }
        let data = ResponseData::from_der(signed.data).map_err(|_| malformed)?;
        let serial = serial_number(leaf).map_err(|Malformed| CertificateFault::Malformed { index: 0 })?;
        let about = data.responses.iter().filter(|one| self.is_about(&one.cert_id, serial, options));
        let about =
            decisive(about, options).ok_or(CertificateFault::Staple(StapleFault::OtherCertificate))?;
        let critical = [&data.response_extensions, &about.single_extensions];
        if critical.into_iter().flatten().flatten().any(|extension| extension.critical) {
            return Err(malformed.into());
        }
        is_current(about, options)?;
        match about.cert_status {
            CertStatus::Good(_) => Ok(()),
            CertStatus::Revoked(info) => {
                let date = info.revocation_time.0.to_unix_duration().as_secs();
                let dates = Evidence::Dates { limit: date, now: options.now.as_secs() };
                Err(CertificateFault::Revoked.with(dates))
            }
            CertStatus::Unknown(_) => Err(CertificateFault::Staple(StapleFault::Unknown).into()),
        }
    }

    /// RFC 6960 §4.2.2.2: signed by the issuer's key, or by one that the issuer has certified for
    /// that and nothing else.
    fn is_authentic(&self, signed: &Signed<'_>, options: &VerifyOptions<'_>) -> bool {
        if self.verifies(signed, &self.anchor.subject_public_key_info) {
            return true;
        }
        signed.certificates.iter().take(RESPONDERS_MAX).any(|der| {
            let der = CertificateDer::from(*der);
            let Ok(responder) = EndEntityCert::try_from(&der) else { return false };
            let may_sign = key_usage(&der).is_ok_and(|usage| usage.is_none_or(|it| it.permits_signatures()));
            let delegated = responder.verify_for_usage(
                self.supported,
                core::slice::from_ref(self.anchor),
                &[],
                options.now,
                KeyUsage::required(OCSP_SIGNING),
                None,
                None,
            );
            let key = webpki::anchor_from_trusted_cert(&der).map(|one| one.subject_public_key_info);
            may_sign && delegated.is_ok() && key.is_ok_and(|key| self.verifies(signed, &key))
        })
    }

    fn verifies(&self, signed: &Signed<'_>, spki: &[u8]) -> bool {
        verifies(self.supported, spki, signed.algorithm, signed.data, signed.signature)
    }

    /// Whether a response is about the certificate of that number (RFC 6960 §4.1.1).
    fn is_about(&self, id: &CertId, serial: &[u8], options: &VerifyOptions<'_>) -> bool {
        let hash = match id.hash_algorithm.oid {
            SHA1 => self.sha1,
            SHA256 => options.sha256,
            _ => return false,
        };
        let Ok((_, key)) = public_key(&self.anchor.subject_public_key_info) else { return false };
        without_zeros(id.serial_number.as_bytes()) == without_zeros(serial)
            && id.issuer_name_hash.as_bytes() == &*hash.hash(&[&sequence(&self.anchor.subject)])
            && id.issuer_key_hash.as_bytes() == &*hash.hash(&[key])
    }
}

/// What a response says of a revoked certificate, for people: nothing is verified.
pub(crate) fn revocation(leaf: &[u8], response: &[u8]) -> Option<Revocation> {
    let certificate = Certificate::read(leaf).ok()?;
    let bytes = OcspResponse::from_der(response).ok()?.response_bytes?;
    let signed = Signed::read(bytes.response.as_bytes()).ok()?;
    let responses = ResponseData::from_der(signed.data).ok()?.responses;
    responses.iter().find_map(|one| {
        let CertStatus::Revoked(info) = one.cert_status else { return None };
        let same = without_zeros(one.cert_id.serial_number.as_bytes()) == without_zeros(certificate.serial);
        // An enumeration's number: RFC 5280 §5.3.1 has them up to 10.
        let reason = info.revocation_reason.and_then(|reason| reason.to_der().ok()?.last().copied());
        same.then(|| Revocation {
            index: 0,
            serial: certificate.serial.to_vec(),
            issuer: distinguished_name(certificate.issuer),
            date: UnixTime::since_unix_epoch(info.revocation_time.0.to_unix_duration()),
            reason: RevocationReason(reason.unwrap_or_default()),
        })
    })
}

/// The one of several responses about a certificate that counts: one that revokes it, else the newest current
/// one. A responder's signature covers all of them, and their order means nothing (RFC 6960 §4.2.1).
fn decisive<'r>(
    about: impl Iterator<Item = &'r SingleResponse>,
    options: &VerifyOptions<'_>,
) -> Option<&'r SingleResponse> {
    about.max_by_key(|one| {
        let revokes = matches!(one.cert_status, CertStatus::Revoked(_));
        (revokes, is_current(one, options).is_ok(), one.this_update.0.to_unix_duration())
    })
}

/// [`in_time`], except that a response may be from later where the time is a lower bound.
fn is_current(about: &SingleResponse, options: &VerifyOptions<'_>) -> Result<(), CertificateError> {
    let is_later =
        |error: &CertificateError| error.fault == CertificateFault::Staple(StapleFault::NotYetValid);
    let time = in_time(about, options.now.as_secs());
    time.or_else(|error| if !options.time_is_known && is_later(&error) { Ok(()) } else { Err(error) })
}

/// thisUpdate and nextUpdate (RFC 6960 §4.2.2.1).
fn in_time(about: &SingleResponse, now: u64) -> Result<(), CertificateError> {
    let begin = about.this_update.0.to_unix_duration().as_secs();
    let end = about.next_update.map(|next| next.0.to_unix_duration().as_secs());
    let end = end.unwrap_or(begin.saturating_add(UNDATED));
    if begin > now.saturating_add(SKEW) {
        Err(CertificateFault::Staple(StapleFault::NotYetValid).with(Evidence::Dates { limit: begin, now }))
    } else if end.saturating_add(SKEW) < now {
        Err(CertificateFault::Staple(StapleFault::Outdated).with(Evidence::Dates { limit: end, now }))
    } else {
        Ok(())
    }
}

/// BasicOCSPResponse (RFC 6960 §4.2.1), as bytes: what is signed is verified as it came.
struct Signed<'a> {
    /// tbsResponseData, tag and length included.
    data: &'a [u8],
    /// Content of the AlgorithmIdentifier.
    algorithm: &'a [u8],
    signature: &'a [u8],
    certificates: Vec<&'a [u8]>,
}

impl<'a> Signed<'a> {
    fn read(response: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Elements::of_sequence(response)?;
        let data = fields.expect_whole(SEQUENCE)?;
        let (algorithm, signature) = (fields.expect(SEQUENCE)?, fields.expect_bytes()?);
        let mut certificates = Vec::new();
        if let Some(tagged) = fields.optional(CERTIFICATES)? {
            let mut list = Elements::of_sequence(tagged)?;
            while list.tag().is_some() {
                certificates.push(list.expect_whole(SEQUENCE)?);
            }
        }
        fields.end()?;
        Ok(Self { data, algorithm, signature, certificates })
    }
}

/// The serialNumber of a certificate (RFC 5280 §4.1.2.2), as its INTEGER holds it.
fn serial_number(certificate: &[u8]) -> Result<&[u8], Malformed> {
    let mut fields = Elements(Elements::of_sequence(certificate)?.expect(SEQUENCE)?);
    fields.optional(VERSION)?;
    fields.expect(INTEGER)
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use ::der::asn1::GeneralizedTime;
    use x509_ocsp::OcspGeneralizedTime;

    use super::*;
    use crate::Role;

    #[test]
    fn a_response_holds_from_this_update_to_next_update() {
        let mut one = single(include_bytes!("../tests/vectors/staples/good.der"));
        let begin = one.this_update.0.to_unix_duration().as_secs();
        let end = one.next_update.unwrap().0.to_unix_duration().as_secs();
        let dates = Evidence::Dates { limit: begin, now: begin - 301 };
        let early = CertificateFault::Staple(StapleFault::NotYetValid).with(dates);
        assert_eq!(in_time(&one, begin - 301), Err(early));
        for now in [begin - 300, begin, end, end + 300] {
            assert_eq!(in_time(&one, now), Ok(()));
        }
        let dates = Evidence::Dates { limit: end, now: end + 301 };
        let late = CertificateFault::Staple(StapleFault::Outdated).with(dates);
        assert_eq!(in_time(&one, end + 301), Err(late));
        // Without nextUpdate for ten days.
        one.next_update = None;
        assert_eq!(in_time(&one, begin + UNDATED), Ok(()));
        assert!(in_time(&one, begin + UNDATED + 301).is_err());
    }

    fn single(der: &[u8]) -> SingleResponse {
        let bytes = OcspResponse::from_der(der).unwrap().response_bytes.unwrap();
        let signed = Signed::read(bytes.response.as_bytes()).unwrap();
        ResponseData::from_der(signed.data).unwrap().responses.remove(0)
    }

    #[test]
    fn of_several_responses_a_revocation_counts_and_else_the_newest_current_one() {
        let at = |mut one: SingleResponse, this_update: u64, next_update: u64| {
            let time = |seconds| {
                let seconds = core::time::Duration::from_secs(seconds);
                OcspGeneralizedTime(GeneralizedTime::from_unix_duration(seconds).unwrap())
            };
            (one.this_update, one.next_update) = (time(this_update), Some(time(next_update)));
            one
        };
        let good = single(include_bytes!("../tests/vectors/staples/good.der"));
        let revoked = single(include_bytes!("../tests/vectors/staples/revoked.der"));
        let now = 1_000_000;
        let revoked = at(revoked, now - 3000, now + 3000);
        let old = at(good.clone(), now - 2000, now + 2000);
        let new = at(good.clone(), now - 1000, now + 1000);
        let outdated = at(good.clone(), now - 900, now - 800);
        let future = at(good, now + 5000, now + 9000);
        let time = UnixTime::since_unix_epoch(core::time::Duration::from_secs(now));
        let options = VerifyOptions::new(Role::Server, time, &[], handclasp_provider_aws_lc::SHA256);
        for all in [[&new, &revoked, &old], [&old, &new, &revoked], [&revoked, &old, &new]] {
            assert_eq!(decisive(all.into_iter(), &options), Some(&revoked));
        }
        let good = [&old, &new, &outdated, &future];
        for turn in 0..good.len() {
            let mut turned = good;
            turned.rotate_left(turn);
            assert_eq!(decisive(turned.into_iter(), &options), Some(&new));
        }
        assert_eq!(decisive([&outdated].into_iter(), &options), Some(&outdated));
        assert_eq!(decisive(core::iter::empty(), &options), None);
        // Where the time is a lower bound, the one from later is current.
        let options = VerifyOptions { time_is_known: false, ..options };
        assert_eq!(decisive(good.into_iter(), &options), Some(&future));
    }

    #[test]
    fn cut_anywhere_it_is_malformed() {
        let der = include_bytes!("../tests/vectors/staples/good-by-delegate.der");
        let bytes = OcspResponse::from_der(der).unwrap().response_bytes.unwrap();
        let basic = bytes.response.as_bytes();
        assert_eq!(Signed::read(basic).unwrap().certificates.len(), 1);
        assert!((0..basic.len()).all(|end| Signed::read(&basic[..end]).is_err()));
    }
}
