//! PKCS#12 (RFC 7292): the outer structure, its MAC and how its parts are encrypted. The parts are not opened.

use crate::{
    Code,
    der::{CONTEXT_0, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, hex, oid_text},
    finding::Log,
};

/// pkcs7-encryptedData.
const ENCRYPTED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06";
/// pkcs-12PbeIds: RC2, RC4 and 3DES with SHA-1.
const OLD_SCHEMES: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01";

/// Reads and checks the structure.
pub(crate) fn lint(der: &[u8], log: &mut Log) -> Option<()> {
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
            encrypted(content.inside(), log);
        }
    }
    Some(())
}

/// The algorithm of EncryptedData (RFC 5652 §8).
fn encrypted(mut content: Reader<'_>, log: &mut Log) -> Option<()> {
    let mut data = content.expect(SEQUENCE, "EncryptedData", log)?.inside();
    data.expect(INTEGER, "version", log)?;
    let mut info = data.expect(SEQUENCE, "EncryptedContentInfo", log)?.inside();
    info.expect(OBJECT_IDENTIFIER, "contentType", log)?;
    let algorithm = info.expect(SEQUENCE, "contentEncryptionAlgorithm", log)?;
    let id = algorithm.inside().expect(OBJECT_IDENTIFIER, "algorithm", log)?;
    if id.content.starts_with(OLD_SCHEMES) {
        log.add(Code::Pkcs12OldEncryption, id.offset, "PBES2 (AES)", oid_text(id.content));
    }
    Some(())
}
