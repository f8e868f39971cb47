//! What goes wrong with tokens and agents, and what the program says.

mod keys;
mod program;

use std::{os::unix::net::UnixStream, thread, time::Duration};

use keys::{Lab, PIN};
use program::{err, out};

/// How often the module was asked to log in.
fn logins(lab: &Lab) -> usize {
    let calls = std::fs::read_to_string(lab.0.path().join("calls")).unwrap_or_default();
    calls.lines().filter(|line| line.ends_with(": C_Login")).count()
}

#[test]
fn a_wrong_pin_is_tried_once() {
    let lab = Lab::with_token("token-pin");
    let (uri, spied) = (lab.uri("device"), lab.spied("device"));
    lab.ends(
        &["id", "new", "device", "--name", "d", "--pkcs11", &uri, "--token-pin", "env:TOKEN_PIN"],
        0,
        &[],
    );
    let wrong = ["--pkcs11", &spied, "--raw-key", "--token-pin", "env:WRONG_PIN"];
    for command in [&["connect", "127.0.0.1:1", "--danger-accept-any"][..], &["serve", "127.0.0.1:0"]] {
        let before = logins(&lab);
        lab.ends(&[command, &wrong].concat(), 2, &["--pkcs11: ", "the PIN is wrong", "not tried again"]);
        assert_eq!(logins(&lab), before + 1);
    }
    // Loading the key several times asks for one login.
    let before = logins(&lab);
    let right = ["--pkcs11", &spied, "--cert", "device/certificate.pem", "--token-pin", "env:TOKEN_PIN"];
    let serving = lab.serve(&["--self-signed", "localhost"]);
    let checked = lab.run(&[&["check", &serving.address(), "--quiet"][..], &right].concat(), "");
    assert_eq!(checked.status.code(), Some(0), "{}", err(&checked));
    assert_eq!(logins(&lab), before + 1);

    lab.ends(&["id", "show", "device", "--open"], 2, &["no PIN was typed", "--token-pin @FILE"]);
    let literal = ["id", "show", "device", "--open", "--token-pin", PIN];
    lab.ends(&literal, 2, &["--token-pin: expected @FILE or env:NAME", "other users"]);
    let value = format!("{uri}&pin-value={PIN}");
    lab.ends(
        &["connect", "127.0.0.1:1", "--pkcs11", &value],
        2,
        &["--pkcs11: not a PKCS#11 URI", "pin-value"],
    );
    lab.ends(
        &["serve", "127.0.0.1:0", "--token-pin", "env:TOKEN_PIN"],
        2,
        &["--token-pin needs --pkcs11 or --identity"],
    );
    let absent = ["id", "show", "device", "--open", "--token-pin"];
    lab.ends(&[&absent[..], &["env:NO_SUCH_VARIABLE"]].concat(), 2, &["NO_SUCH_VARIABLE is not set"]);
    lab.ends(&[&absent[..], &["@absent"]].concat(), 2, &["absent: No such file"]);
    std::fs::write(lab.0.path().join("open.pin"), PIN).expect("a file");
    lab.sh("chmod 644 open.pin");
    lab.ends(&[&absent[..], &["@open.pin"]].concat(), 2, &["open.pin", "chmod 640"]);
    lab.sh("chmod 600 open.pin");
    lab.ends(&[&absent[..], &["@open.pin"]].concat(), 0, &[]);
}

#[test]
fn tokens_and_keys_that_do_not_match() {
    let lab = Lab::with_token("token-match");
    let uri = lab.uri("device");
    let connect = |uri: &str, words: &[&str]| {
        let flags =
            ["connect", "127.0.0.1:1", "--raw-key", "--danger-accept-any", "--token-pin", "env:TOKEN_PIN"];
        lab.ends(&[&flags[..], &["--pkcs11", uri]].concat(), 2, words);
    };
    connect(&uri, &["--pkcs11: ", "has no private key that matches"]);
    lab.ends(
        &["id", "new", "device", "--name", "d", "--pkcs11", &uri, "--token-pin", "env:TOKEN_PIN"],
        0,
        &[],
    );
    connect(&uri.replace("device", "other"), &["has no private key that matches", "object=device"]);
    connect(
        &uri.replace("token=lab", "token=absent"),
        &["no token matches pkcs11:token=absent", "there are \"lab\""],
    );
    connect(
        &uri.replace("softhsm/libsofthsm2.so", "absent.so"),
        &["/usr/lib/absent.so does not load", "module-path"],
    );
    connect("token=lab", &["--pkcs11: not a PKCS#11 URI", "expected \"pkcs11:\""]);
    lab.token("lab");
    connect(&uri, &["several tokens match", "serial="]);
    let folder = [
        "connect",
        "127.0.0.1:1",
        "--identity",
        "device",
        "--danger-accept-any",
        "--token-pin",
        "env:TOKEN_PIN",
    ];
    lab.ends(&folder, 2, &["--identity: the key of device", "several tokens match"]);
    // Without a certificate a key in a token is a raw key.
    let new = ["id", "new", "x", "--name", "x", "--pkcs11"];
    lab.ends(
        &[&new[..], &["pkcs11:token=absent;object=x", "--token-pin", "env:TOKEN_PIN"]].concat(),
        2,
        &["--pkcs11: "],
    );
    assert!(!lab.0.path().join("x").exists(), "nothing is made without a key");
}

#[test]
fn a_key_without_a_certificate_needs_one_or_a_flag() {
    let lab = Lab::with_token("token-raw");
    let uri = lab.uri("device");
    lab.ends(
        &["id", "new", "device", "--name", "d", "--pkcs11", &uri, "--token-pin", "env:TOKEN_PIN"],
        0,
        &[],
    );
    let key = ["--pkcs11", &uri, "--token-pin", "env:TOKEN_PIN"];
    let pin = lab.fact("device", "pin");
    lab.ends(
        &[&["serve", "127.0.0.1:0"], &key[..]].concat(),
        2,
        &["no certificate with the CKA_ID", "--raw-key", "id new"],
    );
    let serving = lab.serve(&[&["--raw-key", "--echo"], &key[..]].concat());
    let output =
        lab.run(&["connect", &serving.address(), "--raw-key", "--pin", &pin, "--half-close"], "hello");
    assert_eq!(out(&output), "hello", "{}", err(&output));
}

#[test]
fn keys_in_an_agent() {
    let lab = Lab::new("agent-keys");
    let serve = ["serve", "127.0.0.1:0", "--self-signed", "localhost", "--agent", "me@laptop"];
    lab.ends(&serve, 2, &["--agent: ", "agent"]);
    let socket = lab.0.at("agent");
    let agent = lab.started("ssh-agent", &["-D", "-a", &socket]);
    // The socket is there a moment before the agent listens.
    while UnixStream::connect(&socket).is_err() {
        thread::sleep(Duration::from_millis(5));
    }
    for (name, kind) in [("me@laptop", "ed25519"), ("second@laptop", "ecdsa"), ("rsa@laptop", "rsa")] {
        lab.sh(&format!(
            "ssh-keygen -q -t {kind} -N '' -C {name} -f {kind} && ssh-add -q {kind} && rm {kind}"
        ));
    }
    lab.ends(&["id", "new", "laptop", "--name", "laptop", "--agent", "me@laptop"], 0, &[]);
    lab.ends(
        &["id", "new", "b", "--name", "b", "--agent", "you@laptop"],
        2,
        &["has no key \"you@laptop\"", "second@laptop"],
    );
    let pin = lab.fact("laptop", "pin");
    assert!(lab.fact("laptop", "key").starts_with("Ed25519, in the ssh-agent: SHA256:"));
    let second = lab.serve(&[
        "--agent",
        "second@laptop",
        "--self-signed",
        "localhost",
        "--client-pin",
        &pin,
        "--echo",
    ]);
    let server_pin = second.told_in_time("--pin sha256/");
    let server_pin =
        server_pin.split("--pin ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a pin");
    for version in ["1.2", "1.3"] {
        let connect = ["connect", &second.address(), "--pin", server_pin, "--tls", version, "--half-close"];
        let output = lab.run(&[&connect[..], &["--identity", "laptop"]].concat(), "hello");
        assert_eq!(out(&output), "hello", "{version}: {}", err(&output));
    }
    // An agent signs with RSA keys as TLS 1.3 forbids: said before anything is sent.
    let rsa = ["connect", "127.0.0.1:1", "--pin", server_pin, "--agent", "rsa@laptop", "--raw-key"];
    let refused = lab.run(&rsa, "");
    assert!(
        err(&refused).contains("cannot sign in TLS 1.3") && refused.status.code() == Some(2),
        "{}",
        err(&refused)
    );
    drop(agent);
    let connect = ["connect", "127.0.0.1:1", "--pin", server_pin, "--identity", "laptop"];
    lab.ends(&connect, 2, &["--identity: the key of laptop (ssh-agent:SHA256:", "agent"]);
}

/// A thread of a connection may be inside the module when the program ends: what the module has registered for the end of
/// the process would free its memory under that thread.
#[test]
fn the_clean_up_of_a_module_does_not_run_at_the_end() {
    let lab = Lab::with_token("token-end");
    let uri = lab.uri("device");
    let source = format!(
        r#"
#include <dlfcn.h>
#include <stdio.h>
__attribute__((destructor)) static void clean_up(void) {{ fclose(fopen("cleaned", "w")); }}
unsigned long C_GetFunctionList(void **list) {{
    void *module = dlopen("{}", RTLD_NOW);
    fclose(fopen("loaded", "w"));
    return ((unsigned long (*)(void **))dlsym(module, "C_GetFunctionList"))(list);
}}
"#,
        keys::MODULE
    );
    std::fs::write(lab.0.path().join("shim.c"), source).expect("a file");
    lab.sh("cc -shared -fPIC -o shim.so shim.c -ldl");
    let shim = uri.replace(keys::MODULE, &lab.0.path().join("shim.so").display().to_string());
    lab.ends(
        &["id", "new", "device", "--name", "d", "--pkcs11", &shim, "--token-pin", "env:TOKEN_PIN"],
        0,
        &["use it: "],
    );
    assert!(lab.0.path().join("loaded").exists());
    assert!(!lab.0.path().join("cleaned").exists());
}
