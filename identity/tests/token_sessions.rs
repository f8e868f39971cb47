//! Keys that require the PIN for each signature, and tokens that lose a login or go away. SoftHSM does not see a
//! token again that was gone while it was loaded; a lost login takes the same path.

mod token;

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use cryptoki::object::Attribute;
use handclasp_codec::SignatureScheme as Scheme;
use handclasp_crypto::{KeyKind, SignError};
use handclasp_identity::{
    ExternalSigner, Identity, SignerInput, SignerPace,
    pkcs11::{Pkcs11Key, Pkcs11Problem, TokenPin},
};
use handclasp_provider_aws_lc::SystemRandom;
use token::{P256, PIN, RSA, log_out, pair, pin, refused, signs, uri, with_token};
use zeroize::Zeroizing;

/// A prompt that is answered with these PINs in turn, the last one again and again, and counts.
fn typed(pins: &'static [&'static str]) -> (TokenPin, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let prompt = TokenPin::prompt(move |_| {
        let index = count.fetch_add(1, Ordering::Relaxed);
        Some(Zeroizing::new(pins.get(index).or(pins.last())?.to_string()))
    });
    (prompt, asked)
}

fn sign(identity: &Identity, scheme: Scheme) -> Result<Vec<u8>, SignError> {
    identity.sign(scheme, b"message", &mut SystemRandom)
}

/// The words of a signature that fails.
fn failure(identity: &Identity, scheme: Scheme) -> String {
    sign(identity, scheme).expect_err("refused");
    let words = identity.signer_words().expect("it says why");
    assert!(!words.contains(PIN), "{words}");
    words
}

/// An RSA key "asks" that requires the PIN for each signature.
fn asking_key() {
    let _login = Pkcs11Key::generate(&uri("object=other"), KeyKind::P256, &pin()).expect("made");
    pair("asks", KeyKind::Rsa, &[Attribute::Sign(true), Attribute::AlwaysAuthenticate(true)]);
}

#[test]
fn a_key_that_requires_the_pin_each_time_gets_it() {
    with_token("a_key_that_requires_the_pin_each_time_gets_it", "", |_| {
        asking_key();
        let key = Pkcs11Key::open(&uri("object=asks"), &pin()).expect("found");
        // From the environment no person is needed: each scheme is probed.
        assert_eq!((key.input(), key.pace()), (SignerInput::Message, SignerPace::Slow));
        let identity = key.into_identity(Vec::new()).expect("good");
        signs(&identity, &RSA);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..3).for_each(|_| signs(&identity, &RSA)));
            }
        });
    });
}

#[test]
fn a_person_types_the_pin_for_each_signature() {
    with_token("a_person_types_the_pin_for_each_signature", "", |_| {
        asking_key();
        let (prompt, asked) = typed(&[PIN, PIN, "999999", PIN]);
        let key = Pkcs11Key::open(&uri("object=asks"), &prompt).expect("found");
        assert_eq!(key.pace(), SignerPace::Interactive);
        let identity = key.into_identity(Vec::new()).expect("good");
        assert_eq!(asked.load(Ordering::Relaxed), 1, "the login; nothing is probed");
        sign(&identity, RSA[3]).expect("signs");
        assert_eq!(asked.load(Ordering::Relaxed), 2);
        // A slip is no end.
        assert_eq!(failure(&identity, RSA[3]), "the PIN is wrong");
        sign(&identity, RSA[0]).expect("signs");
        assert_eq!(asked.load(Ordering::Relaxed), 4);
    });
}

#[test]
fn a_wrong_pin_of_a_file_is_sent_once() {
    with_token("a_wrong_pin_of_a_file_is_sent_once", "", |hsm| {
        asking_key();
        let file = hsm.secret("pin", PIN);
        let open = || Identity::from_pkcs11(&uri("object=asks"), &TokenPin::File(file.clone()), Vec::new());
        let identity = open().expect("good");
        hsm.secret("pin", "999999");
        assert_eq!(failure(&identity, RSA[0]), "the PIN is wrong");
        // Were it sent again, the token would count on and be locked: even the right one is not.
        hsm.secret("pin", PIN);
        assert!(failure(&identity, RSA[0]).contains("is not sent again"));
        // The same after a lost session.
        let plain = Identity::from_pkcs11(&uri("object=other"), &TokenPin::File(file.clone()), Vec::new());
        let plain = plain.expect("good");
        log_out();
        hsm.secret("pin", "999999");
        assert!(failure(&plain, P256[0]).contains("the PIN is wrong"));
        hsm.secret("pin", PIN);
        assert!(failure(&plain, P256[0]).contains("is not sent again"));
    });
}

#[test]
fn a_lost_login_is_made_again() {
    with_token("a_lost_login_is_made_again", "", |_| {
        let uri = uri("token=lab;object=key");
        let (prompt, asked) = typed(&[PIN]);
        let identity = Pkcs11Key::generate(&uri, KeyKind::P256, &prompt).expect("made");
        let identity = identity.into_identity(Vec::new()).expect("good");
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        for round in 2..4 {
            log_out();
            signs(&identity, &P256);
            assert_eq!(asked.load(Ordering::Relaxed), round, "one login");
        }
    });
}

#[test]
fn a_token_that_does_not_come_back_is_named() {
    with_token("a_token_that_does_not_come_back_is_named", "", |hsm| {
        let uri = uri("token=lab;object=key");
        let made = Pkcs11Key::generate(&uri, KeyKind::P256, &pin()).expect("made");
        let identity = made.into_identity(Vec::new()).expect("good");
        fs::rename(hsm.folder.join("tokens"), hsm.folder.join("pocket")).expect("moved");
        fs::create_dir(hsm.folder.join("tokens")).expect("an empty reader");
        // The second attempt has no session left from the first one.
        for _ in 0..2 {
            let words = failure(&identity, P256[0]);
            assert!(words.contains("the token was lost and does not open again"), "{words}");
        }
        refused(Pkcs11Key::open(&uri, &pin()), Pkcs11Problem::NoToken, "");
    });
}

#[test]
fn another_key_in_the_token_is_not_used() {
    with_token("another_key_in_the_token_is_not_used", "", |hsm| {
        let uri = uri("token=lab;object=key;id=%01");
        let made = Pkcs11Key::generate(&uri, KeyKind::P256, &pin()).expect("made");
        let identity = made.into_identity(Vec::new()).expect("good");
        for class in ["privkey", "pubkey"] {
            hsm.pkcs11_tool(&["--delete-object", "--type", class, "--id", "01"]);
        }
        let key = ["--keypairgen", "--key-type", "EC:prime256v1", "--id", "01", "--label", "key"];
        hsm.pkcs11_tool(&[&key[..], &["--usage-sign"]].concat());
        log_out();
        assert_eq!(failure(&identity, P256[0]), "the token has another key now");
    });
}
