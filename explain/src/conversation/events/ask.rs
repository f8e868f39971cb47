//! Questions that rules ask a story.

use handclasp_codec::{
    Certificate12, Certificate13, CertificateRequest12, CertificateRequest13, CertificateVerify, CipherSuite,
    ClientHello, Context, Decode, Field, HandshakeType, HelloRetryRequest, KeyExchangeAlgorithm, NamedGroup,
    ProtocolVersion, ServerHello, ServerHelloOrRetry, ServerKeyExchangeDhe, ServerKeyExchangeEcdhe,
    ServerKeyExchangeEcdhePsk, SignatureScheme,
};

use super::{Broken, Conversation, Event, EventKind, Message, Side};

impl Message {
    /// The body, without the four bytes of the header.
    pub fn body(&self) -> &[u8] {
        self.bytes.get(4..).unwrap_or_default()
    }

    /// The body as that structure, if it is one.
    pub fn decode<'a, M: Decode<'a>>(&'a self) -> Option<M> {
        M::from_bytes(self.body(), Field::body).ok()
    }
}

impl EventKind {
    /// Bytes of content that it keeps.
    pub(crate) fn holds(&self) -> usize {
        match self {
            Self::Handshake(message) => message.bytes.len(),
            Self::Foreign { begins } | Self::ApplicationData { begins, .. } => begins.len(),
            Self::Broken(Broken::Cut { bytes, .. } | Broken::MessageCut { bytes, .. }) => bytes.len(),
            Self::Broken(Broken::TooLong { .. })
            | Self::Opened
            | Self::Accepted
            | Self::Acknowledged
            | Self::Gap(_)
            | Self::Fin
            | Self::Reset
            | Self::Alert { .. }
            | Self::ChangeCipherSpec
            | Self::Sealed(_)
            | Self::Record { .. } => 0,
        }
    }

    /// Whether it is TLS, or wants to be.
    pub fn is_tls(&self) -> bool {
        match self {
            Self::Handshake(_)
            | Self::Alert { .. }
            | Self::ChangeCipherSpec
            | Self::Sealed(_)
            | Self::ApplicationData { .. }
            | Self::Record { .. }
            | Self::Broken(_) => true,
            Self::Opened
            | Self::Accepted
            | Self::Acknowledged
            | Self::Gap(_)
            | Self::Fin
            | Self::Reset
            | Self::Foreign { .. } => false,
        }
    }
}

/// A message with the item that it stands in.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Found<'a> {
    /// Index of the item.
    pub index: usize,
    /// The item.
    pub item: &'a Event,
    /// The message.
    pub message: &'a Message,
}

/// Hellos of one end that are looked at: a handshake has two at most, a renegotiation as many again.
const HELLOS: usize = 16;

impl Conversation {
    /// All handshake messages in order.
    pub fn messages(&self) -> impl Iterator<Item = Found<'_>> {
        self.events.iter().enumerate().filter_map(|(index, item)| match &item.kind {
            EventKind::Handshake(message) => Some(Found { index, item, message }),
            EventKind::Opened
            | EventKind::Accepted
            | EventKind::Acknowledged
            | EventKind::Gap(_)
            | EventKind::Fin
            | EventKind::Reset
            | EventKind::Alert { .. }
            | EventKind::ChangeCipherSpec
            | EventKind::Sealed(_)
            | EventKind::ApplicationData { .. }
            | EventKind::Record { .. }
            | EventKind::Foreign { .. }
            | EventKind::Broken(_) => None,
        })
    }

    /// All messages of one end and type.
    pub fn all(&self, from: Side, msg_type: HandshakeType) -> impl Iterator<Item = Found<'_>> {
        self.messages().filter(move |found| found.item.from == from && found.message.msg_type == msg_type)
    }

    /// The first message of one end and type.
    pub fn first(&self, from: Side, msg_type: HandshakeType) -> Option<Found<'_>> {
        self.all(from, msg_type).next()
    }

    /// The ClientHellos that decode, in order: two after a HelloRetryRequest.
    pub fn client_hellos(&self) -> impl Iterator<Item = (Found<'_>, ClientHello<'_>)> {
        self.all(Side::Client, HandshakeType::client_hello)
            .take(HELLOS)
            .filter_map(|found| Some((found, found.message.decode()?)))
    }

    /// The first ClientHello.
    pub fn client_hello(&self) -> Option<ClientHello<'_>> {
        self.client_hellos().next().map(|(_, hello)| hello)
    }

    /// The ClientHello that the ServerHello answers, with its place: the second one after a
    /// HelloRetryRequest, and never that of a renegotiation, which comes behind it.
    pub fn answered_client_hello(&self) -> Option<(Found<'_>, ClientHello<'_>)> {
        let answer = self.server_hello_at().map_or(usize::MAX, |(answer, _)| answer.index);
        let before = self.client_hellos().take_while(|(hello, _)| hello.index < answer).last();
        before.or_else(|| self.client_hellos().next())
    }

    /// The same without its place.
    pub fn last_client_hello(&self) -> Option<ClientHello<'_>> {
        self.answered_client_hello().map(|(_, hello)| hello)
    }

    /// The HelloRetryRequests, in order.
    pub fn retries(&self) -> impl Iterator<Item = (Found<'_>, HelloRetryRequest<'_>)> {
        self.all(Side::Server, HandshakeType::server_hello).take(HELLOS).filter_map(|found| {
            match found.message.decode()? {
                ServerHelloOrRetry::HelloRetryRequest(retry) => Some((found, retry)),
                ServerHelloOrRetry::ServerHello(_) => None,
            }
        })
    }

    /// The ServerHello that is none of those, with its place.
    pub fn server_hello_at(&self) -> Option<(Found<'_>, ServerHello<'_>)> {
        self.all(Side::Server, HandshakeType::server_hello).take(HELLOS).find_map(|found| {
            match found.message.decode()? {
                ServerHelloOrRetry::ServerHello(hello) => Some((found, hello)),
                ServerHelloOrRetry::HelloRetryRequest(_) => None,
            }
        })
    }

    /// The ServerHello.
    pub fn server_hello(&self) -> Option<ServerHello<'_>> {
        self.server_hello_at().map(|(_, hello)| hello)
    }

    /// The version that was chosen.
    pub fn version(&self) -> Option<ProtocolVersion> {
        let Some(hello) = self.server_hello() else {
            return self.retries().next().map(|_| ProtocolVersion::TLS_1_3);
        };
        let chosen = hello.extensions.supported_versions.map(|chosen| chosen.selected_version);
        Some(chosen.unwrap_or(hello.legacy_version))
    }

    /// Whether TLS 1.3 was chosen.
    pub fn is_tls13(&self) -> bool {
        self.version() == Some(ProtocolVersion::TLS_1_3)
    }

    /// The suite that was chosen.
    pub fn suite(&self) -> Option<CipherSuite> {
        let retried = || self.retries().next().map(|(_, retry)| retry.cipher_suite);
        self.server_hello().map(|hello| hello.cipher_suite).or_else(retried)
    }

    /// What later messages are read by.
    pub fn context(&self) -> Context {
        Context { version: self.version(), cipher_suite: self.suite() }
    }

    /// The certificates that an end showed, its own first. `None` where no Certificate is to be
    /// seen; empty where it showed that it has none.
    pub fn chain(&self, of: Side) -> Option<Vec<&[u8]>> {
        let message = self.first(of, HandshakeType::certificate)?.message;
        if self.is_tls13() {
            let certificate: Certificate13<'_> = message.decode()?;
            return Some(certificate.certificate_list.iter().map(|entry| entry.cert_data).collect());
        }
        let certificate: Certificate12<'_> = message.decode()?;
        Some(certificate.certificate_list.iter().map(|entry| entry.0).collect())
    }

    /// What the server asks of a client certificate, where it asks.
    pub fn certificate_request(&self) -> Option<CertificateRequest12<'_>> {
        self.first(Side::Server, HandshakeType::certificate_request)?.message.decode()
    }

    /// The same in TLS 1.3.
    pub fn certificate_request13(&self) -> Option<CertificateRequest13<'_>> {
        self.first(Side::Server, HandshakeType::certificate_request)?.message.decode()
    }

    /// The handshake up to and without the item at `end`, as the transcript has it: messages of
    /// both ends, none that comes after the handshake or outside of it (RFC 8446 §4.4.1,
    /// RFC 5246 §7.4.9). The message_hash of a retry is the caller's to make.
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
    /// The group of the key exchange, as far as it was named.
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

    /// The scheme with which the server signed its key exchange, as far as it can be read.
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

    /// Bytes that it holds.
    pub(crate) fn holds(&self) -> usize {
        self.events.iter().map(|item| size_of::<Event>() + item.kind.holds()).sum()
    }

    /// Whether an end says something that is no TLS.
    pub fn is_foreign(&self, of: Side) -> bool {
        self.events.iter().any(|item| item.from == of && matches!(item.kind, EventKind::Foreign { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::test_support::{client_hello, conversation, server_hello};

    #[test]
    fn a_renegotiation_is_not_what_the_first_answer_answers() {
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
