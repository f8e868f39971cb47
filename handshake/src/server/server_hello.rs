//! The ServerHello as it is written, without a structure of all its extensions (RFC 8446 §4.1.3, RFC 5246
//! §7.4.1.3).

use handclasp_codec::{CipherSuite, CompressionMethod, Field, HandshakeType, ProtocolVersion, Writer};
use handclasp_report::{Failed, Side};

use crate::{
    Context,
    extensions::{Answers, write_answers},
};

/// Writes a ServerHello, or a HelloRetryRequest, up to its extensions.
pub(crate) fn write_head(
    random: &[u8; 32],
    session_id: &[u8],
    cipher_suite: CipherSuite,
    writer: &mut Writer<'_>,
) {
    writer.word(ProtocolVersion::TLS_1_2);
    writer.bytes(random);
    writer.opaque8(Field::legacy_session_id_echo, session_id);
    writer.word(cipher_suite);
    writer.word(CompressionMethod::null);
}

/// Writes a ServerHello of TLS 1.2. Without an answer it has no block of extensions: a client that offers
/// none may know of none (RFC 5246 §7.4.1.4).
pub(crate) fn write12(
    random: &[u8; 32],
    session_id: &[u8],
    cipher_suite: CipherSuite,
    answers: &Answers<'_>,
    writer: &mut Writer<'_>,
) {
    write_head(random, session_id, cipher_suite, writer);
    if answers.iter().any(|(_, content)| content.is_some()) {
        write_answers(answers, writer);
    }
}

/// Sends a message and keeps it in the report.
pub(crate) fn send<'c>(
    context: &'c mut Context<'_>,
    message: HandshakeType,
    body: impl FnOnce(&mut Writer<'_>),
) -> Result<&'c [u8], Failed> {
    match context.actions.send(message, body) {
        Ok(sent) => {
            context.report.message(Side::Server, sent);
            Ok(sent)
        }
        Err(error) => Err(context.report.fail(error.into())),
    }
}
