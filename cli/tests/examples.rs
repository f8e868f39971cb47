//! The examples of the usage texts that need neither a network nor a token run as they stand, one after the other in one
//! folder; those of the other commands are parsed (`args/usage.rs`).

mod program;

use std::{fs, process::Command};

use program::{Directory, out, run};

/// The commands whose examples run, each after those whose files it needs.
const RUN: &[&[&str]] = &[
    &["demo"],
    &["id"],
    &["id", "new"],
    &["id", "show"],
    &["id", "csr"],
    &["ca"],
    &["ca", "init"],
    &["ca", "sign"],
    &["id", "install"],
    &["peers", "accept"],
    &["id", "renew"],
    &["id", "rotate"],
    &["peers"],
    &["peers", "list"],
    &["peers", "rotate"],
    &["peers", "forget"],
    &["peers", "revoke"],
    &["ca", "revoke"],
    &["ca", "crl"],
    &["ca", "list"],
    &["lint"],
    &["explain"],
];

/// Parts of examples that need a token, a network, or the serial number of a certificate.
const NEEDS_OTHERS: &[&str] = &["--pkcs11", "--ask", "revoke ca 5f0c"];

/// The command lines below `Examples:`.
fn examples(command: &[&str]) -> Vec<String> {
    let help = out(&run(&[command, &["--help"]].concat()));
    let behind = help.split_once("Examples:\n").expect("examples").1;
    let lines = behind.lines().take_while(|line| !line.is_empty()).map(str::trim);
    lines.filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn run_as_they_stand() {
    let directory = Directory::new("examples");
    let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors/handshakes/corpus");
    fs::copy(format!("{vectors}/mqtt-ok.pcapng"), directory.path().join("handshake.pcap")).unwrap();
    directory.file("keys.log", b"# TLS secrets log file\n");
    directory.file(
        "device.log",
        b"SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:SSL alert number 40\n",
    );
    let shell = |line: &str| {
        let program = std::path::Path::new(program::program()).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let mut sh = Command::new("sh");
        sh.args(["-ec", line]).current_dir(directory.path()).env("PATH", path);
        sh.env("XDG_CONFIG_HOME", directory.path()).stdin(std::process::Stdio::null()).output().unwrap()
    };
    let mut begun: Vec<String> = Vec::new();
    let mut works = |line: &str| {
        if begun.iter().any(|done| done == line) {
            return;
        }
        let output = shell(line);
        // 6: `lint` has found something in the file, as it should.
        let permitted: &[i32] = if line.contains("lint") { &[0, 6] } else { &[0] };
        let code = output.status.code().unwrap();
        assert!(permitted.contains(&code), "{line}: {code}: {}", program::err(&output));
        begun.push(line.to_owned());
    };
    // The files that examples name and do not make.
    for name in ["device", "server"] {
        works(&format!("handclasp id new {name} --name {name}.example.com"));
        works(&format!("handclasp id csr {name} > {name}.csr"));
        works(&format!("cp {name}/certificate.pem {name}.pem"));
    }
    works("cp device/identity.pem key.pem");
    for command in RUN {
        let lines = examples(command);
        assert!(!lines.is_empty(), "{command:?}");
        for line in lines {
            if !NEEDS_OTHERS.iter().any(|part| line.contains(part)) {
                works(&line);
            }
        }
    }
}
