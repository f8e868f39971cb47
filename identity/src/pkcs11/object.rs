//! Objects of a token: the private key of a URI, its public key, its certificate.

use std::{string::String, vec::Vec};

use cryptoki::{
    error::Error,
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::Session,
};
use handclasp_crypto::{KeyKind, PublicKey};
use rustls_pki_types::CertificateDer;

use super::{ObjectType, Pkcs11Error, Pkcs11Problem, Pkcs11Uri, module::Token};
use crate::{input, spki};

/// A private key in a token, and what belongs to it.
pub(super) struct Found {
    pub(super) handle: ObjectHandle,
    pub(super) kind: KeyKind,
    pub(super) spki: Vec<u8>,
    pub(super) certificate: Option<CertificateDer<'static>>,
    /// CKA_ALWAYS_AUTHENTICATE: it requires the PIN for each signature.
    pub(super) always_authenticate: bool,
}

/// What a search for objects of a class looks for.
fn template(class: ObjectClass, uri: &Pkcs11Uri) -> Vec<Attribute> {
    let mut template = Vec::from([Attribute::Class(class)]);
    template.extend(uri.object.as_ref().map(|label| Attribute::Label(label.as_bytes().to_vec())));
    template.extend(uri.id.clone().map(Attribute::Id));
    template
}

/// Whether objects of that class match the URI.
pub(super) fn exists(session: &Session, uri: &Pkcs11Uri) -> Result<bool, Error> {
    Ok(!session.find_objects(&template(ObjectClass::PRIVATE_KEY, uri))?.is_empty())
}

/// The private key of the URI.
pub(super) fn find(token: &Token, uri: &Pkcs11Uri) -> Result<Found, Pkcs11Error> {
    if !matches!(uri.object_type, None | Some(ObjectType::Private)) {
        return Err(Pkcs11Error::new(
            Pkcs11Problem::NoKey,
            std::format!("{uri} is not a private key: expected type=private, or no type"),
        ));
    }
    let failed = |error: Error| Pkcs11Error::call(&std::format!("{} cannot be searched", token.name), &error);
    let keys = token.session.find_objects(&template(ObjectClass::PRIVATE_KEY, uri)).map_err(failed)?;
    match keys.as_slice() {
        [handle] => read(token, *handle),
        [] => Err(Pkcs11Error::new(
            Pkcs11Problem::NoKey,
            std::format!("{} has no private key that matches {uri}; {}", token.name, others(token)),
        )),
        [..] => Err(Pkcs11Error::new(
            Pkcs11Problem::SeveralKeys,
            std::format!("{} has several private keys that match {uri}; {}", token.name, others(token)),
        )),
    }
}

/// The private keys that are there, for a message.
fn others(token: &Token) -> String {
    let keys = token.session.find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY)]).unwrap_or_default();
    let names: Vec<String> = keys
        .iter()
        .filter_map(|key| {
            let types = [AttributeType::Label, AttributeType::Id];
            let attributes = token.session.get_attributes(*key, &types).ok()?;
            let mut uri = Pkcs11Uri::default();
            for attribute in attributes {
                match attribute {
                    Attribute::Label(label) => uri.object = String::from_utf8(label).ok(),
                    Attribute::Id(id) => uri.id = Some(id),
                    _ => {}
                }
            }
            Some(std::format!("{uri}").replacen("pkcs11:", "", 1))
        })
        .collect();
    match names.is_empty() {
        true => "private keys are visible only after a login: is the PIN given?".into(),
        false => std::format!("there are {}", names.join(" and ")),
    }
}

/// The attributes of a key that are there, by name.
#[derive(Default)]
struct Attributes {
    kind: Option<KeyType>,
    id: Option<Vec<u8>>,
    signs: Option<bool>,
    always_authenticate: bool,
    ec_params: Option<Vec<u8>>,
    ec_point: Option<Vec<u8>>,
    modulus: Option<Vec<u8>>,
    exponent: Option<Vec<u8>>,
}

impl Attributes {
    fn read(&mut self, session: &Session, handle: ObjectHandle) -> Result<(), Error> {
        let types = [
            AttributeType::KeyType,
            AttributeType::Id,
            AttributeType::Sign,
            AttributeType::AlwaysAuthenticate,
            AttributeType::EcParams,
            AttributeType::EcPoint,
            AttributeType::Modulus,
            AttributeType::PublicExponent,
        ];
        for attribute in session.get_attributes(handle, &types)? {
            match attribute {
                Attribute::KeyType(kind) => self.kind = Some(kind),
                Attribute::Id(id) => self.id = Some(id),
                Attribute::Sign(signs) => self.signs = self.signs.or(Some(signs)),
                Attribute::AlwaysAuthenticate(always) => self.always_authenticate |= always,
                Attribute::EcParams(params) if !params.is_empty() => self.ec_params = Some(params),
                Attribute::EcPoint(point) if !point.is_empty() => self.ec_point = Some(point),
                Attribute::Modulus(modulus) if !modulus.is_empty() => self.modulus = Some(modulus),
                Attribute::PublicExponent(exponent) if !exponent.is_empty() => self.exponent = Some(exponent),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Reads a private key, and from its public key or its certificate what it lacks.
fn read(token: &Token, handle: ObjectHandle) -> Result<Found, Pkcs11Error> {
    let failed =
        |error: Error| Pkcs11Error::call(&std::format!("the key in {} cannot be read", token.name), &error);
    let unusable = |reason: &str| {
        Pkcs11Error::new(Pkcs11Problem::UnusableKey, std::format!("the key in {} {reason}", token.name))
    };
    let mut attributes = Attributes::default();
    attributes.read(&token.session, handle).map_err(failed)?;
    if attributes.signs == Some(false) {
        return Err(unusable("is not one for signatures (CKA_SIGN is false)"));
    }
    // Before what the public key says is added.
    let always_authenticate = attributes.always_authenticate;
    // The public key and the certificate have the identifier of the private one.
    let beside = |class| {
        let id = attributes.id.clone().filter(|id| !id.is_empty());
        let found = id.map(|id| token.session.find_objects(&[Attribute::Class(class), Attribute::Id(id)]));
        found.transpose().map(|found| found.unwrap_or_default().first().copied()).map_err(failed)
    };
    let public = beside(ObjectClass::PUBLIC_KEY)?;
    let certificate = match beside(ObjectClass::CERTIFICATE)? {
        Some(object) => certificate(&token.session, object).map_err(failed)?,
        None => None,
    };
    if let Some(public) = public {
        attributes.read(&token.session, public).map_err(failed)?;
    }
    let known = match attributes.kind {
        Some(KeyType::EC) => ec_key(&attributes).map_err(unusable)?,
        Some(KeyType::EC_EDWARDS) => edwards_key(&attributes).map_err(unusable)?,
        Some(KeyType::RSA) => rsa_key(&attributes),
        _ => {
            return Err(unusable(
                "is of an unsupported type; supported are P-256, P-384, P-521, Ed25519 and RSA",
            ));
        }
    };
    let spki = known.or_else(|| certificate.as_ref().and_then(|der| input::public_key(der))).ok_or_else(|| {
        unusable("has neither its public key nor a certificate of the same CKA_ID beside it: import one of them")
    })?;
    let kind =
        PublicKey::from_spki(&spki).map_err(|_| unusable("has a public key that does not parse"))?.kind;
    Ok(Found { handle, kind, spki, certificate, always_authenticate })
}

fn certificate(session: &Session, object: ObjectHandle) -> Result<Option<CertificateDer<'static>>, Error> {
    let value = session.get_attributes(object, &[AttributeType::Value])?.into_iter().next();
    Ok(match value {
        Some(Attribute::Value(der)) if !der.is_empty() => Some(CertificateDer::from(der)),
        _ => None,
    })
}

/// The SubjectPublicKeyInfo of an EC key. `None` if the token does not have the point.
fn ec_key(attributes: &Attributes) -> Result<Option<Vec<u8>>, &'static str> {
    let params = attributes.ec_params.as_deref().unwrap_or_default();
    let kinds = [(KeyKind::P256, 65), (KeyKind::P384, 97), (KeyKind::P521, 133)];
    // The AlgorithmIdentifier ends with the OBJECT IDENTIFIER that is CKA_EC_PARAMS.
    let found = kinds
        .iter()
        .find(|(kind, _)| params.first() == Some(&0x06) && kind.algorithm_identifier().ends_with(params));
    let (kind, length) = found.ok_or("is on an unsupported curve; supported are P-256, P-384 and P-521")?;
    let Some(point) = attributes.ec_point.as_deref() else { return Ok(None) };
    let bits = uncompressed(point, *length).ok_or("has a CKA_EC_POINT that is not an uncompressed point")?;
    Ok(Some(PublicKey { kind: *kind, bits }.to_spki()))
}

/// The point of CKA_EC_POINT, of `length` bytes. Modules return it as it is, or inside of a DER OCTET
/// STRING as the standard says.
pub(super) fn uncompressed(point: &[u8], length: usize) -> Option<&[u8]> {
    let header: &[u8] = match length {
        65 => &[0x04, 65],
        97 => &[0x04, 97],
        _ => &[0x04, 0x81, 133],
    };
    let is_point = |bytes: &&[u8]| bytes.len() == length && bytes.first() == Some(&0x04);
    Some(point).filter(is_point).or_else(|| point.strip_prefix(header).filter(is_point))
}

/// The SubjectPublicKeyInfo of an Ed25519 key. `None` if the token does not have the point.
fn edwards_key(attributes: &Attributes) -> Result<Option<Vec<u8>>, &'static str> {
    if !ED25519_PARAMS.contains(&attributes.ec_params.as_deref().unwrap_or_default()) {
        return Err("is on an unsupported Edwards curve; supported is Ed25519");
    }
    let Some(point) = attributes.ec_point.as_deref() else { return Ok(None) };
    let bits = edwards_point(point).ok_or("has a CKA_EC_POINT that is not one of 32 bytes")?;
    Ok(Some(PublicKey { kind: KeyKind::Ed25519, bits }.to_spki()))
}

/// The spellings of CKA_EC_PARAMS: the object identifier of RFC 8410, and the name of PKCS#11 3.0 §2.3.5.
pub(super) const ED25519_PARAMS: [&[u8]; 2] = [b"\x06\x03\x2b\x65\x70", b"\x13\x0cedwards25519"];

/// The 32 bytes of CKA_EC_POINT: as they are, in an OCTET STRING (PKCS#11 3.0), or in a BIT STRING (3.1).
fn edwards_point(point: &[u8]) -> Option<&[u8]> {
    let headers: [&[u8]; 3] = [b"", b"\x04\x20", b"\x03\x21\x00"];
    headers.iter().find_map(|header| point.strip_prefix(*header).filter(|bits| bits.len() == 32))
}

/// The SubjectPublicKeyInfo of an RSA key.
fn rsa_key(attributes: &Attributes) -> Option<Vec<u8>> {
    Some(spki::rsa(attributes.modulus.as_deref()?, attributes.exponent.as_deref()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_edwards_point() {
        // Whose first bytes look as the header of an OCTET STRING does.
        let point: Vec<u8> = [0x04, 0x20].into_iter().chain(1..31).collect();
        for header in [&b""[..], b"\x04\x20", b"\x03\x21\x00"] {
            assert_eq!(edwards_point(&[header, &point].concat()), Some(&point[..]));
        }
        for wrong in [&point[1..], b"", b"\x04\x20"] {
            assert_eq!(edwards_point(wrong), None);
        }
    }

    #[test]
    fn both_spellings_of_a_point() {
        for (length, header) in [(65, &[0x04, 65][..]), (97, &[0x04, 97]), (133, &[0x04, 0x81, 133])] {
            // Whose x begins as a header of an OCTET STRING does, too.
            let point: Vec<u8> = [0x04, 0x41, 0x04].into_iter().chain(3..=255).take(length).collect();
            let wrapped = [header, &point].concat();
            assert_eq!(uncompressed(&point, length), Some(&point[..]));
            assert_eq!(uncompressed(&wrapped, length), Some(&point[..]));
            for wrong in [&wrapped[1..], &wrapped[..wrapped.len() - 1], &point[1..], &[]] {
                assert_eq!(uncompressed(wrong, length), None);
            }
            let mut compressed = point.clone();
            compressed[0] = 0x02;
            assert_eq!(uncompressed(&compressed, length), None);
        }
    }
}
