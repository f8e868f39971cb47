//! The facts of an answer out of the conversation in which it came.

use handclasp_codec::{EncryptedExtensions, HandshakeType, ProtocolNameList};

use crate::{
    conversation::{Conversation, Side},
    input::evidence::ServerNow,
};

impl ServerNow {
    /// Sets every fact that a conversation with the server shows; in TLS 1.3 it must be decrypted.
    #[must_use]
    pub fn with_conversation(self, conversation: &Conversation) -> Self {
        let chain = conversation.chain(Side::Server).unwrap_or_default();
        let now = self
            .with_choices(conversation.version(), conversation.suite(), conversation.group())
            .with_chain(chain.into_iter().map(<[u8]>::to_vec).collect())
            .with_flight(flight(conversation));
        match protocol(conversation) {
            Some(protocol) => now.with_protocol(protocol),
            None => now,
        }
    }
}

/// The server's messages after its ServerHello, up to its Finished.
fn flight(conversation: &Conversation) -> Vec<(HandshakeType, usize)> {
    let begins = conversation.server_hello_at().map_or(usize::MAX, |(hello, _)| hello.index);
    let after =
        conversation.messages().filter(|found| found.index > begins && found.event.from == Side::Server);
    after
        .map(|found| (found.message.msg_type, found.message.bytes.len()))
        .take_while(|(message, _)| *message != HandshakeType::new_session_ticket)
        .collect()
}

/// The application protocol that the server selected.
pub(crate) fn protocol(conversation: &Conversation) -> Option<String> {
    let name = |list: ProtocolNameList<'_>| {
        list.protocol_name_list.iter().next().map(|name| String::from_utf8_lossy(name.0).into_owned())
    };
    if !conversation.is_tls13() {
        let extensions = conversation.server_hello()?.extensions;
        return extensions.application_layer_protocol_negotiation.and_then(name);
    }
    let message = conversation.first(Side::Server, HandshakeType::encrypted_extensions)?.message;
    let extensions = message.decode::<EncryptedExtensions<'_>>()?.extensions;
    extensions.application_layer_protocol_negotiation.and_then(name)
}
