//! A certificate (RFC 5280 §4.1) read field by field, without a copy. Every field that a decision depends
//! on is here; whether it permits what is asked is decided elsewhere.

use crate::der::{
    BOOLEAN, CONTEXT_3, Elements, INTEGER, Malformed, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE,
};

/// id-ce-keyUsage.
pub(crate) const KEY_USAGE: &[u8] = b"\x55\x1d\x0f";
/// id-ce-subjectAltName.
pub(crate) const SUBJECT_ALT_NAME: &[u8] = b"\x55\x1d\x11";
/// id-ce-nameConstraints.
pub(crate) const NAME_CONSTRAINTS: &[u8] = b"\x55\x1d\x1e";
/// id-ce-extKeyUsage.
#[cfg(any(test, feature = "web-pki"))]
pub(crate) const EXTENDED_KEY_USAGE: &[u8] = b"\x55\x1d\x25";
/// `[0]`, constructed: the version of a TBSCertificate.
pub(crate) const VERSION: u8 = 0xa0;
/// Content of the version field of a certificate of version 3.
const V3: &[u8] = &[INTEGER, 1, 2];

/// A certificate, borrowed from its DER.
#[derive(Clone)]
pub(crate) struct Certificate<'a> {
    /// The tbsCertificate with tag and length: the signed message.
    pub(crate) signed: &'a [u8],
    /// Content of the AlgorithmIdentifier of the signature, the same inside and outside.
    pub(crate) algorithm: &'a [u8],
    /// The signature.
    pub(crate) signature: &'a [u8],
    /// Whether the version is 3. Certificates of version 1 have neither extensions nor names.
    pub(crate) is_v3: bool,
    /// Content of the serialNumber.
    pub(crate) serial: &'a [u8],
    /// Name of the issuer, with tag and length.
    pub(crate) issuer: &'a [u8],
    /// Content of the validity.
    pub(crate) validity: &'a [u8],
    /// Name of the subject, with tag and length.
    pub(crate) subject: &'a [u8],
    /// The SubjectPublicKeyInfo, with tag and length.
    pub(crate) spki: &'a [u8],
    /// The list of extensions; empty if there is none.
    pub(crate) extensions: Extensions<'a>,
}

impl<'a> Certificate<'a> {
    /// Reads a whole certificate of version 1 or 3. Unique identifiers are refused.
    pub(crate) fn read(der: &'a [u8]) -> Result<Self, Malformed> {
        let mut outer = Elements::of_sequence(der)?;
        let signed = outer.expect_whole(SEQUENCE)?;
        let (algorithm, signature) = (outer.expect(SEQUENCE)?, outer.expect_bytes()?);
        outer.end()?;

        let mut fields = Elements::of_sequence(signed)?;
        let is_v3 = fields.optional(VERSION)? == Some(V3);
        let serial = fields.expect(INTEGER)?;
        // RFC 5280 §4.1.1.2: the signed copy is the same.
        if fields.expect(SEQUENCE)? != algorithm {
            return Err(Malformed);
        }
        let issuer = fields.expect_whole(SEQUENCE)?;
        let validity = fields.expect(SEQUENCE)?;
        let (subject, spki) = (fields.expect_whole(SEQUENCE)?, fields.expect_whole(SEQUENCE)?);
        let extensions = match fields.optional(CONTEXT_3)? {
            Some(field) => Extensions::of(field)?,
            None => Extensions::none(),
        };
        fields.end()?;
        Ok(Self { signed, algorithm, signature, is_v3, serial, issuer, validity, subject, spki, extensions })
    }

    /// Whether the certificate names itself as its issuer.
    pub(crate) fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }
}

/// The extensions of a certificate (RFC 5280 §4.2).
#[derive(Clone)]
pub(crate) struct Extensions<'a>(Elements<'a>);

/// One extension.
pub(crate) struct Extension<'a> {
    /// Content of the OBJECT IDENTIFIER.
    pub(crate) id: &'a [u8],
    /// Whether a certificate with it is refused by a program that does not know it.
    pub(crate) is_critical: bool,
    /// Content of the OCTET STRING.
    pub(crate) value: &'a [u8],
}

impl<'a> Extensions<'a> {
    /// An empty list.
    pub(crate) const fn none() -> Self {
        Self(Elements(&[]))
    }

    /// Those of the field `[3]` of a TBSCertificate, by its content.
    pub(crate) fn of(field: &'a [u8]) -> Result<Self, Malformed> {
        Elements::of_sequence(field).map(Self)
    }

    /// Whether all are read.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.tag().is_none()
    }

    /// Reads the next extension.
    pub(crate) fn take(&mut self) -> Result<Extension<'a>, Malformed> {
        let mut fields = Elements(self.0.expect(SEQUENCE)?);
        let id = fields.expect(OBJECT_IDENTIFIER)?;
        let is_critical = boolean(fields.optional(BOOLEAN)?)?;
        let value = fields.expect(OCTET_STRING)?;
        fields.end().map(|()| Extension { id, is_critical, value })
    }

    /// Returns the value of an extension, which occurs at most once.
    pub(crate) fn find(&self, id: &[u8]) -> Result<Option<&'a [u8]>, Malformed> {
        let mut rest = self.clone();
        let mut found = None;
        while !rest.is_empty() {
            let extension = rest.take()?;
            if extension.id == id && found.replace(extension.value).is_some() {
                return Err(Malformed);
            }
        }
        Ok(found)
    }
}

/// A BOOLEAN that is false where it is left out. An explicit false, which DER forbids, occurs in
/// certificates and is read.
pub(crate) fn boolean(content: Option<&[u8]>) -> Result<bool, Malformed> {
    match content {
        None | Some([0]) => Ok(false),
        Some([0xff]) => Ok(true),
        Some(_) => Err(Malformed),
    }
}
