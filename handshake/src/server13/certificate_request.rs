//! CertificateRequest: which schemes and authorities would do (RFC 8446 §4.3.2).

use alloc::vec::Vec;

use handclasp_codec::{
    CertificateAuthorities, CertificateRequest13, CertificateRequestExtensions, Encode, HandshakeType, List,
    SignatureScheme, SignatureSchemeList,
};
use handclasp_report::{Failed, Side, Tag};

use super::handshake::Handshake;
use crate::{Context, verify::offered_schemes};

/// Asks the client for a certificate.
pub(super) fn send(shared: &mut Handshake, context: &mut Context<'_>) -> Result<(), Failed> {
    let certificates = &context.config.certificates;
    let schemes: Vec<_> = offered_schemes(context.config).collect();
    let list = |schemes| SignatureSchemeList { supported_signature_algorithms: List::of(schemes) };
    let cert: Option<&[SignatureScheme]> = Some(certificates.schemes.as_slice()).filter(|it| !it.is_empty());
    let names: Vec<_> = certificates.names();
    let message = CertificateRequest13 {
        // Only requests after the handshake have a context (§4.3.2).
        certificate_request_context: &[],
        extensions: CertificateRequestExtensions {
            signature_algorithms: Some(list(&schemes)),
            signature_algorithms_cert: cert.map(list),
            certificate_authorities: (!names.is_empty())
                .then_some(CertificateAuthorities { authorities: List::of(&names) }),
            ..Default::default()
        },
    };
    context.report.note(Side::Server, Tag::CertificateRequest, &[]);
    context.report.note_words(Side::Server, Tag::Schemes, schemes.iter().copied());
    shared.transcript.add(context.send(HandshakeType::certificate_request, |writer| message.encode(writer))?);
    Ok(())
}
