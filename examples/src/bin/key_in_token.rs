//! A key in a PKCS#11 token: `key_in_token URI NAME` makes it there unless it exists, and prints its pin and a request
//! for a CA. The PIN is in the environment, in TOKEN_PIN.

use std::{env, error::Error};

use handclasp::{
    CertificateParams, KeyKind, Pin,
    identity::pkcs11::{Pkcs11Key, Pkcs11Problem, Pkcs11Uri, TokenPin},
};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [uri, name] = words.as_slice() else { return Err("usage: key_in_token URI NAME".into()) };
    let (uri, pin) = (uri.parse::<Pkcs11Uri>()?, TokenPin::Environment("TOKEN_PIN".into()));
    let key = match Pkcs11Key::open(&uri, &pin) {
        Err(error) if error.problem == Pkcs11Problem::NoKey => {
            Pkcs11Key::generate(&uri, KeyKind::P256, &pin)?
        }
        opened => opened?,
    };
    if !key.attributes()?.is_confined() {
        return Err("the key was not made in the token, or could leave it".into());
    }
    let identity = key.into_identity(Vec::new())?; // it signs a test message here
    println!("{}", Pin::of_spki(&identity.spki()));
    print!("{}", identity.certificate_request(&CertificateParams::new(&[name]))?.pem());
    Ok(())
}
