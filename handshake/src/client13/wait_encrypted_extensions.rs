//! WAIT_EE: EncryptedExtensions (RFC 8446 §4.3.1).
//!
//! Called by: the table.

use alloc::boxed::Box;

use handclasp_codec::{EncryptedExtensions, ExtensionType, Field};
use handclasp_report::{Fault, Side, Tag};

use super::{
    State, session::Session, wait_certificate_or_request::WaitCertificateOrRequest,
    wait_finished::WaitFinished,
};
use crate::{
    Env,
    client::{chosen_alpn, only_answers},
    message::decode,
};

/// Of what we offer, what may be answered here (RFC 8446 §4.2).
const PERMITTED: &[ExtensionType] = &[
    ExtensionType::server_name,
    ExtensionType::supported_groups,
    ExtensionType::application_layer_protocol_negotiation,
];

/// The ServerHello came.
pub(crate) struct WaitEncryptedExtensions {
    pub(super) session: Box<Session>,
}

impl WaitEncryptedExtensions {
    pub(super) fn encrypted_extensions(self, env: &mut Env<'_>, message: &[u8]) -> Result<State, Fault> {
        let Self { mut session } = self;
        let EncryptedExtensions { extensions } = decode(message, Field::encrypted_extensions)?;
        env.report.note_words(Side::Server, Tag::ChosenExtensions, extensions.types());
        only_answers(&session.offered, PERMITTED, extensions.types())?;
        let alpn = extensions.application_layer_protocol_negotiation.as_ref();
        session.agreed.alpn = chosen_alpn(env.config, env.report, alpn)?;
        session.transcript.add(message);
        Ok(match session.agreed.psk_identity {
            // A pre-shared key authenticates both sides; no certificates (RFC 8446 §2.2).
            Some(_) => State::WaitFinished(WaitFinished { session, request: None }),
            None => State::WaitCertificateOrRequest(WaitCertificateOrRequest { session }),
        })
    }
}
