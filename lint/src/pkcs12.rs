//! PKCS#12 (RFC 7292): the outer structure, its MAC, how its parts are encrypted, and what is in them. The MAC is not
//! verified: a wrong passphrase shows in the decryption.

use handclasp_identity::Found;
use zeroize::Zeroizing;

use crate::{
    Code, Passphrase,
    der::{CONTEXT_0, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, hex, oid_text},
    finding::Log,
    private_key,
};

/// pkcs7-data.
const DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
/// bagtypes, without the last number.
const BAG_TYPES: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01";
/// pkcs7-encryptedData.
const ENCRYPTED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06";
/// `[0]`, primitive.
const IMPLICIT_0: u8 = 0x80;
/// pkcs-12PbeIds: RC2, RC4 and 3DES with SHA-1.
const OLD_SCHEMES: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01";

/// A structure inside: what it is, and its DER.
pub(crate) type Inside = (Found, Zeroizing<Vec<u8>>);

/// Reads and checks the structure; what is inside goes to `inside`.
pub(crate) fn lint(
    der: &[u8],
    passphrase: &mut dyn Passphrase,
    inside: &mut Vec<Inside>,
    log: &mut Log,
) -> Option<()> {
    let mut file = Reader::new(der);
    let outer = file.expect(SEQUENCE, "PFX", log)?;
    file.finish("PFX", log);
    let mut fields = outer.inside();
    if let Some(version) = fields.expect(INTEGER, "version", log).filter(|version| version.content != [3]) {
        log.add(Code::Pkcs12Version, version.start, "03", hex(version.content));
    }
    let safe = fields.expect(SEQUENCE, "authSafe", log)?;
    if fields.tag() == Some(SEQUENCE) {
        fields.next("macData", log);
    } else {
        log.add(Code::Pkcs12MacMissing, fields.offset, "macData", "");
    }
    let mut safe = safe.inside();
    safe.expect(OBJECT_IDENTIFIER, "type of authSafe", log)?;
    let content = safe.expect(CONTEXT_0, "content of authSafe", log)?;
    let octets = content.inside().expect(OCTET_STRING, "content of authSafe", log)?;
    let parts = octets.inside().expect(SEQUENCE, "AuthenticatedSafe", log)?;
    let mut parts = parts.inside();
    while !parts.is_empty() {
        let Some(part) = parts.expect(SEQUENCE, "ContentInfo", log) else { break };
        let mut fields = part.inside();
        let Some(id) = fields.expect(OBJECT_IDENTIFIER, "type of a part", log) else { break };
        let Some(content) = fields.expect(CONTEXT_0, "content of a part", log) else { break };
        if id.content == ENCRYPTED_DATA {
            if let Some(bags) = encrypted(content.inside(), der, passphrase, log) {
                // Offsets inside are of bytes that the file does not have.
                let _: Option<()> = safe_contents(Reader::new(&bags), inside, &mut Log::default());
            }
        } else if id.content == DATA {
            let data = content.inside().expect(OCTET_STRING, "content of a part", log);
            let _: Option<()> = data.and_then(|data| safe_contents(data.inside(), inside, log));
        }
    }
    Some(())
}

/// The bags of one part (RFC 7292 §4.2).
fn safe_contents(mut part: Reader<'_>, inside: &mut Vec<Inside>, log: &mut Log) -> Option<()> {
    let mut bags = part.expect(SEQUENCE, "SafeContents", log)?.inside();
    while !bags.is_empty() {
        let mut bag = bags.expect(SEQUENCE, "SafeBag", log)?.inside();
        let id = bag.expect(OBJECT_IDENTIFIER, "bagId", log)?;
        let value = bag.expect(CONTEXT_0, "bagValue", log)?;
        let (kind, content) = match id.content.strip_prefix(BAG_TYPES) {
            Some([1]) => (Found::PrivateKey, value.content),
            Some([2]) => (Found::EncryptedKey, value.content),
            Some([number @ (3 | 4)]) => {
                let mut fields = value.inside().expect(SEQUENCE, "bagValue", log)?.inside();
                fields.expect(OBJECT_IDENTIFIER, "type of the certificate", log)?;
                let wrapped = fields.expect(CONTEXT_0, "certificate", log)?;
                let octets = wrapped.inside().expect(OCTET_STRING, "certificate", log)?;
                (if *number == 3 { Found::Certificate } else { Found::Crl }, octets.content)
            }
            _ => continue,
        };
        inside.push((kind, Zeroizing::new(content.to_vec())));
    }
    Some(())
}

/// EncryptedData (RFC 5652 §8), decrypted.
fn encrypted(
    mut content: Reader<'_>,
    der: &[u8],
    passphrase: &mut dyn Passphrase,
    log: &mut Log,
) -> Option<Zeroizing<Vec<u8>>> {
    let mut data = content.expect(SEQUENCE, "EncryptedData", log)?.inside();
    data.expect(INTEGER, "version", log)?;
    let mut info = data.expect(SEQUENCE, "EncryptedContentInfo", log)?.inside();
    info.expect(OBJECT_IDENTIFIER, "contentType", log)?;
    let algorithm = info.expect(SEQUENCE, "contentEncryptionAlgorithm", log)?;
    let id = algorithm.inside().expect(OBJECT_IDENTIFIER, "algorithm", log)?;
    if id.content.starts_with(OLD_SCHEMES) {
        log.add(Code::Pkcs12OldEncryption, id.offset, "PBES2 (AES)", oid_text(id.content));
        return None;
    }
    let data = info.expect(IMPLICIT_0, "encryptedContent", log)?;
    private_key::unlock(algorithm, data, der, passphrase, log)
}
