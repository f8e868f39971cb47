//! Certificates of our own that peers will refuse for their dates are told of at the start.

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
    let day = |days: i64| {
        let seconds = now().saturating_add_signed(days * i64::try_from(DAY).unwrap());
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
    };
    let validity = Validity::new(day(from), day(to));
    let root = Authority::new("root", Validity::starting_now(), KeyKind::P256).unwrap();
    let issue = CertificateParams::new(&["server.example"]).with_validity(validity).with_usage(Usage::Server);
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
