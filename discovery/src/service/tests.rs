//! Names as people and avahi write them.

use super::*;

fn name(text: &str) -> ServiceName {
    ServiceName::parse(text).unwrap()
}

#[test]
fn one_name_in_every_spelling() {
    let expected = name("Hall Door._lock._tcp");
    assert_eq!((expected.instance(), expected.service_type().as_str()), ("Hall Door", "_lock._tcp"));
    for text in [
        "Hall\\032Door._lock._tcp",
        "Hall Door._lock._tcp.local",
        "Hall Door._lock._tcp.local.",
        "Hall Door._lock._tcp.",
        "hall door._Lock._TCP.LOCAL",
        "Hall\\ Door._lock._tcp",
    ] {
        assert_eq!(name(text), expected, "{text}");
    }
    assert_eq!(expected.known_peer_name(), "Hall Door._lock._tcp");
    assert_ne!(name("Hall Doors._lock._tcp"), expected);
    assert_ne!(name("Hall Door._locks._tcp"), expected);
}

#[test]
fn dots_backslashes_and_unicode() {
    // The example of RFC 6763 §4.3.
    assert_eq!(name("Dr\\. Smith\\\\._lock._tcp").instance(), "Dr. Smith\\");
    assert_eq!(name("Dr. Smith._lock._tcp").instance(), "Dr. Smith");
    // As avahi-browse -p prints it: the bytes of UTF-8.
    assert_eq!(name("K\\195\\188che._lock._tcp").instance(), "Küche");
    assert_eq!(name("Küche._lock._tcp").instance(), "Küche");
}

#[test]
fn mistakes_say_what_is_expected() {
    let wrong = |text: &str| ServiceName::parse(text).unwrap_err();
    assert_eq!(wrong(""), NameError::NoType(String::new()));
    assert_eq!(wrong("Hall Door"), NameError::NoType("Hall Door".into()));
    assert_eq!(wrong("Hall Door._lock"), NameError::NoType("Hall Door._lock".into()));
    assert_eq!(wrong("_lock._tcp"), NameError::NoInstance("_lock._tcp".into()));
    assert_eq!(wrong("._lock._tcp"), NameError::NoInstance("_lock._tcp".into()));
    assert_eq!(wrong("a._lock._udp"), NameError::Udp("a._lock._udp".into()));
    assert_eq!(wrong("a._lock._tcp.example.org"), NameError::Domain("a._lock._tcp.example.org".into()));
    assert_eq!(wrong("a\\._lock._tcp"), NameError::Text(1, ESCAPE));
    assert_eq!(wrong("a\\32b._lock._tcp"), NameError::Text(1, ESCAPE));
    assert_eq!(wrong("a\\256._lock._tcp"), NameError::Text(1, ESCAPE));
    assert_eq!(wrong("a\\255._lock._tcp"), NameError::Text(0, "escapes that are not UTF-8"));
    assert!(
        matches!(wrong("a\\027[2J._lock._tcp"), NameError::Text(1, problem) if problem.contains("control"))
    );
    assert_eq!(wrong(&format!("{}._lock._tcp", "ü".repeat(32))), NameError::TooLong(64));
    assert!(ServiceName::parse(&format!("{}._lock._tcp", "x".repeat(63))).is_ok());
    for (service, problem) in [
        ("lock", "underscore"),
        ("_", "1 to 15"),
        ("_abcdefghijklmnop", "1 to 15"),
        ("_lo ck", "letters"),
        ("_123", "at least one letter"),
        ("_-lock", "hyphens only between"),
        ("_lock-", "hyphens only between"),
        ("_lo--ck", "hyphens only between"),
    ] {
        let error = wrong(&format!("a.{service}._tcp")).to_string();
        assert!(error.contains(problem) && error.contains(service), "{error}");
    }
    assert_eq!(
        ServiceType::parse("Hall Door._lock._tcp"),
        Err(NameError::Instance("Hall Door._lock._tcp".into()))
    );
    assert_eq!(ServiceType::parse("_lock._tcp.local.").unwrap().as_str(), "_lock._tcp");
    assert_eq!(ServiceType::parse("_lock._udp"), Err(NameError::Udp("_lock._udp".into())));
}

const ESCAPE: &str = "after a backslash expected three digits up to 255, or a character";

#[test]
fn announced_names_have_no_escapes() {
    let of_type = ServiceType::parse("_lock._tcp").unwrap();
    let announced = |text: &str| ServiceName::announced(text, &of_type);
    assert_eq!(announced("Dr. Smith\\._lock._tcp.local.").unwrap().instance(), "Dr. Smith\\");
    assert_eq!(announced("Hall Door._LOCK._tcp.local.").unwrap(), name("Hall Door._lock._tcp"));
    // Control characters, which RFC 6763 §4.1.1 forbids, other types, and names without an instance.
    for text in [
        "a\u{1b}[2J._lock._tcp.local.",
        "a._other._tcp.local.",
        "_lock._tcp.local.",
        "._lock._tcp.local.",
        "",
    ] {
        assert_eq!(announced(text), None, "{text:?}");
    }
    assert_eq!(announced(&format!("{}._lock._tcp.local.", "x".repeat(64))), None);
}

#[test]
fn printed_names_cannot_hide_what_they_are() {
    // A right-to-left override, a zero-width space.
    assert_eq!(name("a\u{202e}b\u{200b}._lock._tcp").to_string(), "a\\u{202e}b\\u{200b}._lock._tcp");
    assert_eq!(name("It's \"Küche\"._lock._tcp").to_string(), "It's \"Küche\"._lock._tcp");
    let error = ServiceName::parse("\u{1b}[2J").unwrap_err().to_string();
    assert!(!error.contains('\u{1b}'), "{error:?}");
}
