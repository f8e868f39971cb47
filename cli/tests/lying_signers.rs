//! Signers that lie about their key or fail are found before a byte is sent, and the words say what is wrong.

mod keys;
mod program;

use std::{io::ErrorKind, net::TcpListener};

use keys::Lab;
use program::{err, has_ended, out};

const EC: &str = "schemes: ecdsa_secp256r1_sha256";
const SIGN: &str = "openssl dgst -sha256 -sign key";
/// r and s as 32 bytes each.
const RAW: &str = "openssl dgst -sha256 -sign key | openssl asn1parse -inform DER | sed -n 's/.*INTEGER *://p' | \
                   while read -r n; do printf '%64s' $n | tr ' ' 0; done | basenc --base16 -d";

fn lab(name: &str) -> Lab {
    let lab = Lab::new(name);
    for name in ["key", "other"] {
        lab.sh(&format!(
            "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}; \
             openssl pkey -in {name} -pubout -out {name}.pub"
        ));
    }
    lab.sh("openssl req -x509 -key key -out leaf.pem -subj /CN=device -days 7");
    lab
}

#[test]
fn a_signer_that_lies_is_found_before_a_byte_is_sent() {
    let lab = lab("lying-signers");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("set");
    let address = listener.local_addr().expect("bound").to_string();
    let pin = format!("sha256/{}=", "A".repeat(43));
    let digest = format!("{EC}\\ninput: digest");
    for (key, lines, sign, words) in [
        // The cause of situation 1: a scheme of RSA for an EC key.
        (
            "key",
            "schemes: rsa_pkcs1_sha256",
            SIGN,
            "key of type P-256 but lists the signature scheme rsa_pkcs1_sha256",
        ),
        ("key", EC, "openssl dgst -sha256 -sign other", "of another private key"),
        ("other", EC, "openssl dgst -sha256 -sign other", "public keys differ"),
        ("key", EC, RAW, "concatenated"),
        ("key", &digest, SIGN, "hashe"),
        ("key", "schemes: ecdsa_sha1", SIGN, "ecdsa_sha1"),
        ("key", EC, "cat > /dev/null; echo signed", "(7 bytes) is not a signature"),
        ("key", EC, "echo the device is locked >&2; exit 1", "exit status 1: the device is locked"),
        ("key", EC, "kill -9 $$", "exit status 137: Killed"),
        ("key", EC, "true", "wrote nothing"),
        ("key", EC, "sleep 600", "did not end within 1000 ms"),
        ("absent", EC, SIGN, "absent.pub: No such file"),
        ("key", "hello", SIGN, "expected schemes, input or pace, found \"hello\""),
    ] {
        let signer = lab.signer(key, lines, sign);
        let flags = ["--signer", &signer, "--signer-timeout", "1"];
        let connect = ["connect", &address, "--pin", &pin, "--cert", "leaf.pem"];
        let output = lab.run(&[&connect[..], &flags].concat(), "");
        has_ended(&output, 2, &["--signer: ", words], sign);
        let found = listener.accept().map(drop).expect_err("a connection").kind();
        assert_eq!(found, ErrorKind::WouldBlock, "{words}");
    }
    lab.ends(
        &["connect", &address, "--pin", &pin, "--signer", "/absent/signer"],
        2,
        &["--signer: ", "/absent/signer"],
    );
    // The control: with an honest signer the client does connect.
    let honest = lab.signer("key", EC, SIGN);
    let connect = ["connect", &address, "--pin", &pin, "--cert", "leaf.pem", "--signer", &honest];
    let mut client = lab.command(&connect);
    client.stdin(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut client = client.spawn().expect("starts");
    listener.set_nonblocking(false).expect("set");
    let (mut socket, _) = listener.accept().expect("a connection");
    let mut first = [0];
    std::io::Read::read_exact(&mut socket, &mut first).expect("a ClientHello");
    assert_eq!(first, [22], "a handshake record");
    drop(socket);
    assert_eq!(client.wait().expect("ends").code(), Some(1));
}

#[test]
fn a_signer_does_not_inherit_the_variable_of_a_flag() {
    let lab = lab("withheld-variables");
    let signer = format!("env >> seen; {}", lab.signer("key", EC, SIGN));
    let pin = ["--token-pin", "env:TOKEN_PIN"];
    let new = ["id", "new", "device", "--name", "device", "--signer", &signer];
    lab.ends(&[&new[..], &pin].concat(), 0, &[]);
    lab.ends(&[&["id", "show", "device", "--open"][..], &pin].concat(), 0, &[]);
    let seen = lab.sh("cat seen");
    assert!(seen.contains("WRONG_PIN=") && !seen.contains("TOKEN_PIN="), "{seen}");
}

#[test]
fn an_honest_signer_on_both_sides_and_in_a_folder() {
    let lab = lab("honest-signers");
    let signer = lab.signer("key", EC, SIGN);
    let made = lab.ends(&["id", "new", "device", "--name", "device", "--signer", &signer], 0, &[]);
    assert!(made.contains(&format!("behind command:{signer}")), "{made}");
    let pin = lab.fact("device", "pin");
    let shown = lab.ends(&["id", "show", "device", "--open"], 0, &[]);
    assert!(shown.contains("signed a test message"), "{shown}");
    let renewed = lab.ends(&["id", "renew", "device", "--days", "30"], 0, &[]);
    assert!(renewed.contains(&pin), "the key stays: {renewed}");
    let temporary = ["--signer", &signer, "--self-signed", "localhost"];
    for (server, client) in [
        (&temporary[..], &["--identity", "device"][..]),
        (&["--identity", "device"], &["--signer", &signer, "--cert", "leaf.pem"]),
    ] {
        let serving = lab.serve(&[server, &["--client-pin", &pin, "--echo"]].concat());
        for version in ["1.2", "1.3"] {
            let connect = ["connect", &serving.address(), "--pin", &pin, "--tls", version, "--half-close"];
            let output = lab.run(&[&connect[..], client].concat(), "hello");
            assert_eq!(out(&output), "hello", "{version} {server:?}: {}", err(&output));
        }
    }
    let name = ["id", "new", "b", "--name", "b", "--signer", &signer];
    lab.ends(&[&name[..], &["--key", "p256"]].concat(), 2, &["--key and --signer exclude each other"]);
    lab.ends(&[&name[..], &["--agent", "me"]].concat(), 2, &["--agent and --signer exclude each other"]);
}
