//! Configuration of certificates, and the negotiation of their types (RFC 7250 §4): X.509 or raw
//! public key.

use alloc::vec::Vec;

use handclasp_codec::{
    CertificateType, ClientHelloView, DistinguishedName, ExtensionType, Field, HandshakeType, List,
    SignatureScheme, Writer,
};
use handclasp_report::{Choice, Failed, Fault, Misuse, Report, Side, Tag, Uint};
use handclasp_schedule::Transcript;
use rustls_pki_types::CertificateDer;

use crate::{Context, Credential, CredentialRequest, capability, server::hello::host_list};

/// Which certificates are requested, accepted and sent. By default X.509 only, and clients are not
/// asked for one.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// Server: whether clients are asked to authenticate.
    pub client_authentication: ClientAuthentication,
    /// Distinguished names (DER) of accepted authorities, sent to the peer: by a server in its
    /// CertificateRequest, by a client in its TLS 1.3 ClientHello. Empty: any.
    pub authorities: Vec<Vec<u8>>,
    /// Schemes accepted in certificates, sent in signature_algorithms_cert. Empty: those of
    /// `Config::verify`, and the extension is not sent (RFC 8446 §4.2.3).
    pub schemes: Vec<SignatureScheme>,
    /// Certificate types that the caller can send, in order of preference. Empty: X.509 only.
    pub own_types: Vec<CertificateType>,
    /// Certificate types that the caller can verify, in order of preference. Empty: X.509 only.
    pub peer_types: Vec<CertificateType>,
    /// TLS 1.2: limit in bytes on the messages kept for a client's CertificateVerify, whose hash is
    /// known only when it arrives (RFC 5246 §7.4.8).
    pub transcript_limit: usize,
}

/// Whether a server requests client certificates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// Clients are not asked.
    #[default]
    None,
    /// Clients are asked, and may answer without a certificate.
    Offered,
    /// Clients are asked, and refused without a certificate.
    Required,
}

impl Default for Certificates {
    fn default() -> Self {
        Self {
            client_authentication: ClientAuthentication::None,
            authorities: Vec::new(),
            schemes: Vec::new(),
            own_types: Vec::new(),
            peer_types: Vec::new(),
            // Two messages of the greatest length that a connection takes in by default, and our own.
            transcript_limit: 192 * 1024,
        }
    }
}

const X509: &[CertificateType] = &[CertificateType::X509];

impl Certificates {
    /// Certificate types that we can send.
    pub(crate) fn own_types(&self) -> &[CertificateType] {
        if self.own_types.is_empty() { X509 } else { &self.own_types }
    }

    /// Certificate types that we can verify.
    pub(crate) fn peer_types(&self) -> &[CertificateType] {
        if self.peer_types.is_empty() { X509 } else { &self.peer_types }
    }

    /// The names of authorities, as lists of them are written.
    pub(crate) fn names(&self) -> Vec<DistinguishedName<'_>> {
        self.authorities.iter().map(|name| DistinguishedName(name)).collect()
    }

    /// Whether the messages kept are within the limit after `message` was added.
    pub(crate) fn within_limit(
        &self,
        transcript: &Transcript,
        message: HandshakeType,
        report: &mut Report,
    ) -> Result<(), Failed> {
        let (limit, found) = (self.transcript_limit, transcript.messages().len());
        let number = |length| Uint::saturating(u64::try_from(length).unwrap_or(u64::MAX));
        match found <= limit {
            true => Ok(()),
            false => {
                let (limit, found) = (number(limit), number(found));
                Err(report.fail(Fault::MessageTooLarge { message, limit, found }))
            }
        }
    }
}

/// Whether there is X.509 and no other type.
pub(crate) fn is_x509_alone(types: &[CertificateType]) -> bool {
    types == X509
}

/// What a list of a client's, or its absence, permits.
pub(crate) fn permitted<'a>(offer: Option<List<'a, CertificateType>>) -> List<'a, CertificateType> {
    offer.unwrap_or(List::of(X509))
}

/// A server's choice for the client's certificate.
fn choose(ours: &[CertificateType], offer: Option<List<'_, CertificateType>>) -> Option<CertificateType> {
    let permitted = permitted(offer);
    ours.iter().copied().find(|one| permitted.has(*one))
}

/// What a server requests of its client.
#[derive(Clone, Copy)]
pub(crate) struct Requested {
    pub(crate) on: capability::ClientAuth,
    pub(crate) certificate_type: CertificateType,
}

/// The certificate to request from the client; `None` if the configuration requests none.
///
/// # Errors
/// [`Fault::NoCommonCertificateType`].
pub(crate) fn requested(
    context: &mut Context<'_>,
    hello: ClientHelloView<'_>,
) -> Result<Option<Requested>, Failed> {
    let Some(on) = capability::ClientAuth::get() else { return Ok(None) };
    let ours = &context.config.certificates;
    match ours.client_authentication {
        ClientAuthentication::None => Ok(None),
        ClientAuthentication::Offered | ClientAuthentication::Required => {
            let offer = host_list(hello, ExtensionType::client_certificate_type, 1);
            match choose(ours.peer_types(), offer) {
                Some(certificate_type) => Ok(Some(Requested { on, certificate_type })),
                None => Err(context.fail(Fault::NoCommonCertificateType)),
            }
        }
    }
}

/// The types of both sides' certificates.
#[derive(Clone, Copy)]
pub(crate) struct Types {
    pub(crate) server: CertificateType,
    pub(crate) client: CertificateType,
}

impl Types {
    /// Whether the server shows a certificate, of which there can be a status.
    pub(crate) fn is_x509_server(self) -> bool {
        self.server == CertificateType::X509
    }

    /// The type of the server's certificate, X.509 if the server did not negotiate one.
    ///
    /// # Errors
    /// [`Fault::NoCommonCertificateType`]: we cannot judge it.
    pub(crate) fn server_judged(self, context: &mut Context<'_>) -> Result<CertificateType, Failed> {
        let certificates = &context.config.certificates;
        let judged = !capability::HostExtensions::ON || certificates.peer_types().contains(&self.server);
        match judged {
            true => Ok(self.server),
            false => Err(context.fail(Fault::NoCommonCertificateType)),
        }
    }

    /// From a server's answers. What it does not answer is X.509.
    ///
    /// # Errors
    /// A type that was not offered; X.509 where we cannot judge it.
    pub(crate) fn answered(
        context: &mut Context<'_>,
        server: Option<CertificateType>,
        client: Option<CertificateType>,
    ) -> Result<Self, Failed> {
        let certificates = &context.config.certificates;
        let mut check = |answer: Option<CertificateType>, ours: &[CertificateType]| {
            let Some(found) = answer.filter(|_| capability::HostExtensions::ON) else {
                return Ok(CertificateType::X509);
            };
            match ours.contains(&found) {
                true => Ok(found),
                false => {
                    let (choice, found) = (Choice::CertificateType, u16::from(found.0));
                    Err(context.fail(Fault::NotOffered { choice, found }))
                }
            }
        };
        let types = Self {
            server: check(server, certificates.peer_types())?,
            client: check(client, certificates.own_types())?,
        };
        Ok(types)
    }
}

/// Notes that the client shows no certificate, where the caller has not said why (RFC 8446 §4.4.2,
/// RFC 5246 §7.4.6: the Certificate message is then empty).
pub(crate) fn note_none_shown(report: &mut Report) {
    if !report.has(Tag::NoneShown) {
        report.note(Side::Client, Tag::NoneShown, &[]);
    }
}

/// Whether a credential is what the peer wants; the scheme for its signature. Notes where it
/// leads to no authority that the peer names.
///
/// # Errors
/// Another type, no scheme in common, an empty chain.
pub(crate) fn check_shown(
    report: &mut Report,
    own: Side,
    wanted: &CredentialRequest<'_>,
    credential: &Credential<'_>,
) -> Result<SignatureScheme, Failed> {
    if credential.chain.is_empty() {
        return Err(report.fail(Fault::Misuse(Misuse::WrongAnswer)));
    }
    if !wanted.types.has(credential.certificate_type) {
        return Err(report.fail(Fault::NoCommonCertificateType));
    }
    let scheme = wanted.scheme_or_fail(credential.key, credential.schemes, report)?;
    if !credential.listed {
        report.note(own, Tag::IssuerNotListed, &[]);
    }
    Ok(scheme)
}

/// The body of a Certificate of TLS 1.2, from either side: a list, or one raw public key (RFC 7250 §3).
pub(crate) fn write_certificate12(
    certificate_type: CertificateType,
    chain: &[CertificateDer<'_>],
    writer: &mut Writer<'_>,
) {
    if certificate_type == CertificateType::RawPublicKey {
        let key = chain.first().map(AsRef::as_ref).unwrap_or_default();
        return writer.opaque24(Field::asn1_subject_public_key_info, key);
    }
    writer.vector24(Field::certificate_list, |list| {
        chain.iter().for_each(|der| list.opaque24(Field::asn1_cert, der));
    });
}
