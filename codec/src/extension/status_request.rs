//! status_request: RFC 6066 §8. The server answers with a CertificateStatus message in TLS 1.2 and with
//! a [`crate::CertificateStatus`] extension of the certificate in TLS 1.3 (RFC 8446 §4.4.2.1).

use crate::{
    CertificateStatusType, Decode, Encode, Field, List, Malformed, Reader, Trace, Writer,
    structure::structure,
};

/// Content of status_request in a ClientHello (`CertificateStatusRequest`).
#[derive(Clone, Copy, Debug)]
pub enum CertificateStatusRequest<'a> {
    /// Request for an OCSP response (status_type 1).
    Ocsp(OcspStatusRequest<'a>),
    /// Any other status_type, with the bytes after it.
    Other(CertificateStatusType, &'a [u8]),
}

structure! {
    /// Parameters of the OCSP request (`OCSPStatusRequest`).
    #[derive(Copy)]
    OcspStatusRequest<'a> in request {
        /// OCSP responders that the client trusts; empty if they are known to the server by arrangement.
        responder_id_list: List<'a, ResponderId<'a>> => list16(0..=0xffff),
        /// DER-encoded OCSP `Extensions`, or empty.
        request_extensions: &'a [u8] => opaque16(0..=0xffff),
    }
}

structure! {
    /// A DER-encoded `ResponderID` (RFC 6960 §4.2.1).
    ResponderId<'a>(opaque16(1..=0xffff) in responder_id)
}

impl<'a> Decode<'a> for CertificateStatusRequest<'a> {
    fn decode<T: Trace>(reader: &mut Reader<'a, '_, T>) -> Result<Self, Malformed> {
        match reader.word(Field::status_type)? {
            CertificateStatusType::ocsp => OcspStatusRequest::decode(reader).map(Self::Ocsp),
            other => Ok(Self::Other(other, reader.rest(Field::request))),
        }
    }
}

impl Encode for CertificateStatusRequest<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Ocsp(request) => {
                writer.word(CertificateStatusType::ocsp);
                request.encode(writer)
            }
            Self::Other(status_type, request) => {
                writer.word(*status_type);
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
