//! Certificate requests (PKCS#10, RFC 2986).

use crate::{
    Code,
    der::{CONTEXT_0, INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE, SET, hex, tag_name},
    extensions::Extensions,
    finding::Log,
    name::{self, Name},
    signature::{self, Verdict},
    spki::{self, Spki},
};

/// pkcs-9-at-extensionRequest (RFC 2985 §5.4.2).
const EXTENSION_REQUEST: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e";

/// A request as far as it could be read.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) subject: Option<Name<'a>>,
    pub(crate) key: Option<Spki<'a>>,
    pub(crate) verdict: Verdict,
}

/// Reads and checks a request.
pub(crate) fn lint<'a>(der: &'a [u8], log: &mut Log) -> Option<Request<'a>> {
    let mut file = Reader::new(der);
    let outer = file.expect(SEQUENCE, "CertificationRequest", log)?;
    file.finish("CertificationRequest", log);
    let mut fields = outer.inside();
    let info = fields.expect(SEQUENCE, "CertificationRequestInfo", log)?;
    let (subject, key) = info_of(info.inside(), der, log);
    let mut verdict = Verdict::Unknown;
    if let Some(signed) = signature::read(&mut fields, info.whole(der), "CertificationRequest", log) {
        signature::check_form(&signed, log);
        if let Some(key) = &key {
            verdict = signature::verify(&signed, key, Code::SignatureInvalid, log);
        }
    }
    Some(Request { subject, key, verdict })
}

/// The fields of CertificationRequestInfo.
fn info_of<'a>(mut fields: Reader<'a>, der: &'a [u8], log: &mut Log) -> (Option<Name<'a>>, Option<Spki<'a>>) {
    if let Some(version) = fields.expect(INTEGER, "version", log)
        && version.content != [0]
    {
        log.add(Code::RequestVersion, version.start, "00 (version 1)", hex(version.content));
    }
    let subject = name::read(&mut fields, "subject", der, log);
    let key = spki::read(&mut fields, CONTEXT_0, der, log);
    let behind_key = fields.offset;
    let mut has_san = false;
    match fields.tag() {
        None => log.add(Code::AttributesMissing, behind_key, "[0] (a0 00 if there are none)", "the end"),
        Some(CONTEXT_0) => {
            if let Some(attributes) = fields.next("attributes", log) {
                has_san = attributes_of(attributes.inside(), der, log);
            }
        }
        Some(other) => {
            log.add(Code::UnexpectedField, behind_key, "[0] (attributes)", tag_name(other));
            fields.skip_to(fields.end());
        }
    }
    fields.finish("CertificationRequestInfo", log);
    if !has_san {
        log.add(Code::RequestSanMissing, behind_key, "subjectAltName in an extensionRequest", "");
    }
    if let Some(subject) = subject.as_ref().filter(|subject| subject.is_empty() && !has_san) {
        log.add(Code::SubjectEmpty, subject.offset, "a subject, or names in a subjectAltName", "neither");
    }
    (subject, key)
}

/// The attributes; whether names are asked for.
fn attributes_of(mut attributes: Reader<'_>, der: &[u8], log: &mut Log) -> bool {
    let mut has_san = false;
    while !attributes.is_empty() {
        let Some(attribute) = attributes.expect(SEQUENCE, "attribute", log) else { break };
        let mut fields = attribute.inside();
        let Some(id) = fields.expect(OBJECT_IDENTIFIER, "type of the attribute", log) else { continue };
        let Some(values) = fields.expect(SET, "values of the attribute", log) else { continue };
        if id.content == EXTENSION_REQUEST {
            let mut list = values.inside();
            if let Some(list) = list.expect(SEQUENCE, "extensions asked for", log) {
                let extensions = Extensions::read(list.inside(), der, log);
                has_san |= extensions.names.as_ref().is_some_and(|names| !names.is_empty());
            }
        }
    }
    has_san
}
