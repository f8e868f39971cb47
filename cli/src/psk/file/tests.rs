//! Lines of files of pre-shared keys: what is taken, and what each mistake is called.

use super::*;

const KEY: &str = "00112233445566778899aabbccddeeff";

fn of(text: &str) -> PskFile<'static> {
    PskFile { path: Path::new("keys"), text: Zeroizing::new(text.to_owned()) }
}

const HEX: Reading = Reading { encoding: PskEncoding::Hex, usage: PskUse::Tls13Sha256, allows_weak: false };

fn names(text: &str) -> Vec<String> {
    let keys = of(text).keys(HEX).map_err(|failure| failure.text()).unwrap();
    keys.iter().map(|key| String::from_utf8_lossy(key.identity()).into_owned()).collect()
}

fn refused(text: &str, reading: Reading) -> String {
    let Err(Failure::Usage(text)) = of(text).keys(reading) else { panic!("taken: {text}") };
    text
}

#[test]
fn identities_in_the_order_of_the_file() {
    let text = format!(
        "\u{feff}# keys of the hall\r\n#a: odd digits\r\n#646f3:{KEY}\r\ndoor:{KEY}\r\n#old:{KEY}\r\n  \r\nwindow 1:0x{KEY}\r\ntüre:{}\r\n#646f3a6f722037:{KEY}",
        KEY.to_uppercase()
    );
    assert_eq!(names(&text), ["door", "window 1", "türe", "do:or 7"]);
}

#[test]
fn keys_in_the_encoding_that_is_named() {
    let key = |text: &str, encoding| of(text).keys(Reading { encoding, ..HEX }).ok().unwrap().remove(0);
    let secret: Vec<u8> = (0..16).map(|byte| byte * 0x11).collect();
    assert_eq!(key(&format!("a:{KEY}"), PskEncoding::Hex).secret(), secret);
    assert_eq!(key(&format!("a:{KEY}"), PskEncoding::Ascii).secret(), KEY.as_bytes());
    assert_eq!(key("a:a colon: and spaces", PskEncoding::Ascii).secret(), b"a colon: and spaces");
    assert_eq!(key("a:ABEiM0RVZneImaq7zN3u/w==", PskEncoding::Base64).secret(), secret);
}

#[test]
fn a_client_takes_the_named_key_or_the_first() {
    let file = of(&format!("# one\nfirst:{KEY}\nsecond:{}", KEY.replace('0', "1")));
    let identity = |wanted| file.key(wanted, HEX).ok().map(|key| key.identity().to_vec());
    assert_eq!(identity(None).as_deref(), Some(&b"first"[..]));
    assert_eq!(identity(Some("second")).as_deref(), Some(&b"second"[..]));
    assert_eq!(identity(Some("third")), None);
    assert_eq!(file.typed(Some("first")).as_deref().map(String::as_str), Some(KEY));
}

/// Every line is named with what is wrong, and no character of a key.
#[test]
fn mistakes_are_named_by_line() {
    for (text, said) in [
        ("", "found none"),
        ("# nothing\n", "found none"),
        (KEY, "line 1: expected IDENTITY:KEY, found no colon"),
        ("\n:00", "line 2: expected an identity"),
        ("a :00112233445566778899aabbccddeeff", "\"a \" begins or ends with a space"),
        ("a: 00112233445566778899aabbccddeeff", "the key of a begins or ends with a space"),
        (
            "a:00112233445566778899aabbccddeefg",
            "line 1: the key of a is not hexadecimal digits: another character in column 34",
        ),
        ("a:0011", "line 1: the identity a: the pre-shared key has 2 bytes"),
        ("a:", "is not hexadecimal digits: it is empty"),
        ("a\u{7}b:00112233445566778899aabbccddeeff", "control character"),
        ("#cafe:00112233445566778899aabbccddeeff", "put a space behind #"),
        (
            "a:00112233445566778899aabbccddeeff\n\na:10112233445566778899aabbccddeeff",
            "line 3: the identity a has a key in line 1 already",
        ),
    ] {
        let error = refused(text, HEX);
        assert!(error.contains(said), "{text:?}: {error}");
        assert!(!error.contains("0011") && !error.contains("eefg") && !error.contains("'g'"), "{error}");
    }
    assert!(of("a:0011").keys(Reading { allows_weak: true, ..HEX }).is_ok());
}

#[test]
fn all_mistakes_at_once_and_many_are_counted() {
    let text: String = (0..25).map(|line| format!("a{line}:0011\n")).collect();
    let error = refused(&text, HEX);
    assert_eq!(error.matches("only if weak keys").count(), LISTED_MAX);
    assert!(error.contains("line 10:") && error.ends_with("15 more lines are wrong"), "{error}");
}
