//! What is wrong with names and addresses, in words.

use super::*;

fn said<T>(outcome: Result<T, Problem>) -> String {
    outcome.err().map(|problem| problem.sentence).unwrap_or_default()
}

#[test]
fn a_bad_server_name_is_told_with_what_to_give() {
    let label = "a".repeat(64);
    for (name, words) in [
        ("my server", "\"my server\" is not a server name: ' ' at offset 2 is not permitted in a DNS name."),
        ("", "The server name is empty"),
        (
            "https://example.com/x?y",
            "\"https://example.com/x?y\" is a URL, not a server name: pass \"example.com\".",
        ),
        ("https://example.com:8443/", "pass \"example.com\"."),
        ("1.2.3.4:443", "has a port after the server name: pass \"1.2.3.4\"."),
        ("host.example:443", "pass \"host.example\"."),
        ("*.example.com", "'*' at offset 0: wildcards are permitted in certificates, not in a peer's name."),
        (&label, "at most 253 characters, and at most 63 between two dots."),
        ("a..b", "a label (the part between two dots) is empty, or begins or ends with '-'."),
        ("1.2.3", "looks like an IPv4 address but is not one."),
        ("a\u{1b}[2J", "\"a\\u{1b}[2J\" is not a server name"),
    ] {
        let text = said(server_name(name));
        assert!(text.contains(words), "{name:?}: {text}");
        assert!(text.ends_with('.') && !text.contains('\u{1b}'), "{text}");
    }
    assert!(said(server_name(&"x ".repeat(200))).len() < 300, "long values are cut");
    assert_eq!(said(server_name("example.com.")), "");
}

#[test]
fn a_name_of_other_letters_is_told_in_its_ascii_form() {
    let text = said(server_name("München.example"));
    assert!(
        text.contains("'ü' at offset 1 is not ASCII; use the A-label form of the name (xn--…)"),
        "{text}"
    );
    assert!(text.ends_with("(xn--…): \"xn--mnchen-3ya.example\"."), "{text}");
}

#[test]
fn an_address_is_host_and_port() {
    for (address, words) in [
        ("localhost", "\"localhost\" has no port: expected HOST:PORT, such as \"localhost:443\"."),
        ("::1", "such as \"[::1]:443\"."),
        ("[::1]", "such as \"[::1]:443\"."),
        ("", "has no port"),
        (":443", "has no host"),
        ("host:", "no port after the colon"),
        ("host:99999", "the port 99999 is above 65535."),
        ("host:https", "the port \"https\" is not a number"),
        ("https://example.org/a", "is a URL: expected HOST:PORT, such as \"example.org:443\"."),
        ("mqtts://example.org", "such as \"example.org:8883\"."),
        ("https://example.org:8443", "such as \"example.org:8443\"."),
    ] {
        let text = said(host(address));
        assert!(text.contains(words), "{address:?}: {text}");
    }
    for (address, expected) in
        [("a.example:1", "a.example"), ("[::1]:443", "::1"), ("127.0.0.1:8", "127.0.0.1")]
    {
        assert_eq!(host(address).ok(), Some(expected));
    }
    // As the operating system reads it.
    assert_eq!(host("::1:7805").ok(), Some("::1"));
}
