//! A captured ClientHello, so that one thing in it can be changed and everything else stays byte
//! for byte: extensions are kept as bytes, whatever they are.

use handclasp::CipherSuite;
use handclasp_codec::{
    ClientHello, Decode as _, ErrorSlot, ExtensionType, Field, HandshakeType, ProtocolVersion, Reader,
    Writer, encode_handshake,
};

/// A ClientHello whose extensions are bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    pub legacy_version: ProtocolVersion,
    random: [u8; 32],
    session_id: Vec<u8>,
    pub suites: Vec<CipherSuite>,
    pub compression: Vec<u8>,
    pub extensions: Vec<(ExtensionType, Vec<u8>)>,
}

impl Raw {
    /// Takes a whole message apart; `None` where it does not decode.
    pub fn parse(message: &[u8]) -> Option<Self> {
        let hello = ClientHello::from_bytes(message.get(4..)?, Field::client_hello).ok()?;
        let mut slot = ErrorSlot::default();
        let mut reader = Reader::new(hello.extensions.wire, &mut slot);
        let mut extensions = Vec::new();
        while !reader.is_empty() {
            let extension_type = reader.word(Field::extension_type).ok()?;
            let data = reader.opaque16(Field::extension_data, 0..=0xffff).ok()?;
            extensions.push((extension_type, data.to_vec()));
        }
        Some(Self {
            legacy_version: hello.legacy_version,
            random: *hello.random,
            session_id: hello.legacy_session_id.to_vec(),
            suites: hello.cipher_suites.iter().collect(),
            compression: hello.legacy_compression_methods.to_vec(),
            extensions,
        })
    }

    /// The whole message again; `None` where a list has become too long.
    pub fn message(&self) -> Option<Vec<u8>> {
        let mut message = Vec::new();
        encode_handshake(&mut message, HandshakeType::client_hello, |writer| self.body(writer)).ok()?;
        Some(message)
    }

    fn body(&self, writer: &mut Writer<'_>) {
        writer.word(self.legacy_version);
        writer.bytes(&self.random);
        writer.opaque8(Field::legacy_session_id, &self.session_id);
        writer.vector16(Field::cipher_suites, |inner| {
            self.suites.iter().for_each(|suite| inner.word(*suite));
        });
        writer.opaque8(Field::legacy_compression_methods, &self.compression);
        if self.extensions.is_empty() {
            return;
        }
        writer.vector16(Field::extensions, |inner| {
            for (extension_type, data) in &self.extensions {
                inner.word(*extension_type);
                inner.opaque16(Field::extension_data, data);
            }
        });
    }

    /// Replaces the random value, and the session id if there is one: neither is of the captured client.
    pub fn renew(&mut self, random: [u8; 32], session_id: [u8; 32]) {
        self.random = random;
        if !self.session_id.is_empty() {
            self.session_id = session_id.to_vec();
        }
    }

    /// The same with a session id where there was none.
    #[cfg(test)]
    pub fn renew_all(&mut self, random: [u8; 32], session_id: [u8; 32]) {
        (self.random, self.session_id) = (random, session_id.to_vec());
    }

    /// The content of an extension.
    pub fn get(&self, wanted: ExtensionType) -> Option<&[u8]> {
        self.extensions.iter().find(|(found, _)| *found == wanted).map(|(_, data)| data.as_slice())
    }

    /// Puts an extension in the place of its like, or behind the others.
    pub fn set(&mut self, extension_type: ExtensionType, data: Vec<u8>) {
        match self.extensions.iter_mut().find(|(found, _)| *found == extension_type) {
            Some((_, there)) => *there = data,
            None => self.extensions.push((extension_type, data)),
        }
    }

    /// Leaves an extension out.
    pub fn leave_out(&mut self, unwanted: ExtensionType) {
        self.extensions.retain(|(found, _)| *found != unwanted);
    }

    /// Adds to a list of numbers of two bytes with a length in front, what of `more` is not there
    /// yet; makes the list where there is none.
    pub fn join(&mut self, extension_type: ExtensionType, more: &Self) {
        let items = |data: Option<&[u8]>| -> Vec<[u8; 2]> {
            let list = data.and_then(|data| data.get(2..)).unwrap_or_default();
            list.chunks_exact(2).filter_map(|pair| pair.first_chunk().copied()).collect()
        };
        let mut all = items(self.get(extension_type));
        for item in items(more.get(extension_type)) {
            if !all.contains(&item) {
                all.push(item);
            }
        }
        let length = u16::try_from(all.len().saturating_mul(2)).unwrap_or(u16::MAX).to_be_bytes();
        self.set(extension_type, length.into_iter().chain(all.concat()).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::hello::Hello;

    fn usual() -> Raw {
        Raw::parse(&Hello::usual(Some("a.example")).record(&[1; 32], None)[5..]).unwrap()
    }

    #[test]
    fn apart_and_together_again() {
        let message = Hello::usual(Some("a.example")).record(&[1; 32], None)[5..].to_vec();
        assert_eq!(Raw::parse(&message).unwrap().message().unwrap(), message);
        assert_eq!(Raw::parse(&message[..30]), None);
    }

    #[test]
    fn one_thing_is_changed() {
        let usual = usual();
        let mut less = usual.clone();
        less.leave_out(ExtensionType::supported_groups);
        assert_eq!(less.get(ExtensionType::supported_groups), None);
        less.set(ExtensionType::supported_groups, vec![0, 2, 0, 24]);
        less.join(ExtensionType::supported_groups, &usual);
        let joined = less.get(ExtensionType::supported_groups).unwrap();
        let all = usual.get(ExtensionType::supported_groups).unwrap();
        assert_eq!(joined.len(), all.len());
        assert_eq!(joined[..4], [all[0], all[1], 0, 24]);
    }
}
