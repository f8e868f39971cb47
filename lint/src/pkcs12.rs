//! PKCS#12 (RFC 7292): its structure, its MAC, how its parts are encrypted, and what is in them.

use handclasp_identity::Found;
use handclasp_passphrase::{Bag, Content, Mac, Passphrases, Pkcs12};
use zeroize::Zeroizing;

use crate::{Code, der::hex, finding::Log, private_key};

/// A structure inside: what it is, and its DER.
pub(crate) type Inside = (Found, Zeroizing<Vec<u8>>);

/// Reads and checks the structure, and returns what is inside.
pub(crate) fn lint(der: &[u8], passphrases: &mut Passphrases<'_>, log: &mut Log) -> Vec<Inside> {
    let opened = match Pkcs12::open(der, passphrases) {
        Ok(opened) => opened,
        Err(malformed) => {
            let found = hex(der.get(malformed.offset..).unwrap_or_default());
            let code = match malformed.field {
                "version" => Code::Pkcs12Version,
                _ => Code::UnexpectedField,
            };
            log.add(code, malformed.offset, malformed.field, found);
            return Vec::new();
        }
    };
    if let Mac::Missing { offset } = opened.mac {
        log.add(Code::Pkcs12MacMissing, offset, "macData", "");
    }
    for (offset, name) in opened.old_encryptions {
        log.add(Code::Pkcs12OldEncryption, offset, "PBES2 with AES", name);
    }
    let mut inside = Vec::new();
    for content in opened.contents {
        match content {
            Content::Bag(Bag::Certificate(der)) => inside.push((Found::Certificate, Zeroizing::new(der))),
            Content::Bag(Bag::Crl(der)) => inside.push((Found::Crl, Zeroizing::new(der))),
            Content::Bag(Bag::Key(der)) => inside.push((Found::PrivateKey, der)),
            Content::Closed { closed, offset, .. } => private_key::closed_as(&closed, offset, log),
            _ => {}
        }
    }
    inside
}
