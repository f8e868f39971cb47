//! The signed ServerKeyExchange of ECDHE (RFC 8422 §5.4). The signature first: a share means
//! something only when the server says that it is its own.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{
    CertificateStatus, CertificateStatusType, Field, ProtocolVersion, ServerEcdhParams,
    ServerKeyExchangeEcdhe,
};
use handclasp_report::{Choice, Failed, Fault, Side, Signed, Tag};
use handclasp_schedule::server_key_exchange_content;

use super::{
    State,
    handshake::{Agreement, Handshake},
    wait_certificate_request_or_done::WaitCertificateRequestOrDone,
    wait_status_accepted::WaitStatusAccepted,
};
use crate::{
    Context, capability,
    message::{decode, share_failed},
    negotiate::is_group12,
    verify::{PeerKey, Signature},
};

/// The caller accepted the chain.
pub(crate) struct WaitServerKeyExchange {
    pub(super) handshake: Box<Handshake>,
    pub(super) key: PeerKey,
}

impl WaitServerKeyExchange {
    /// The server said that it might send one, and has not yet.
    pub(super) fn may_have_status(&self) -> bool {
        self.handshake.status_promised
    }

    /// What an OCSP responder says about the certificate (RFC 6066 §8).
    #[inline(never)]
    pub(super) fn certificate_status(
        mut self,
        on: capability::Certificates,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let status: CertificateStatus<'_> = decode(message, Field::certificate_status, context.report)?;
        if status.status_type != CertificateStatusType::ocsp {
            return Err(context.fail(Fault::IllegalParameter(Field::status_type)));
        }
        self.handshake.status_promised = false;
        self.handshake.agreed.ocsp_response = Some(Vec::from(status.response));
        self.handshake.transcript.add(message);
        let Self { handshake, key } = self;
        Ok(match handshake.status_to_judge {
            Some(host) => State::WaitStatusAccepted(
                on,
                host,
                WaitStatusAccepted { handshake, key, message: Vec::new() },
            ),
            None => State::WaitServerKeyExchange(on, Self { handshake, key }),
        })
    }

    #[inline(never)]
    pub(super) fn server_key_exchange(
        self,
        on: capability::Certificates,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { mut handshake, key } = self;
        if let Some(host) = handshake.status_to_judge {
            let message = Vec::from(message);
            return Ok(State::WaitStatusAccepted(on, host, WaitStatusAccepted { handshake, key, message }));
        }
        let exchange: ServerKeyExchangeEcdhe<'_> =
            decode(message, Field::server_key_exchange, context.report)?;
        context.report.note_word(Side::Server, Tag::ChosenScheme, exchange.algorithm);
        let content = server_key_exchange_content(
            &handshake.client_random,
            &handshake.server_random,
            exchange.params_bytes,
        );
        let signature = Signature {
            version: ProtocolVersion::TLS_1_2,
            signed: Signed::ServerKeyExchange,
            scheme: exchange.algorithm,
            content: &content,
            signature: exchange.signature,
        };
        signature.verify(context, &key)?;
        handshake.agreed.scheme = Some(exchange.algorithm);
        handshake.agreed.peer = Some(key.identity);

        let agreement = agree(context, &mut handshake, &exchange.params)?;
        handshake.transcript.add(message);
        Ok(State::WaitCertificateRequestOrDone(on, WaitCertificateRequestOrDone { handshake, agreement }))
    }
}

/// Answers the server's share with ours.
pub(super) fn agree(
    context: &mut Context<'_>,
    handshake: &mut Handshake,
    params: &ServerEcdhParams<'_>,
) -> Result<Agreement, Failed> {
    let group = params.named_curve;
    context.report.note_word(Side::Server, Tag::ChosenGroup, group);
    let ours = context.config.groups.iter().find(|ours| ours.group() == group && is_group12(group));
    let ours =
        ours.ok_or_else(|| context.fail(Fault::NotOffered { choice: Choice::Group, found: group.0 }))?;
    let encapsulated = ours
        .encapsulate(params.public, context.random)
        .map_err(|error| share_failed(error, group, context.report))?;
    handshake.agreed.group = Some(group);
    Ok(Agreement { public: encapsulated.public, shared: encapsulated.shared.boxed() })
}
