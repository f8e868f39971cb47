//! Certificates of our own that peers will refuse, and roots that are not CAs, are named at the start.

mod program;

use handclasp::KeyKind;
use handclasp::pki_types::UnixTime;
use handclasp_identity::{Authority, CertificateParams, Usage, Validity};
use program::{Directory, Running, ends, run};

const DAY: u64 = 24 * 60 * 60;

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// The flags of a certificate that is valid between two days, counted from today.
fn certificate(directory: &Directory, name: &str, from: i64, to: i64) -> [String; 4] {
    certificate_for(directory, name, (from, to), Usage::Both)
}

fn certificate_for(directory: &Directory, name: &str, (from, to): (i64, i64), usage: Usage) -> [String; 4] {
    let day = |days: i64| {
        let seconds = now().saturating_add_signed(days * i64::try_from(DAY).unwrap());
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
    };
    let validity = Validity::new(day(from), day(to));
    let root = Authority::new("root", Validity::starting_now(), KeyKind::P256).unwrap();
    let issue = CertificateParams::new(&["server.example"]).with_validity(validity).with_usage(usage);
    let issued = root.issue(&issue).unwrap();
    let cert = directory.file(&format!("{name}.pem"), issued.certificate_pem().as_bytes());
    let key = directory.file(&format!("{name}.key"), issued.key_pem().as_bytes());
    ["--cert".to_owned(), cert, "--key".to_owned(), key]
}

#[test]
fn dates_of_our_certificate() {
    let directory = Directory::new("own");
    for (name, from, to, said) in [
        ("expired", -10, -1, Some("expired on")),
        ("future", 2, 10, Some("is not valid before")),
        ("good", -1, 10, None),
    ] {
        let flags = certificate(&directory, name, from, to);
        let flags = flags.each_ref().map(String::as_str);
        for command in ["serve", "listen"] {
            let mut start = std::process::Command::new(program::program());
            let running = Running::start(start.args([command, "127.0.0.1:0"]).args(flags));
            let told = running.told();
            assert_eq!(told.contains("warning: our certificate"), said.is_some(), "{told}");
            assert!(
                said.is_none_or(|said| told.contains(said) && told.contains("clients reject it")),
                "{told}"
            );
            assert!(said.is_none() || told.contains("our certificate (CN=server.example) "), "{told}");
        }
        let arguments = [&["connect", "127.0.0.1:1"], &flags[..]].concat();
        match said {
            Some(said) => drop(ends(&arguments, 1, &["warning: our certificate", said, "servers reject it"])),
            None => assert!(!program::err(&run(&arguments)).contains("warning")),
        }
    }
}

#[test]
fn a_purpose_that_is_not_ours() {
    let directory = Directory::new("own-purpose");
    let flags = certificate_for(&directory, "server", (-1, 10), Usage::Server);
    let [cert, file, ..] = flags.each_ref().map(String::as_str);
    let connect = [&["connect", "127.0.0.1:1"], &flags.each_ref().map(String::as_str)[..]].concat();
    ends(
        &connect,
        1,
        &[
            "warning: our certificate (CN=server.example) has the extended key usage serverAuth, not clientAuth",
        ],
    );
    // A file of certificates is not a secret: what it lacks is said, in place of advice on its mode.
    std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    for flags in [&[cert, file][..], &[cert, file, "--key", file]] {
        ends(&[&["connect", "127.0.0.1:1"], flags].concat(), 2, &["found the certificate alone", "--key"]);
    }
    ends(&["connect", "127.0.0.1:1", "--key", file], 2, &["--key needs --cert"]);
}

#[test]
fn a_root_that_is_not_a_ca() {
    let directory = Directory::new("own-root");
    let [_, leaf, ..] = certificate(&directory, "leaf", -1, 10);
    let warning = "CN=server.example is not a CA";
    ends(
        &["connect", "127.0.0.1:1", "--ca", &leaf],
        1,
        &[&format!("--ca {leaf}: {warning}"), "its issuer, CN=root"],
    );
    let folder = directory.at("identity");
    ends(&["id", "new", &folder, "--name", "one.example"], 0, &[]);
    let own = directory.at("identity/certificate.pem");
    let trusted = run(&["connect", "127.0.0.1:1", "--ca", &own]);
    assert!(!program::err(&trusted).contains("is not a CA"), "a self-signed one is its own root");
}
