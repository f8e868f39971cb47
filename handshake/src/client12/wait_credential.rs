//! The server asked for a certificate: which one to show, if any (RFC 5246 §7.4.6).
//!
//! Called by: the table.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{Asn1Cert, Certificate12, Encode, HandshakeType, List, ProtocolVersion};
use handclasp_crypto::KeyKind;
use handclasp_report::Fault;

use super::{
    State,
    our_flight::OurFlight,
    session::{Agreement, Session},
    wait_certificate_request_or_done::Request,
    wait_signature::WaitSignature,
};
use crate::{Answer, Credential, Env, Need, message::refuse_answer, negotiate::scheme};

/// ServerHelloDone came, and before it a CertificateRequest.
pub(crate) struct WaitCredential {
    pub(super) session: Box<Session>,
    pub(super) agreement: Option<Agreement>,
    pub(super) request: Request,
}

impl WaitCredential {
    pub(super) fn need(&self) -> Need<'_> {
        let Request { schemes, ecdsa, rsa } = &self.request;
        Need::Credential { server_name: None, schemes: List::of(schemes), ecdsa: *ecdsa, rsa: *rsa }
    }

    pub(super) fn answer(self, env: &mut Env<'_>, answer: Answer<'_>) -> Result<State, Fault> {
        let Self { mut session, agreement, request } = self;
        match answer {
            Answer::Credential(None) => {
                session.transcript.drop_messages();
                certificate(&mut session, env, &[])?;
                OurFlight::begin(session, agreement, env)?.finish(env)
            }
            Answer::Credential(Some(Credential { chain, key, schemes })) => {
                let permitted = if key == KeyKind::Rsa { request.rsa } else { request.ecdsa };
                let scheme = scheme(ProtocolVersion::TLS_1_2, key, schemes, List::of(&request.schemes))?;
                if !permitted {
                    return Err(Fault::NoCommonScheme);
                }
                certificate(&mut session, env, chain)?;
                let flight = OurFlight::begin(session, agreement, env)?;
                Ok(State::WaitSignature(WaitSignature { flight, scheme }))
            }
            other => Err(refuse_answer(&other)),
        }
    }
}

/// Sends a Certificate; without certificates where the caller has none.
fn certificate(session: &mut Session, env: &mut Env<'_>, chain: &[Vec<u8>]) -> Result<(), Fault> {
    let certificates: Vec<Asn1Cert<'_>> = chain.iter().map(|der| Asn1Cert(der)).collect();
    let certificate = Certificate12 { certificate_list: List::of(&certificates) };
    let message = env.actions.send(HandshakeType::certificate, |writer| certificate.encode(writer))?;
    session.transcript.add(message);
    Ok(())
}
