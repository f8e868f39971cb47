//! `--cert` and `--key` with files as people have them, and with files that are not what was meant.

mod program;

use std::{
    os::unix::fs::PermissionsExt,
    process::{Command, Output, Stdio},
};

use program::{Directory, Running, ends, err, program, run};

/// A folder with a device's key and chain, in the formats of the tests; made by OpenSSL.
fn folder(name: &str) -> Directory {
    let folder = Directory::new(name);
    let lines = "umask 077
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
            -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=other \
            -keyout other.key -out other.pem
        openssl pkcs8 -topk8 -in key.pem -passout pass:secret -out encrypted.pem
        openssl pkcs12 -export -inkey key.pem -in cert.pem -passout pass:secret -out device.p12
        openssl pkcs12 -export -legacy -inkey key.pem -in cert.pem -passout pass:secret -out old.p12
        openssl x509 -in cert.pem -outform DER -out cert.der
        openssl pkey -in key.pem -outform DER -out key.der
        openssl req -new -key key.pem -subj /CN=localhost -out request.csr
        cat key.pem cert.pem > both.pem
        printf 'secret\n' > passphrase
        printf 'wrong' > wrong
        : > empty
        cp key.pem unreadable.pem; chmod 644 unreadable.pem";
    let output =
        Command::new("sh").args(["-eu", "-c", lines]).current_dir(folder.path()).output().expect("sh");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

#[test]
fn a_server_and_a_client_with_each_kind_of_file() {
    let folder = folder("key-files");
    let at = |name: &str| folder.at(name);
    let passphrase = format!("@{}", at("passphrase"));
    for flags in [
        &["--cert", "device.p12", "--passphrase", &passphrase][..],
        &["--cert", "old.p12", "--passphrase", "env:KEY_PASSPHRASE"],
        &["--cert", "both.pem"],
        &["--cert", "cert.der", "--key", "key.der"],
        &["--cert", "cert.pem", "--key", "encrypted.pem", "--passphrase", &passphrase],
        &["--cert", "cert.pem", "--key", "device.p12", "--passphrase", &passphrase],
    ] {
        let mut serve = Command::new(program());
        serve.args(["serve", "127.0.0.1:0", "--once", "--reply", "hello", "--client-ca", &at("cert.pem")]);
        serve.args(flags).current_dir(folder.path()).env("KEY_PASSPHRASE", "secret").stdout(Stdio::null());
        let mut server = Running::start(&mut serve);
        let mut connect = Command::new(program());
        connect.args(["connect", &server.address(), "--name", "localhost", "--ca", "cert.pem"]).args(flags);
        connect.current_dir(folder.path()).env("KEY_PASSPHRASE", "secret").stdin(Stdio::null());
        let output = connect.output().expect("it runs");
        assert_eq!(output.stdout, b"hello", "{flags:?}: {}", err(&output));
        assert!(server.wait().success(), "{flags:?}: {}", server.told());
    }
}

/// What a command says about files that cannot be used.
fn refused(folder: &Directory, flags: &[&str], words: &[&str]) -> Output {
    let flags: Vec<String> = flags
        .iter()
        .map(|flag| {
            if flag.starts_with("--") || flag.starts_with('@') { (*flag).to_owned() } else { folder.at(flag) }
        })
        .collect();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let mut output = None;
    for command in [&["serve", "127.0.0.1:0"][..], &["listen", "127.0.0.1:0"], &["connect", "127.0.0.1:1"]] {
        output = Some(ends(&[command, &flags].concat(), 2, words));
    }
    output.expect("some command")
}

#[test]
fn files_that_are_not_what_was_meant() {
    let folder = folder("wrong-key-files");
    std::fs::create_dir(folder.path().join("directory")).expect("made");
    std::fs::set_permissions(folder.path().join("directory"), PermissionsExt::from_mode(0o700))
        .expect("mode");
    for (flags, words) in [
        (
            &["--cert", "nothing.pem", "--key", "key.pem"][..],
            &["nothing.pem cannot be read: No such file"][..],
        ),
        (&["--cert", "directory", "--key", "key.pem"], &["directory cannot be read: ", "directory"]),
        (&["--cert", "cert.pem", "--key", "directory"], &["directory cannot be read: "]),
        (&["--cert", "empty", "--key", "key.pem"], &["expected a certificate", "found an empty file"]),
        (&["--cert", "cert.pem", "--key", "empty"], &["expected a private key", "found an empty file"]),
        (&["--cert", "cert.pem", "--key", "unreadable.pem"], &["mode 0644", "chmod 6"]),
        (&["--cert", "cert.pem", "--key", "other.key"], &["other.key does not match", "handclasp lint"]),
        (&["--cert", "key.pem", "--key", "cert.pem"], &["are certificate and key swapped?"]),
        (&["--cert", "request.csr", "--key", "key.pem"], &["found a certificate signing request"]),
        (&["--cert", "cert.pem"], &["found the certificate alone", "--key with the file of its key"]),
        (&["--cert", "key.pem"], &["found the private key alone", "--cert with the file of the certificate"]),
        (
            &["--cert", "device.p12"],
            &["no passphrase was given", "--passphrase @FILE or --passphrase env:NAME"],
        ),
        (
            &["--cert", "cert.pem", "--key", "encrypted.pem"],
            &["encrypted.pem is encrypted", "--passphrase @FILE"],
        ),
    ] {
        refused(&folder, flags, words);
    }
    let wrong = format!("@{}", folder.at("wrong"));
    let output = refused(
        &folder,
        &["--cert", "device.p12", "--passphrase", &wrong],
        &["device.p12: the passphrase is wrong"],
    );
    // The passphrase is in no message.
    assert!(!err(&output).contains("wrong\n") && !err(&output).contains("secret"));
    // On the command line others could see it; the error does not show it once more.
    let output = run(&["check", "127.0.0.1:1", "--cert", &folder.at("device.p12"), "--passphrase=secret"]);
    assert_eq!(output.status.code(), Some(2));
    let said = err(&output);
    assert!(said.contains("--passphrase: expected @FILE or env:NAME") && !said.contains("secret"), "{said}");
}
