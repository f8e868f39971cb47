//! Questions about a conversation: its messages, and what they negotiated.

use handclasp_codec::{
    Certificate12, Certificate13, CertificateRequest12, CertificateRequest13, CertificateVerify, CipherSuite,
    ClientHello, Context, HandshakeType, HelloRetryRequest, KeyExchangeAlgorithm, NamedGroup,
    ProtocolVersion, ServerHello, ServerHelloOrRetry, ServerKeyExchangeDhe, ServerKeyExchangeEcdhe,
    ServerKeyExchangeEcdhePsk, SignatureScheme,
};

use super::{Conversation, Event, EventKind, Message, Side};

/// A handshake message with its event.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LocatedMessage<'a> {
    /// Index of the event in `events`.
    pub index: usize,
    /// The event: sender and position.
    pub event: &'a Event,
    /// The message of the event.
    pub message: &'a Message,
}

/// Limit on the hellos of one peer that are examined: a handshake has two at most, each renegotiation two
/// more.
const HELLOS: usize = 16;

impl Conversation {
    /// All handshake messages in order.
    pub fn messages(&self) -> impl Iterator<Item = LocatedMessage<'_>> {
        self.events.iter().enumerate().filter_map(|(index, event)| {
            event.kind.message().map(|message| LocatedMessage { index, event, message })
        })
    }

    /// All messages of one sender and type.
    pub fn all(&self, from: Side, msg_type: HandshakeType) -> impl Iterator<Item = LocatedMessage<'_>> {
        self.messages().filter(move |found| found.event.from == from && found.message.msg_type == msg_type)
    }

    /// The first message of one sender and type.
    pub fn first(&self, from: Side, msg_type: HandshakeType) -> Option<LocatedMessage<'_>> {
        self.all(from, msg_type).next()
    }

    /// The ClientHellos that decode, in order: two after a HelloRetryRequest.
    pub fn client_hellos(&self) -> impl Iterator<Item = (LocatedMessage<'_>, ClientHello<'_>)> {
        self.all(Side::Client, HandshakeType::client_hello)
            .take(HELLOS)
            .filter_map(|found| Some((found, found.message.decode()?)))
    }

    /// The first ClientHello.
    pub fn client_hello(&self) -> Option<ClientHello<'_>> {
        self.client_hellos().next().map(|(_, hello)| hello)
    }

    /// The ClientHello that the ServerHello answers: the second one after a HelloRetryRequest, never that
    /// of a later renegotiation.
    pub fn answered_client_hello(&self) -> Option<(LocatedMessage<'_>, ClientHello<'_>)> {
        let answer = self.server_hello_at().map_or(usize::MAX, |(answer, _)| answer.index);
        let before = self.client_hellos().take_while(|(hello, _)| hello.index < answer).last();
        before.or_else(|| self.client_hellos().next())
    }

    /// As [`answered_client_hello`](Self::answered_client_hello), without its event.
    pub fn last_client_hello(&self) -> Option<ClientHello<'_>> {
        self.answered_client_hello().map(|(_, hello)| hello)
    }

    /// The HelloRetryRequests, in order.
    pub fn retries(&self) -> impl Iterator<Item = (LocatedMessage<'_>, HelloRetryRequest<'_>)> {
        self.all(Side::Server, HandshakeType::server_hello).take(HELLOS).filter_map(|found| {
            match found.message.decode()? {
                ServerHelloOrRetry::HelloRetryRequest(retry) => Some((found, retry)),
                ServerHelloOrRetry::ServerHello(_) => None,
            }
        })
    }

    /// The ServerHello that is not a HelloRetryRequest, with its event.
    pub fn server_hello_at(&self) -> Option<(LocatedMessage<'_>, ServerHello<'_>)> {
        self.all(Side::Server, HandshakeType::server_hello).take(HELLOS).find_map(|found| {
            match found.message.decode()? {
                ServerHelloOrRetry::ServerHello(hello) => Some((found, hello)),
                ServerHelloOrRetry::HelloRetryRequest(_) => None,
            }
        })
    }

    /// The ServerHello that is not a HelloRetryRequest.
    pub fn server_hello(&self) -> Option<ServerHello<'_>> {
        self.server_hello_at().map(|(_, hello)| hello)
    }

    /// The negotiated version.
    pub fn version(&self) -> Option<ProtocolVersion> {
        let Some(hello) = self.server_hello() else {
            return self.retries().next().map(|_| ProtocolVersion::TLS_1_3);
        };
        let chosen = hello.extensions.supported_versions.map(|chosen| chosen.selected_version);
        Some(chosen.unwrap_or(hello.legacy_version))
    }

    /// Whether the client names the server that it wants (RFC 6066 §3).
    pub(crate) fn names_server(&self) -> bool {
        self.client_hello().is_some_and(|hello| hello.extensions.server_name.is_some())
    }

    /// Whether TLS 1.3 was negotiated.
    pub fn is_tls13(&self) -> bool {
        self.version() == Some(ProtocolVersion::TLS_1_3)
    }

    /// The negotiated cipher suite.
    pub fn suite(&self) -> Option<CipherSuite> {
        let retried = || self.retries().next().map(|(_, retry)| retry.cipher_suite);
        self.server_hello().map(|hello| hello.cipher_suite).or_else(retried)
    }

    /// The negotiated parameters that decide how later messages are decoded.
    pub fn context(&self) -> Context {
        Context { version: self.version(), cipher_suite: self.suite() }
    }

    /// The certificates (DER) that a peer sent, leaf first. `None`: no Certificate message is visible;
    /// empty: the message has no certificate.
    pub fn chain(&self, of: Side) -> Option<Vec<&[u8]>> {
        let message = self.first(of, HandshakeType::certificate)?.message;
        if self.is_tls13() {
            let certificate: Certificate13<'_> = message.decode()?;
            return Some(certificate.certificate_list.iter().map(|entry| entry.cert_data).collect());
        }
        let certificate: Certificate12<'_> = message.decode()?;
        Some(certificate.certificate_list.iter().map(|entry| entry.0).collect())
    }

    /// The CertificateRequest of TLS 1.2.
    pub fn certificate_request(&self) -> Option<CertificateRequest12<'_>> {
        self.first(Side::Server, HandshakeType::certificate_request)?.message.decode()
    }

    /// The CertificateRequest of TLS 1.3.
    pub fn certificate_request13(&self) -> Option<CertificateRequest13<'_>> {
        self.first(Side::Server, HandshakeType::certificate_request)?.message.decode()
    }

    /// The handshake messages before the event with index `end` that the transcript hash covers (RFC
    /// 8446 §4.4.1, RFC 5246 §7.4.9). After a HelloRetryRequest the caller replaces the first ClientHello
    /// by its message_hash.
    pub fn transcript(&self, end: usize) -> Vec<u8> {
        let outside = [HandshakeType::hello_request, HandshakeType::key_update];
        let tls13 = self.is_tls13();
        let mut bytes = Vec::new();
        for found in self.messages().take_while(|found| found.index < end) {
            let ticket = tls13 && found.message.msg_type == HandshakeType::new_session_ticket;
            if !ticket && !outside.contains(&found.message.msg_type) {
                bytes.extend_from_slice(&found.message.bytes);
            }
        }
        bytes
    }
}

impl Conversation {
    /// The group of the key exchange, if a message names it.
    pub fn group(&self) -> Option<NamedGroup> {
        if let Some(share) = self.server_hello().and_then(|hello| hello.extensions.key_share) {
            return Some(share.server_share.group);
        }
        if let Some(share) = self.retries().last().and_then(|(_, retry)| retry.extensions.key_share) {
            return Some(share.selected_group);
        }
        let message = self.first(Side::Server, HandshakeType::server_key_exchange)?.message;
        match self.suite()?.key_exchange_algorithm()? {
            KeyExchangeAlgorithm::Ecdhe => {
                Some(message.decode::<ServerKeyExchangeEcdhe<'_>>()?.params.named_curve)
            }
            KeyExchangeAlgorithm::EcdhePsk => {
                Some(message.decode::<ServerKeyExchangeEcdhePsk<'_>>()?.params.named_curve)
            }
            KeyExchangeAlgorithm::Rsa
            | KeyExchangeAlgorithm::Dh
            | KeyExchangeAlgorithm::Dhe
            | KeyExchangeAlgorithm::DhAnon
            | KeyExchangeAlgorithm::Ecdh
            | KeyExchangeAlgorithm::EcdhAnon
            | KeyExchangeAlgorithm::Psk
            | KeyExchangeAlgorithm::DhePsk
            | KeyExchangeAlgorithm::RsaPsk => None,
        }
    }

    /// The scheme of the server's signature over its key exchange, if it is visible.
    pub fn server_scheme(&self) -> Option<SignatureScheme> {
        if let Some(verify) = self.first(Side::Server, HandshakeType::certificate_verify) {
            return Some(verify.message.decode::<CertificateVerify<'_>>()?.algorithm);
        }
        let message = self.first(Side::Server, HandshakeType::server_key_exchange)?.message;
        match self.suite()?.key_exchange_algorithm()? {
            KeyExchangeAlgorithm::Ecdhe => Some(message.decode::<ServerKeyExchangeEcdhe<'_>>()?.algorithm),
            KeyExchangeAlgorithm::Dhe => Some(message.decode::<ServerKeyExchangeDhe<'_>>()?.algorithm),
            KeyExchangeAlgorithm::EcdhePsk
            | KeyExchangeAlgorithm::Rsa
            | KeyExchangeAlgorithm::Dh
            | KeyExchangeAlgorithm::DhAnon
            | KeyExchangeAlgorithm::Ecdh
            | KeyExchangeAlgorithm::EcdhAnon
            | KeyExchangeAlgorithm::Psk
            | KeyExchangeAlgorithm::DhePsk
            | KeyExchangeAlgorithm::RsaPsk => None,
        }
    }

    /// Bytes of memory that the events hold.
    pub(crate) fn holds(&self) -> usize {
        self.events.iter().map(|event| size_of::<Event>() + event.kind.holds()).sum()
    }

    /// Whether a peer sends bytes that are not TLS.
    pub fn is_not_tls(&self, of: Side) -> bool {
        self.events.iter().any(|event| event.from == of && matches!(event.kind, EventKind::NotTls { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::test_support::{client_hello, conversation, server_hello};

    #[test]
    fn the_first_server_hello_does_not_answer_a_renegotiation() {
        let time = |conversation: &Conversation| {
            *conversation.last_client_hello().unwrap().random.first_chunk::<4>().unwrap()
        };
        let once =
            conversation(vec![client_hello(1), server_hello(false), client_hello(2), server_hello(false)]);
        assert_eq!(time(&once), [0, 0, 0, 1]);
        let retried = conversation(vec![client_hello(1), client_hello(2), server_hello(true)]);
        assert_eq!(time(&retried), [0, 0, 0, 2]);
        assert_eq!(time(&conversation(vec![client_hello(1), client_hello(2)])), [0, 0, 0, 2]);
        assert_eq!(time(&conversation(vec![server_hello(false), client_hello(3)])), [0, 0, 0, 3]);
    }
}
