//! Certificates of our own that peers will refuse for their dates are told of at the start.

mod program;

use handclasp::{KEYS, KeyKind, SystemRandom};
use handclasp_identity::{Authority, Issue, Usage, Validity};
use program::{Directory, Running, ends, run};

const DAY: u64 = 24 * 60 * 60;

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// The flags of a certificate that is valid between two days, counted from today.
fn certificate(directory: &Directory, name: &str, from: i64, to: i64) -> [String; 4] {
    let day = |days: i64| now().saturating_add_signed(days * i64::try_from(DAY).unwrap());
    let validity = Validity { not_before: day(from), not_after: day(to) };
    let root = Authority::new("root", Validity::from_now(now()), KEYS, &mut SystemRandom).unwrap();
    let issue = Issue { names: &["server.example"], validity, key: KeyKind::P256, usage: Usage::Server };
    let issued = root.issue(&issue, KEYS, &mut SystemRandom).unwrap();
    let cert = directory.file(&format!("{name}.pem"), issued.certificate_pem().as_bytes());
    let key = directory.file(&format!("{name}.key"), issued.key_pem().as_bytes());
    ["--cert".to_owned(), cert, "--key".to_owned(), key]
}

#[test]
fn dates_of_our_certificate() {
    let directory = Directory::new("own");
    for (name, from, to, said) in [
        ("expired", -10, -1, Some("has expired on")),
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
                said.is_none_or(|said| told.contains(said) && told.contains("clients refuse it")),
                "{told}"
            );
            assert!(said.is_none() || told.contains("our certificate (CN=server.example) "), "{told}");
        }
        let arguments = [&["connect", "127.0.0.1:1"], &flags[..]].concat();
        match said {
            Some(said) => drop(ends(&arguments, 1, &["warning: our certificate", said, "servers refuse it"])),
            None => assert!(!program::err(&run(&arguments)).contains("warning")),
        }
    }
}
