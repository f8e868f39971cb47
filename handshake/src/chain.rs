//! The peer's certificates while the caller verifies them (RFC 8446 §4.4.2, RFC 5246 §7.4.2). The
//! message is kept as it came and walked once; nothing is copied out of it.

use alloc::vec::Vec;
use core::ops::Range;

use handclasp_codec::{
    Asn1Cert, Certificate12, Certificate13, CertificateEntry, CertificateRawPublicKey12,
    CertificateStatusType, CertificateType, Decode, ErrorSlot, ExtensionType, Field, HandshakeHeader,
    Problem, Reader,
};
use handclasp_report::{Evidence, Failed, Fault, Report, Side, Tag, key_note};

use crate::{
    extensions::OfferedExtensions,
    message::{self, refuse_answer},
    need::{Answer, Need},
    verify::PeerKey,
};

/// A certificate chain that the caller verifies, one certificate after the other.
pub(crate) struct Chain {
    /// The Certificate message, header included.
    message: Vec<u8>,
    shape: Shape,
    certificate_type: CertificateType,
    /// The range of the current certificate.
    current: Range<usize>,
    /// Offset of the next entry.
    next: usize,
    /// Position of the current certificate in the chain.
    index: usize,
}

/// The forms of an entry.
#[derive(Clone, Copy)]
enum Shape {
    /// A certificate without extensions.
    Tls12,
    /// A certificate with extensions.
    Tls13,
    /// One key, without a list (RFC 7250 §3).
    RawPublicKey12,
}

/// The outcome of an answer.
pub(crate) enum Judged {
    /// The caller asks for the next certificate.
    Next(Chain),
    /// The caller accepted the chain; the message is dropped.
    Accepted(PeerKey),
}

impl Chain {
    /// Keeps a Certificate message of TLS 1.3; `None` when its list is empty. `offered` are the
    /// extensions that we sent: an answer to one of them is out of place here.
    ///
    /// # Errors
    /// A message that does not parse, a certificate_request_context other than `context`,
    /// an extension that was not asked for, several raw public keys.
    pub(crate) fn tls13(
        message: &[u8],
        context: &[u8],
        offered: OfferedExtensions,
        certificate_type: CertificateType,
        report: &mut Report,
    ) -> Result<Option<Self>, Failed> {
        let certificate: Certificate13<'_> = message::decode(message, Field::certificate, report)?;
        if certificate.certificate_request_context != context {
            return Err(report.fail(Fault::IllegalParameter(Field::certificate_request_context)));
        }
        // Of what we ever offer only this may be answered here (RFC 8446 §4.2).
        let wanted = offered.contains(ExtensionType::status_request);
        let answers = certificate.certificate_list.iter().flat_map(|entry| entry.extensions.received_types());
        let mut others = answers.filter(|found| !wanted || *found != ExtensionType::status_request);
        if let Some(found) = others.next() {
            return Err(report.fail(match offered.contains(found) {
                true => Fault::MisplacedExtension(found),
                false => Fault::UnsolicitedExtension(found),
            }));
        }
        // RFC 8446 §4.4.2: a raw public key stands alone.
        let raw = certificate_type == CertificateType::RawPublicKey;
        if raw && certificate.certificate_list.iter().nth(1).is_some() {
            return Err(report.fail(Fault::IllegalParameter(Field::certificate_list)));
        }
        let context = certificate.certificate_request_context.len();
        // The context and its length stand before the list.
        Self::first(message, Shape::Tls13, certificate_type, context.saturating_add(1), report)
    }

    /// Keeps a Certificate message of TLS 1.2; `None` when its list is empty.
    ///
    /// # Errors
    /// A message that does not parse.
    pub(crate) fn tls12(
        message: &[u8],
        certificate_type: CertificateType,
        report: &mut Report,
    ) -> Result<Option<Self>, Failed> {
        let shape = if certificate_type == CertificateType::RawPublicKey {
            message::decode::<CertificateRawPublicKey12<'_>>(message, Field::certificate, report)?;
            Shape::RawPublicKey12
        } else {
            message::decode::<Certificate12<'_>>(message, Field::certificate, report)?;
            Shape::Tls12
        };
        Self::first(message, shape, certificate_type, 0, report)
    }

    /// `before`: bytes of the body before the list's length.
    fn first(
        message: &[u8],
        shape: Shape,
        certificate_type: CertificateType,
        before: usize,
        report: &mut Report,
    ) -> Result<Option<Self>, Failed> {
        const LENGTH: usize = 3;
        let list = HandshakeHeader::SIZE.saturating_add(before);
        let first = list.saturating_add(LENGTH);
        if first >= message.len() {
            return Ok(None);
        }
        let next = match shape {
            Shape::Tls12 | Shape::Tls13 => first,
            // The length is the key's own.
            Shape::RawPublicKey12 => list,
        };
        let message = Vec::from(message);
        let chain = Self { message, shape, certificate_type, current: 0..0, next, index: 0 };
        chain.read_entry(report).map(Some)
    }

    /// Makes the entry at `next` the current one. It was decoded with the message, so that an error has
    /// no numbers to keep.
    fn read_entry(self, report: &mut Report) -> Result<Self, Failed> {
        let bytes = self.message.get(self.next..).unwrap_or_default();
        let mut slot = ErrorSlot::default();
        let mut reader = Reader::at(bytes, self.next, &mut slot);
        let der = match self.shape {
            Shape::Tls12 | Shape::RawPublicKey12 => Asn1Cert::decode(&mut reader).map(|entry| entry.0),
            Shape::Tls13 => CertificateEntry::decode(&mut reader).map(|entry| entry.cert_data),
        };
        let end = reader.offset();
        let der =
            der.map_err(|malformed| report.fail(Fault::decode(Field::certificate)(slot.error(malformed))))?;
        // Three bytes of length stand before it.
        let start = self.next.saturating_add(3);
        let (current, next) = (start..start.saturating_add(der.len()), end);
        Ok(Self { current, next, ..self })
    }

    fn is_last(&self) -> bool {
        self.next >= self.message.len()
    }

    /// Shows the current certificate to the caller.
    pub(crate) fn need(&self) -> Need<'_> {
        let der = self.message.get(self.current.clone()).unwrap_or_default();
        let (certificate_type, last) = (self.certificate_type, self.is_last());
        Need::PeerCertificate { index: self.index, der, certificate_type, last }
    }

    /// Handles the caller's answer. Notes the key of an accepted chain for the side `peer`.
    ///
    /// # Errors
    /// The caller refuses, or the answer does not fit the need.
    pub(crate) fn answer(
        self,
        answer: Answer<'_>,
        report: &mut Report,
        peer: Side,
    ) -> Result<Judged, Failed> {
        match answer {
            Answer::CertificateNoted if !self.is_last() => {
                let index = self.index.saturating_add(1);
                Self { index, ..self }.read_entry(report).map(Judged::Next)
            }
            Answer::PeerAccepted { spki, identity } if self.is_last() => {
                let identity = identity.with_certificate_type(self.certificate_type);
                let key = PeerKey::accepted(spki, identity, self.message, report)?;
                report.note(peer, Tag::CertificateKey, &key_note(key.kind, &key.identity.pin));
                Ok(Judged::Accepted(key))
            }
            Answer::PeerRefused(why) => Err(report.refuse(why)),
            other => Err(refuse_answer(&other, report)),
        }
    }
}

/// The OCSP response about the leaf in a Certificate message of TLS 1.3 that was accepted before
/// (RFC 8446 §4.4.2.1).
///
/// # Errors
/// A status of another type than was asked for.
pub(crate) fn ocsp_response(message: &[u8], report: &mut Report) -> Result<Option<Vec<u8>>, Failed> {
    let Certificate13 { certificate_list, .. } = message::decode(message, Field::certificate, report)?;
    let Some(status) = certificate_list.iter().next().and_then(|leaf| leaf.extensions.status_request) else {
        return Ok(None);
    };
    match status.status_type {
        CertificateStatusType::ocsp => Ok(Some(Vec::from(status.response))),
        _ => Err(report.fail(Fault::IllegalParameter(Field::status_type))),
    }
}

/// The fault of a server that sends an empty list: in TLS 1.3 the RFC names the alert (RFC 8446 §4.4.2.4),
/// and 1.2 permits no such message either (RFC 5246 §7.4.2). `offset` is that of the list.
pub(crate) fn empty_list(offset: u32, report: &mut Report) -> Failed {
    let (within, field) = (Field::certificate, Field::certificate_list);
    let fault = Fault::Decode { within, field, problem: Problem::OutOfRange, offset };
    report.fail_with(fault, Evidence::Numbers([1, 0xff_ffff, 0]))
}
