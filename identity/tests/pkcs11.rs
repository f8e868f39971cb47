//! Keys in PKCS#11 tokens: SoftHSM by itself and behind p11-kit's proxy, with keys of our own making and of
//! OpenSC's.
//!
//! A module reads its configuration from the environment, once a process: each test runs in a process of
//! its own with a token of its own.

mod token;

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use cryptoki::object::Attribute;
use handclasp_codec::SignatureScheme as Scheme;
use handclasp_crypto::KeyKind;
use handclasp_identity::{
    CertificateParams, ExternalSigner, Identity, SignerInput, SignerPace,
    pkcs11::{Pkcs11Key, Pkcs11Problem, Pkcs11Uri, TokenPin},
};
use handclasp_provider_aws_lc::SystemRandom;
use token::{MODULE, P256, P384, P521, PIN, PROXY, RSA, pair, pin, refused, signs, uri, with_token};
use zeroize::Zeroizing;

#[test]
fn keys_made_in_the_token_never_leave_it() {
    with_token("keys_made_in_the_token_never_leave_it", "", |hsm| {
        for (kind, label, schemes) in [
            (KeyKind::P256, "p256", &P256[..]),
            (KeyKind::P384, "p384", &P384),
            (KeyKind::P521, "p521", &P521),
            (KeyKind::Ed25519, "ed25519", &[Scheme::ed25519]),
            (KeyKind::Rsa, "rsa", &RSA),
        ] {
            let uri = uri(&format!("token=lab;object={label}"));
            let made = Pkcs11Key::generate(&uri, kind, &pin()).expect("made");
            let attributes = made.attributes().expect("there");
            assert!(attributes.is_confined(), "{attributes:?}");
            assert_eq!((attributes.sensitive, attributes.extractable), (Some(true), Some(false)));
            let input = if kind == KeyKind::Ed25519 { SignerInput::Message } else { SignerInput::Digest };
            assert_eq!((made.input(), made.pace()), (input, SignerPace::Slow));
            let spki = made.public_key().to_vec();
            signs(&made.into_identity(Vec::new()).expect("good"), schemes);

            // A later start finds the same key, and a second one of that label is not made.
            let identity = Identity::from_pkcs11(&uri, &pin(), Vec::new()).expect("found");
            assert_eq!((identity.key_kind(), &*identity.spki()), (kind, &spki[..]));
            assert_eq!(identity.signer_pace(), SignerPace::Slow);
            signs(&identity, schemes);
            refused(Pkcs11Key::generate(&uri, kind, &pin()), Pkcs11Problem::KeyExists, "has a key already");
            if kind != KeyKind::P521 {
                let request = identity.certificate_request(&CertificateParams::new(&["a.example"]));
                fs::write(hsm.folder.join("request.pem"), request.expect("made").pem()).expect("a file");
                let text = hsm.run("openssl", &["req", "-in", "request.pem", "-verify", "-noout"]);
                assert!(text.contains("verify OK"), "{text}");
            }
        }
        let listed = hsm.pkcs11_tool(&["--list-objects", "--type", "privkey"]);
        assert_eq!(listed.matches("never extractable").count(), 5, "{listed}");
        refused(
            Pkcs11Key::generate(&uri("token=lab"), KeyKind::P256, &pin()),
            Pkcs11Problem::NoKey,
            "needs a label",
        );
        let pss = Pkcs11Key::generate(&uri("object=e"), KeyKind::RsaPss, &pin());
        refused(pss, Pkcs11Problem::UnusableKey, "P-256, P-384, P-521, Ed25519 or RSA");
    });
}

#[test]
fn keys_and_certificates_of_other_programs() {
    with_token("keys_and_certificates_of_other_programs", "", |hsm| {
        for (key, id, kind) in [
            ("EC:prime256v1", "01", KeyKind::P256),
            ("rsa:2048", "02", KeyKind::Rsa),
            ("EC:edwards25519", "03", KeyKind::Ed25519),
        ] {
            hsm.pkcs11_tool(&[
                "--keypairgen",
                "--key-type",
                key,
                "--id",
                id,
                "--label",
                "opensc",
                "--usage-sign",
            ]);
            let found = uri(&format!("token=lab;id=%{id};type=private"));
            let identity = Identity::from_pkcs11(&found, &pin(), Vec::new()).expect("found");
            assert_eq!((identity.key_kind(), identity.chain().len()), (kind, 0));
            // With its certificate beside it the identity has a chain.
            let certificate = identity.self_signed_certificate(&CertificateParams::new(&["a.example"]));
            let certificate = certificate.expect("made");
            fs::write(hsm.folder.join("certificate.der"), &certificate).expect("a file");
            hsm.pkcs11_tool(&[
                "--write-object",
                "certificate.der",
                "--type",
                "cert",
                "--id",
                id,
                "--label",
                "c",
            ]);
            let identity = Identity::from_pkcs11(&found, &pin(), Vec::new()).expect("found");
            assert_eq!(identity.chain(), [certificate]);
        }
        // The public key is in the certificate, where the token has no object for it.
        hsm.pkcs11_tool(&["--delete-object", "--type", "pubkey", "--id", "01"]);
        let identity = Identity::from_pkcs11(&uri("id=%01"), &pin(), Vec::new()).expect("found");
        signs(&identity, &P256);
        hsm.pkcs11_tool(&["--delete-object", "--type", "cert", "--id", "01"]);
        refused(
            Pkcs11Key::open(&uri("id=%01"), &pin()),
            Pkcs11Problem::UnusableKey,
            "neither its public key",
        );
        hsm.pkcs11_tool(&["--keypairgen", "--key-type", "EC:secp256k1", "--id", "04", "--usage-sign"]);
        refused(Pkcs11Key::open(&uri("id=%04"), &pin()), Pkcs11Problem::UnusableKey, "unsupported curve");
    });
}

#[test]
fn keys_that_cannot_be_used_say_why() {
    with_token("keys_that_cannot_be_used_say_why", "", |_| {
        // Holds the login for the sessions below.
        let good = Pkcs11Key::generate(&uri("object=good"), KeyKind::P256, &pin()).expect("made");
        pair("derives", KeyKind::P256, &[Attribute::Sign(false), Attribute::Derive(true)]);
        let open = |label: &str| Pkcs11Key::open(&uri(&format!("object={label}")), &pin());
        refused(open("derives"), Pkcs11Problem::UnusableKey, "CKA_SIGN is false");
        // SoftHSM signs by ECDSA in one part only.
        pair("asks", KeyKind::P256, &[Attribute::Sign(true), Attribute::AlwaysAuthenticate(true)]);
        let asks = Identity::from_pkcs11(&uri("object=asks"), &pin(), Vec::new()).expect_err("in parts");
        assert_eq!(asks.problem, Pkcs11Problem::Identity);
        assert!(asks.to_string().contains("does not sign in parts"), "{asks}");
        // A key that can leave its token works, and is not called confined.
        pair(
            "leaves",
            KeyKind::P256,
            &[Attribute::Sign(true), Attribute::Sensitive(false), Attribute::Extractable(true)],
        );
        let leaves = open("leaves").expect("found");
        assert!(!leaves.attributes().expect("there").is_confined());
        assert!(good.attributes().expect("there").is_confined());
        signs(&leaves.into_identity(Vec::new()).expect("good"), &P256);
    });
}

#[test]
fn a_key_of_another_certificate_is_told() {
    with_token("a_key_of_another_certificate_is_told", "", |_| {
        let uri = uri("token=lab;object=key");
        Pkcs11Key::generate(&uri, KeyKind::P256, &pin()).expect("made");
        let other = Identity::self_signed(&["a.example"]).expect("made");
        let error = Identity::from_pkcs11(&uri, &pin(), other.chain().to_vec()).expect_err("another key");
        assert_eq!(error.problem, Pkcs11Problem::Identity);
        assert!(error.to_string().contains("the public keys differ"), "{error}");
    });
}

#[test]
fn what_a_uri_does_not_find_is_listed() {
    with_token("what_a_uri_does_not_find_is_listed", "", |_| {
        Pkcs11Key::generate(&uri("object=first"), KeyKind::P256, &pin()).expect("made");
        Pkcs11Key::generate(&uri("object=second;id=%0a%0b"), KeyKind::P256, &pin()).expect("made");
        let open = |rest: &str| Pkcs11Key::open(&uri(rest), &pin());
        refused(
            open("token=lob"),
            Pkcs11Problem::NoToken,
            "no token matches pkcs11:token=lob; there are \"lab\"",
        );
        refused(open("manufacturer=Nobody"), Pkcs11Problem::NoToken, "there are \"lab\"");
        refused(open("slot-id=99"), Pkcs11Problem::NoToken, "slot-id=99");
        refused(open("token=lab;shelf=3"), Pkcs11Problem::NoToken, "the attribute \"shelf\"");
        refused(open("object=third"), Pkcs11Problem::NoKey, "object=second;id=%0A%0B");
        refused(open("object=first;id=%0a%0b"), Pkcs11Problem::NoKey, "there are");
        refused(open("token=lab"), Pkcs11Problem::SeveralKeys, "object=first");
        refused(open("object=first;type=cert"), Pkcs11Problem::NoKey, "expected type=private");
        for found in ["manufacturer=SoftHSM%20project;object=first", "model=SoftHSM%20v2;id=%0A%0B"] {
            open(found).expect("found");
        }
        let missing =
            Pkcs11Key::open(&"pkcs11:?module-path=/nowhere/lib.so".parse().expect("parses"), &pin());
        refused(missing, Pkcs11Problem::Module, "/nowhere/lib.so does not load");
        let no_module =
            Pkcs11Key::open(&"pkcs11:?module-path=/etc/hostname".parse().expect("parses"), &pin());
        refused(no_module, Pkcs11Problem::Module, "module-path=/PATH");
    });
}

#[test]
fn two_tokens_of_one_name() {
    with_token("two_tokens_of_one_name", "", |hsm| {
        hsm.run(
            "softhsm2-util",
            &["--init-token", "--free", "--label", "lab", "--so-pin", "1111", "--pin", PIN],
        );
        let error = Pkcs11Key::open(&uri("token=lab;object=key"), &pin());
        refused(error, Pkcs11Problem::SeveralTokens, "serial= or slot-id=");
    });
}

#[test]
fn pins_come_from_people_files_and_the_environment() {
    with_token("pins_come_from_people_files_and_the_environment", "", |hsm| {
        let rest = "token=lab;object=key";
        let key = uri(rest);
        refused(Pkcs11Key::open(&key, &TokenPin::FromUri), Pkcs11Problem::NoKey, "is the PIN given?");
        let wrong = TokenPin::prompt(|_| Some(Zeroizing::new("999999".to_owned())));
        refused(Pkcs11Key::open(&key, &wrong), Pkcs11Problem::WrongPin, "the PIN is wrong");
        let nobody = TokenPin::prompt(|_| None);
        refused(Pkcs11Key::open(&key, &nobody), Pkcs11Problem::NoPin, "no PIN was typed");
        let unset = TokenPin::Environment("HANDCLASP_TEST_UNSET".into());
        refused(Pkcs11Key::open(&key, &unset), Pkcs11Problem::NoPin, "HANDCLASP_TEST_UNSET is not set");
        refused(
            Pkcs11Key::open(&key, &TokenPin::File("/nowhere/pin".into())),
            Pkcs11Problem::NoPin,
            "/nowhere/pin",
        );
        let readable = hsm.secret("readable", PIN);
        fs::set_permissions(&readable, fs::Permissions::from_mode(0o644)).expect("its mode");
        refused(
            Pkcs11Key::open(&key, &TokenPin::File(readable)),
            Pkcs11Problem::NoPin,
            "other users can read it",
        );

        // Each in a session of its own: a login ends with the last session.
        let file = hsm.secret("pin", &format!("{PIN}\r\n"));
        Pkcs11Key::generate(&key, KeyKind::P256, &TokenPin::File(file.clone())).expect("made");
        let right = TokenPin::prompt(|label| (label == "lab").then(|| Zeroizing::new(PIN.to_owned())));
        drop(Pkcs11Key::open(&key, &right).expect("typed"));
        let with_source = |source: &str| -> Pkcs11Uri {
            format!("pkcs11:{rest}?module-path={MODULE}&pin-source={source}").parse().expect("parses")
        };
        let path = file.display().to_string();
        for source in [path.clone(), format!("file:{path}"), format!("file://{path}")] {
            drop(Pkcs11Key::open(&with_source(&source), &TokenPin::FromUri).expect("from the file"));
            drop(Pkcs11Key::open(&with_source(&source), &nobody).expect("not asked"));
        }
        let command = Pkcs11Key::open(
            &with_source("|echo%20240862".replace("240862", "1").as_str()),
            &TokenPin::FromUri,
        );
        refused(command, Pkcs11Problem::NoPin, "commands are not run");
        assert!(!format!("{:?}", TokenPin::Environment("SECRET_NAME".into())).contains("SECRET"));
    });
}

#[test]
fn a_token_without_pss_signs_pkcs1_only() {
    let configuration = "slots.mechanisms = CKM_RSA_PKCS,CKM_RSA_PKCS_KEY_PAIR_GEN";
    with_token("a_token_without_pss_signs_pkcs1_only", configuration, |_| {
        let made = Pkcs11Key::generate(&uri("token=lab;object=rsa"), KeyKind::Rsa, &pin()).expect("made");
        let identity = made.into_identity(Vec::new()).expect("good");
        signs(&identity, &[Scheme::rsa_pkcs1_sha256, Scheme::rsa_pkcs1_sha384, Scheme::rsa_pkcs1_sha512]);
        assert!(!identity.signs_in_tls13());
    });
}

#[test]
fn a_token_that_goes_away_is_named() {
    with_token("a_token_that_goes_away_is_named", "", |hsm| {
        let uri = uri("token=lab;object=key");
        let made = Pkcs11Key::generate(&uri, KeyKind::P256, &pin()).expect("made");
        let identity = made.into_identity(Vec::new()).expect("good");
        signs(&identity, &P256);
        hsm.run("softhsm2-util", &["--delete-token", "--token", "lab"]);
        let error = identity.sign(P256[0], b"message", &mut SystemRandom).expect_err("gone");
        let words = identity.signer_words().expect("it says why");
        assert!(words.contains("token"), "{error:?}: {words}");
        refused(Pkcs11Key::open(&uri, &pin()), Pkcs11Problem::NoToken, "");
    });
}

#[test]
fn the_same_through_p11_kit() {
    assert!(Path::new(PROXY).is_file(), "p11-kit-modules is not installed");
    with_token("the_same_through_p11_kit", "", |_| {
        // p11-kit's proxy finds SoftHSM by the configuration that its Debian package installs.
        let proxy = |rest: &str| -> Pkcs11Uri {
            format!("pkcs11:{rest}?module-path={PROXY}").parse().expect("parses")
        };
        let key = proxy("token=lab;object=key");
        let made = Pkcs11Key::generate(&key, KeyKind::P256, &pin()).expect("made");
        assert!(made.attributes().expect("there").is_confined());
        let through = made.into_identity(Vec::new()).expect("good");
        signs(&through, &P256);
        // It is the default module.
        let default: Pkcs11Uri = "pkcs11:token=lab;object=key".parse().expect("parses");
        signs(&Identity::from_pkcs11(&default, &pin(), Vec::new()).expect("found"), &P256);
        let rsa = Pkcs11Key::generate(&proxy("token=lab;object=rsa"), KeyKind::Rsa, &pin()).expect("made");
        signs(&rsa.into_identity(Vec::new()).expect("good"), &RSA);
    });
}

#[test]
fn several_threads_sign_with_one_key() {
    with_token("several_threads_sign_with_one_key", "", |_| {
        let made = Pkcs11Key::generate(&uri("object=key"), KeyKind::P256, &pin()).expect("made");
        let identity = made.into_identity(Vec::new()).expect("good");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..20).for_each(|_| signs(&identity, &P256)));
            }
        });
    });
}
