//! WAIT_EE: EncryptedExtensions (RFC 8446 §4.3.1).

use alloc::boxed::Box;

use handclasp_codec::{EncryptedExtensionsBlock, ExtensionType, Field, ProtocolVersion};
use handclasp_report::{Failed, Side};

use super::{
    State, handshake::Handshake, wait_certificate_or_request::WaitCertificateOrRequest,
    wait_finished::WaitFinished,
};
use crate::{
    Action, Context, capability,
    certificates::Types,
    client::{chosen_alpn, only_answers},
    extensions::records_answered,
    message::read,
};

/// Of what we offer, what may be answered here (RFC 8446 §4.2).
const PERMITTED: &[ExtensionType] = &[
    ExtensionType::server_name,
    ExtensionType::max_fragment_length,
    ExtensionType::supported_groups,
    ExtensionType::application_layer_protocol_negotiation,
    ExtensionType::client_certificate_type,
    ExtensionType::server_certificate_type,
    ExtensionType::record_size_limit,
];

/// The ServerHello came.
pub(crate) struct WaitEncryptedExtensions {
    pub(super) handshake: Box<Handshake>,
}

impl WaitEncryptedExtensions {
    #[inline(never)]
    pub(super) fn encrypted_extensions(
        self,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { mut handshake } = self;
        context.report.message(Side::Server, message);
        let mut extensions = EncryptedExtensionsBlock::default();
        read(message, Field::encrypted_extensions, context.report, |body| {
            extensions.read(body, capability::knows)
        })?;
        only_answers(context, handshake.offered, PERMITTED, extensions.received_types())?;
        let alpn = extensions.application_layer_protocol_negotiation.as_ref();
        handshake.agreed.alpn = chosen_alpn(context, alpn)?;
        let (limit, length) = (extensions.record_size_limit, extensions.max_fragment_length);
        let limits = records_answered(context, ProtocolVersion::TLS_1_3, limit, length)?;
        if let Some(limits) = limits {
            context.actions.push(Action::LimitRecords(limits));
        }
        handshake.agreed.record_limits = limits;
        handshake.types =
            Types::answered(context, extensions.server_certificate_type, extensions.client_certificate_type)?;
        handshake.transcript.add(message);
        Ok(match handshake.agreed.psk_identity.is_some() || handshake.agreed.resumed {
            // A pre-shared key authenticates both sides; no certificates (RFC 8446 §2.2).
            true => State::WaitFinished(WaitFinished { handshake, request: None }),
            false => State::WaitCertificateOrRequest(
                capability::Certificates::proof(context.report)?,
                WaitCertificateOrRequest { handshake },
            ),
        })
    }
}
