//! PKCS#12 (RFC 7292): certificates, private keys and CRLs in one file, most of it under one passphrase.

use handclasp_crypto::der::{CONTEXT_0, Elements, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};
use zeroize::Zeroizing;

use crate::{
    Closed, Passphrase, Passphrases, decrypt,
    derivation::{MacHash, utf16},
    encryption::number,
    old_encryption,
    source::ATTEMPTS,
};

/// pkcs7-data.
const DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
/// pkcs7-encryptedData.
const ENCRYPTED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06";
/// bagtypes, without the last number.
const BAG_TYPES: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01";
/// `[0]`, primitive.
const IMPLICIT_0: u8 = 0x80;
/// Iterations of the MAC's key derivation that are done at most: some seconds.
const ITERATIONS_MAX: u32 = 10_000_000;
/// Bytes of a salt that are taken at most.
const SALT_MAX: usize = 1024;

/// What is in a PKCS#12.
#[derive(Debug)]
#[non_exhaustive]
pub struct Pkcs12 {
    /// Its MAC.
    pub mac: Mac,
    /// What is in it, in the order of the file.
    pub contents: Vec<Content>,
    /// Encryptions before PBES2 that occur: their offsets, where they were not encrypted themselves, and names.
    pub old_encryptions: Vec<(usize, &'static str)>,
}

/// The MAC of a PKCS#12.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mac {
    /// It verifies: the passphrase is right, and nothing was changed.
    Verifies,
    /// There is none; its offset would be this one.
    Missing {
        /// Offset of the end of the structure.
        offset: usize,
    },
    /// It was not verified: no passphrase, a wrong one, or an algorithm that is not known here.
    NotVerified,
}

/// One thing in a PKCS#12, or a part of it that stays closed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Content {
    /// A certificate, a key or a CRL.
    Bag(Bag),
    /// A private key, or a part with certificates or keys, that stays closed.
    Closed {
        /// Why.
        closed: Closed,
        /// Offset of its encryption algorithm.
        offset: usize,
        /// Whether it is a key.
        is_key: bool,
    },
}

/// One thing in a PKCS#12, in DER.
#[derive(PartialEq, Eq)]
#[non_exhaustive]
pub enum Bag {
    /// A certificate.
    Certificate(Vec<u8>),
    /// A private key in PKCS#8.
    Key(Zeroizing<Vec<u8>>),
    /// A CRL.
    Crl(Vec<u8>),
}

/// Without the bytes of keys.
impl std::fmt::Debug for Bag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Certificate(der) => write!(f, "Certificate({} bytes)", der.len()),
            Self::Key(_) => f.write_str("Key"),
            Self::Crl(der) => write!(f, "Crl({} bytes)", der.len()),
        }
    }
}

/// A structure that is not PKCS#12 in DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Malformed {
    /// Offset of the field.
    pub offset: usize,
    /// Its name in RFC 7292 or RFC 5652.
    pub field: &'static str,
}

/// The whole file, and what is still to be read of one of its structures: errors have offsets.
#[derive(Clone, Copy)]
struct Fields<'a> {
    /// `None` where the bytes were encrypted.
    file: Option<&'a [u8]>,
    rest: Elements<'a>,
}

impl<'a> Fields<'a> {
    fn inside(self, content: &'a [u8]) -> Self {
        Self { rest: Elements(content), ..self }
    }

    /// Offset of the next field; 0 for bytes that were encrypted.
    fn offset(&self) -> usize {
        let start = |bytes: &[u8]| bytes.as_ptr().addr();
        self.file.map_or(0, |file| start(self.rest.0).saturating_sub(start(file)))
    }

    fn expect(&mut self, tag: u8, field: &'static str) -> Result<&'a [u8], Malformed> {
        let offset = self.offset();
        self.rest.expect(tag).map_err(|_| Malformed { offset, field })
    }

    /// The structure of that tag.
    fn structure(&mut self, tag: u8, field: &'static str) -> Result<Self, Malformed> {
        let content = self.expect(tag, field)?;
        Ok(self.inside(content))
    }
}

impl Pkcs12 {
    /// Reads the structure and opens what the passphrase opens. Parts that stay closed say why.
    ///
    /// # Errors
    /// Bytes that are not PKCS#12 in DER.
    pub fn open(der: &[u8], passphrases: &mut Passphrases<'_>) -> Result<Self, Malformed> {
        let opened = Self::read(der, passphrases);
        passphrases.give_up(false);
        opened
    }

    fn read(der: &[u8], passphrases: &mut Passphrases<'_>) -> Result<Self, Malformed> {
        let mut file = Fields { file: Some(der), rest: Elements(der) };
        let mut outer = file.structure(SEQUENCE, "PFX")?;
        let offset = outer.offset().saturating_add(2);
        if outer.expect(INTEGER, "version")? != [3] {
            return Err(Malformed { offset, field: "version" });
        }
        let mut safe = outer.structure(SEQUENCE, "authSafe")?;
        let offset = safe.offset();
        if safe.expect(OBJECT_IDENTIFIER, "contentType of authSafe")? != DATA {
            return Err(Malformed {
                offset,
                field: "contentType of authSafe: data (signed files are not read)",
            });
        }
        let mut wrapped = safe.structure(CONTEXT_0, "content of authSafe")?;
        let content = wrapped.expect(OCTET_STRING, "content of authSafe")?;
        let mac = mac(&mut outer, content, passphrases)?;
        let mut opened = Self { mac, contents: Vec::new(), old_encryptions: Vec::new() };
        let mut parts = wrapped.inside(content).structure(SEQUENCE, "AuthenticatedSafe")?;
        while parts.rest.tag().is_some() {
            part(parts.structure(SEQUENCE, "ContentInfo")?, passphrases, &mut opened)?;
        }
        Ok(opened)
    }

    /// Certificates, keys and CRLs that are open.
    pub fn bags(&self) -> impl Iterator<Item = &Bag> {
        self.contents.iter().filter_map(|content| match content {
            Content::Bag(bag) => Some(bag),
            Content::Closed { .. } => None,
        })
    }

    /// Why something stays closed, if anything does.
    pub fn closed(&self) -> Option<&Closed> {
        self.contents.iter().find_map(|content| match content {
            Content::Closed { closed, .. } => Some(closed),
            Content::Bag(_) => None,
        })
    }
}

/// MacData: finds the passphrase of the file by it.
fn mac(outer: &mut Fields<'_>, content: &[u8], passphrases: &mut Passphrases<'_>) -> Result<Mac, Malformed> {
    if outer.rest.tag().is_none() {
        return Ok(Mac::Missing { offset: outer.offset() });
    }
    let mut data = outer.structure(SEQUENCE, "macData")?;
    let mut info = data.structure(SEQUENCE, "mac")?;
    let mut algorithm = info.structure(SEQUENCE, "digestAlgorithm")?;
    let oid = algorithm.expect(OBJECT_IDENTIFIER, "digestAlgorithm")?;
    let expected = info.expect(OCTET_STRING, "digest")?;
    let salt = data.expect(OCTET_STRING, "macSalt")?;
    let iterations = match data.rest.tag() {
        Some(_) => number(data.expect(INTEGER, "iterations")?),
        None => Some(1),
    };
    let iterations =
        iterations.filter(|count| (1..=ITERATIONS_MAX).contains(count) && salt.len() <= SALT_MAX);
    let (Some(hash), Some(iterations)) = (MacHash::of(oid), iterations) else { return Ok(Mac::NotVerified) };
    let verifies = |typed: &[u8]| hash.verifies(typed, (salt, iterations), content, expected);
    // Files without a passphrase: nobody is asked.
    let cost = u64::from(iterations);
    if !passphrases.spend(cost.saturating_mul(2)) {
        return Ok(Mac::NotVerified);
    }
    if verifies(&utf16("")) || verifies(&[]) {
        passphrases.remember("");
        return Ok(Mac::Verifies);
    }
    for attempt in 0..ATTEMPTS {
        let Some(typed) = passphrases.ask(attempt) else { break };
        if !passphrases.spend(cost) {
            break;
        }
        if verifies(&utf16(&typed)) {
            return Ok(Mac::Verifies);
        }
    }
    passphrases.give_up(true);
    Ok(Mac::NotVerified)
}

/// One part: bags in the clear or encrypted.
fn part(
    mut info: Fields<'_>,
    passphrases: &mut Passphrases<'_>,
    opened: &mut Pkcs12,
) -> Result<(), Malformed> {
    let kind = info.expect(OBJECT_IDENTIFIER, "contentType of a part")?;
    let mut content = info.structure(CONTEXT_0, "content of a part")?;
    if kind == DATA {
        let data = content.structure(OCTET_STRING, "content of a part")?;
        return bags(data, passphrases, opened);
    }
    if kind != ENCRYPTED_DATA {
        let closed = Closed::Unsupported("a part under a public key (EnvelopedData)".to_owned());
        opened.contents.push(Content::Closed { closed, offset: info.offset(), is_key: false });
        return Ok(());
    }
    // EncryptedData (RFC 5652 §8).
    let mut data = content.structure(SEQUENCE, "EncryptedData")?;
    data.expect(INTEGER, "version of EncryptedData")?;
    let mut info = data.structure(SEQUENCE, "EncryptedContentInfo")?;
    info.expect(OBJECT_IDENTIFIER, "contentType of EncryptedContentInfo")?;
    let offset = info.offset();
    let field = "contentEncryptionAlgorithm";
    let algorithm = info.rest.expect_whole(SEQUENCE).map_err(|_| Malformed { offset, field })?;
    let encrypted = info.expect(IMPLICIT_0, "encryptedContent")?;
    opened.old_encryptions.extend(old_encryption(algorithm).map(|name| (offset, name)));
    match decrypt(algorithm, encrypted, passphrases) {
        Ok(content) => {
            let inside = Fields { file: None, rest: Elements(&content) };
            // Opened, and yet not what it should be: the finding is about the part.
            bags(inside, passphrases, opened).map_err(|inner| Malformed { offset, ..inner })
        }
        Err(closed) => {
            opened.contents.push(Content::Closed { closed, offset, is_key: false });
            Ok(())
        }
    }
}

/// SafeContents (RFC 7292 §4.2).
fn bags(
    mut part: Fields<'_>,
    passphrases: &mut Passphrases<'_>,
    opened: &mut Pkcs12,
) -> Result<(), Malformed> {
    let mut list = part.structure(SEQUENCE, "SafeContents")?;
    while list.rest.tag().is_some() {
        let mut bag = list.structure(SEQUENCE, "SafeBag")?;
        let id = bag.expect(OBJECT_IDENTIFIER, "bagId")?;
        let mut value = bag.structure(CONTEXT_0, "bagValue")?;
        match id.strip_prefix(BAG_TYPES) {
            Some([1]) => {
                let key = Zeroizing::new(value.rest.0.to_vec());
                opened.contents.push(Content::Bag(Bag::Key(key)));
            }
            Some([2]) => {
                let mut fields = value.structure(SEQUENCE, "EncryptedPrivateKeyInfo")?;
                let offset = fields.offset();
                let field = "encryptionAlgorithm";
                let algorithm =
                    fields.rest.expect_whole(SEQUENCE).map_err(|_| Malformed { offset, field })?;
                let encrypted = fields.expect(OCTET_STRING, "encryptedData")?;
                opened.old_encryptions.extend(old_encryption(algorithm).map(|name| (offset, name)));
                let key = decrypt(algorithm, encrypted, passphrases);
                opened.contents.push(match key {
                    Ok(key) => Content::Bag(Bag::Key(key)),
                    Err(closed) => Content::Closed { closed, offset, is_key: true },
                });
            }
            Some([number @ (3 | 4)]) => {
                let mut fields = value.structure(SEQUENCE, "bagValue")?;
                fields.expect(OBJECT_IDENTIFIER, "type of the certificate")?;
                let mut wrapped = fields.structure(CONTEXT_0, "certificate")?;
                let der = wrapped.expect(OCTET_STRING, "certificate")?.to_vec();
                opened.contents.push(Content::Bag(if *number == 3 {
                    Bag::Certificate(der)
                } else {
                    Bag::Crl(der)
                }));
            }
            // Secrets and nested parts, which certificates and keys do not come in.
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KnownPassphrase;

    /// 2048 iterations each: the MAC without a passphrase in both forms, with the passphrase, certificates, key.
    #[test]
    fn all_derivations_of_a_file_count_together() {
        let file = include_bytes!("../../lint/vectors/modern.p12");
        let closed = |left: u64| {
            let mut known = KnownPassphrase::new("secret");
            let mut passphrases = Passphrases::new(&mut known);
            passphrases.left = left;
            Pkcs12::open(file, &mut passphrases).unwrap().closed().cloned()
        };
        assert_eq!(closed(5 * 2048), None);
        for left in [0, 4 * 2048, 5 * 2048 - 1] {
            let found = closed(left);
            assert!(matches!(found, Some(Closed::Unsupported(_))), "{left}: {found:?}");
        }
    }
}
