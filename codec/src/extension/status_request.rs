//! status_request: RFC 6066 §8. The answer is a message in 1.2 and, on a certificate, a
//! [`crate::CertificateStatus`] in 1.3 (RFC 8446 §4.4.2.1).

use crate::{
    CertificateStatusType, Decode, DecodeError, Encode, EncodeError, Field, List, Reader, Trace, Writer,
    structure::structure,
};

/// CertificateStatusRequest.
#[derive(Clone, Copy, Debug)]
pub enum CertificateStatusRequest<'a> {
    /// status_type ocsp.
    Ocsp(OcspStatusRequest<'a>),
    /// Any other status_type, with what follows it.
    Other(CertificateStatusType, &'a [u8]),
}

structure! {
    /// OCSPStatusRequest.
    #[derive(Copy)]
    OcspStatusRequest<'a> in request {
        /// Responders that the client trusts; empty: those known beforehand.
        responder_id_list: List<'a, ResponderId<'a>> => list16(0..=0xffff),
        /// In DER, or empty.
        request_extensions: &'a [u8] => opaque16(0..=0xffff),
    }
}

structure! {
    /// A ResponderID in DER.
    ResponderId<'a>(opaque16(1..=0xffff) in responder_id)
}

impl<'a> Decode<'a> for CertificateStatusRequest<'a> {
    fn decode<T: Trace>(reader: &mut Reader<'a, '_, T>) -> Result<Self, DecodeError> {
        match reader.word(Field::status_type)? {
            CertificateStatusType::ocsp => OcspStatusRequest::decode(reader).map(Self::Ocsp),
            other => Ok(Self::Other(other, reader.rest(Field::request))),
        }
    }
}

impl Encode for CertificateStatusRequest<'_> {
    fn encode(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        match self {
            Self::Ocsp(request) => {
                writer.word(CertificateStatusType::ocsp)?;
                request.encode(writer)
            }
            Self::Other(status_type, request) => {
                writer.word(*status_type)?;
                writer.bytes(request)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::known;
    use crate::*;

    #[test]
    fn ocsp() {
        let ids = [ResponderId(b"r")];
        let request = OcspStatusRequest { responder_id_list: List::of(&ids), request_extensions: b"e" };
        known!(
            CertificateStatusRequest<'_>,
            CertificateStatusRequest::Ocsp(request),
            "01 0003 0001 72 0001 65"
        );
    }

    #[test]
    fn another_type() {
        let other = CertificateStatusRequest::Other(CertificateStatusType(9), b"zz");
        known!(CertificateStatusRequest<'_>, other, "09 7a7a");
    }
}
