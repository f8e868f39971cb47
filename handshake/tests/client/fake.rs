//! Bytes of messages, by hand: a scripted server must be able to write what no encoder would.

use handclasp_codec::{CipherSuite, ExtensionType as X, HandshakeType, ProtocolVersion};

/// A vector behind a length of `prefix` bytes.
fn vector(prefix: usize, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[4 - prefix..], content].concat()
}

pub fn vector8(content: &[u8]) -> Vec<u8> {
    vector(1, content)
}

pub fn vector16(content: &[u8]) -> Vec<u8> {
    vector(2, content)
}

pub fn vector24(content: &[u8]) -> Vec<u8> {
    vector(3, content)
}

pub fn message(message: HandshakeType, body: &[u8]) -> Vec<u8> {
    [vec![message.0], vector24(body)].concat()
}

pub type Extensions = Vec<(X, Vec<u8>)>;

pub fn extensions(list: &[(X, Vec<u8>)]) -> Vec<u8> {
    let one =
        |(number, content): &(X, Vec<u8>)| [number.0.to_be_bytes().to_vec(), vector16(content)].concat();
    vector16(&list.iter().flat_map(one).collect::<Vec<u8>>())
}

/// Names as ALPN lists them.
pub fn protocols(names: &[&[u8]]) -> Vec<u8> {
    vector16(&names.iter().flat_map(|name| vector8(name)).collect::<Vec<u8>>())
}

/// A ServerHello, or a HelloRetryRequest by its random.
pub struct ServerHello {
    pub legacy_version: ProtocolVersion,
    pub random: [u8; 32],
    pub session_id: Vec<u8>,
    pub suite: CipherSuite,
    pub compression: u8,
    pub extensions: Extensions,
}

impl ServerHello {
    pub fn bytes(&self) -> Vec<u8> {
        let body = [
            self.legacy_version.0.to_be_bytes().to_vec(),
            self.random.to_vec(),
            vector8(&self.session_id),
            self.suite.0.to_be_bytes().to_vec(),
            vec![self.compression],
            extensions(&self.extensions),
        ];
        message(HandshakeType::server_hello, &body.concat())
    }

    /// Adds an extension, or replaces it.
    pub fn set(&mut self, number: X, content: Vec<u8>) {
        self.extensions.retain(|(each, _)| *each != number);
        self.extensions.push((number, content));
    }

    pub fn remove(&mut self, number: X) {
        self.extensions.retain(|(each, _)| *each != number);
    }
}

/// Every way of cutting a message off, its header made to fit.
pub fn truncations(whole: &[u8]) -> impl Iterator<Item = Vec<u8>> + use<> {
    let (number, body) = (HandshakeType(whole[0]), whole[4..].to_vec());
    (0..body.len()).map(move |length| message(number, &body[..length]))
}
