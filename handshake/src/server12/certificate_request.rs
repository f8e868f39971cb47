//! CertificateRequest: which kinds of key, schemes and authorities would do (RFC 5246 §7.4.4,
//! RFC 8422 §5.5).

use alloc::vec::Vec;

use handclasp_codec::{
    CertificateRequest12, ClientCertificateType, Encode, HandshakeType, List, ProtocolVersion,
    SignatureScheme,
};
use handclasp_crypto::KeyKind;
use handclasp_report::{Failed, Side, Tag};

use super::handshake::Handshake;
use crate::{Context, negotiate::scheme_fits, verify::offered_schemes};

/// Asks the client for a certificate.
pub(super) fn send(shared: &mut Handshake, context: &mut Context<'_>) -> Result<(), Failed> {
    let verifies = |kind: KeyKind| context.config.verify.iter().any(|entry| entry.key() == kind);
    let any = |is_rsa: bool| KeyKind::ALL.into_iter().any(|kind| kind.is_rsa() == is_rsa && verifies(kind));
    let rsa = any(true).then_some(ClientCertificateType::rsa_sign);
    // Stands for EdDSA too (RFC 8422 §5.5).
    let others = any(false).then_some(ClientCertificateType::ecdsa_sign);
    let types: Vec<ClientCertificateType> = others.into_iter().chain(rsa).collect();
    let fits = |scheme: &SignatureScheme| {
        KeyKind::ALL.into_iter().any(|kind| scheme_fits(ProtocolVersion::TLS_1_2, kind, *scheme))
    };
    let schemes: Vec<SignatureScheme> = offered_schemes(context.config).filter(fits).collect();
    let names = context.config.certificates.names();
    let message = CertificateRequest12 {
        certificate_types: List::of(&types),
        supported_signature_algorithms: List::of(&schemes),
        certificate_authorities: List::of(&names),
    };
    context.report.note(Side::Server, Tag::CertificateRequest, &[]);
    context.report.note_words(Side::Server, Tag::Schemes, schemes.iter().copied());
    shared.send(context, HandshakeType::certificate_request, |writer| message.encode(writer))
}
