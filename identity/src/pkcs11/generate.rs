//! Generates a key pair in the token; the private key never leaves it.

use std::vec::Vec;

use cryptoki::{
    error::Error,
    mechanism::Mechanism,
    object::{Attribute, AttributeType, ObjectHandle},
    session::Session,
};
use handclasp_crypto::KeyKind;

use super::{Pkcs11Error, Pkcs11Problem, Pkcs11Uri, module::Token, object};

/// The attributes of a private key. `None`: the token does not report it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyAttributes {
    /// CKA_SENSITIVE: its value is not shown in plaintext.
    pub sensitive: Option<bool>,
    /// CKA_EXTRACTABLE: it can leave the token, encrypted.
    pub extractable: Option<bool>,
    /// CKA_ALWAYS_SENSITIVE: it has been sensitive since it was made.
    pub always_sensitive: Option<bool>,
    /// CKA_NEVER_EXTRACTABLE: it has not been extractable since it was made.
    pub never_extractable: Option<bool>,
    /// CKA_LOCAL: it was made in the token.
    pub local: Option<bool>,
}

impl KeyAttributes {
    /// Whether the private key was made in the token and can never leave it.
    pub fn is_confined(&self) -> bool {
        self.always_sensitive == Some(true)
            && self.never_extractable == Some(true)
            && self.local == Some(true)
    }
}

/// Reads them.
pub(super) fn attributes(session: &Session, key: ObjectHandle) -> Result<KeyAttributes, Error> {
    let types = [
        AttributeType::Sensitive,
        AttributeType::Extractable,
        AttributeType::AlwaysSensitive,
        AttributeType::NeverExtractable,
        AttributeType::Local,
    ];
    let mut found = KeyAttributes::default();
    for attribute in session.get_attributes(key, &types)? {
        match attribute {
            Attribute::Sensitive(value) => found.sensitive = Some(value),
            Attribute::Extractable(value) => found.extractable = Some(value),
            Attribute::AlwaysSensitive(value) => found.always_sensitive = Some(value),
            Attribute::NeverExtractable(value) => found.never_extractable = Some(value),
            Attribute::Local(value) => found.local = Some(value),
            _ => {}
        }
    }
    Ok(found)
}

/// Makes the pair, and returns a URI that matches only this pair.
pub(super) fn pair(token: &Token, uri: &Pkcs11Uri, kind: KeyKind) -> Result<Pkcs11Uri, Pkcs11Error> {
    let failed =
        |error: Error| Pkcs11Error::call(&std::format!("{} cannot make a {kind:?} key", token.name), &error);
    let label = uri.object.clone().ok_or_else(|| {
        Pkcs11Error::new(Pkcs11Problem::NoKey, "a new key needs a label: object=NAME in the PKCS#11 URI")
    })?;
    let labelled = Pkcs11Uri { object_type: None, ..uri.clone() };
    if object::exists(&token.session, &labelled).map_err(failed)? {
        return Err(Pkcs11Error::new(
            Pkcs11Problem::KeyExists,
            std::format!("{} has a key already that matches {uri}; choose another label", token.name),
        ));
    }
    let id = match &uri.id {
        Some(id) => id.clone(),
        // Joins the two halves and a certificate.
        None => token.session.generate_random_vec(8).map_err(failed)?,
    };
    let made = Pkcs11Uri { id: Some(id.clone()), ..labelled };
    let common = || {
        Vec::from([
            Attribute::Token(true),
            Attribute::Label(label.as_bytes().to_vec()),
            Attribute::Id(id.clone()),
        ])
    };
    let private = [
        common(),
        Vec::from([
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
        ]),
    ]
    .concat();
    let (mechanism, spellings) = parameters(kind)?;
    let mut attempts = spellings.into_iter().map(|of_kind| {
        let public = [common(), Vec::from([Attribute::Verify(true)]), of_kind].concat();
        token.session.generate_key_pair(&mechanism, &public, &private)
    });
    // The first spelling that the token knows; its error is that of the first.
    let first = attempts.next().unwrap_or(Err(Error::InvalidValue));
    let (_, key) = first.or_else(|error| attempts.find_map(Result::ok).ok_or(error)).map_err(failed)?;
    let found = attributes(&token.session, key).map_err(failed)?;
    if !found.is_confined() {
        let _ = token.session.destroy_object(key);
        return Err(Pkcs11Error::new(
            Pkcs11Problem::UnusableKey,
            std::format!("{} made a key that can leave it, which was destroyed again: {found:?}", token.name),
        ));
    }
    Ok(made)
}

/// The mechanism and the public attributes of a kind of key, in each spelling.
fn parameters(kind: KeyKind) -> Result<(Mechanism<'static>, Vec<Vec<Attribute>>), Pkcs11Error> {
    let curve = |params: &[u8]| Vec::from([Attribute::EcParams(params.to_vec())]);
    match kind {
        KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => {
            // The OBJECT IDENTIFIER of the curve, behind id-ecPublicKey in the AlgorithmIdentifier.
            let oid = kind.algorithm_identifier().get(9..).unwrap_or_default();
            Ok((Mechanism::EccKeyPairGen, Vec::from([curve(oid)])))
        }
        KeyKind::Ed25519 => Ok((
            Mechanism::EccEdwardsKeyPairGen,
            object::ED25519_PARAMS.iter().map(|params| curve(params)).collect(),
        )),
        KeyKind::Rsa => Ok((
            Mechanism::RsaPkcsKeyPairGen,
            Vec::from([Vec::from([
                Attribute::ModulusBits(2048.into()),
                Attribute::PublicExponent(Vec::from([1, 0, 1])),
            ])]),
        )),
        KeyKind::RsaPss => Err(Pkcs11Error::new(
            Pkcs11Problem::UnusableKey,
            "keys in tokens are P-256, P-384, P-521, Ed25519 or RSA",
        )),
    }
}
