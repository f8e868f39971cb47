//! Revoked certificates in the program, with OpenSSL and GnuTLS as peers: lists made by `handclasp ca crl`, `openssl
//! ca` and certtool, and OCSP responses made by `openssl ocsp` and stapled by `openssl s_server`.

mod program;

use std::{
    fs,
    process::{Command, Output, Stdio},
};

use program::{Directory, Running, ends, err, out, run_with};

fn tool(directory: &Directory, name: &str, arguments: &[&str]) -> Output {
    let output = Command::new(name).args(arguments).current_dir(directory.path()).output().unwrap();
    assert!(output.status.success(), "{name} {arguments:?}: {}", err(&output));
    output
}

/// A CA of the program in `ca`, and the certificates `good` and `revoked` with keys of OpenSSL.
fn authority(name: &str) -> Directory {
    let directory = Directory::new(name);
    let ca = directory.at("ca");
    ends(&["ca", "init", &ca, "--name", "lists of a CA"], 0, &[]);
    for name in ["good", "revoked"] {
        let (key, request) = (format!("{name}.key"), format!("{name}.csr"));
        let made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=peer"];
        let files = ["-keyout", &key, "-out", &request, "-addext", "subjectAltName=DNS:localhost"];
        tool(&directory, "openssl", &[&["req"], &made[..], &files].concat());
        let (request, certificate) = (directory.at(&request), directory.at(&format!("{name}.pem")));
        ends(&["ca", "sign", &ca, &request, "--out", &certificate], 0, &[]);
    }
    fs::copy(directory.path().join("ca/certificate.pem"), directory.at("root.pem")).unwrap();
    directory
}

/// `handclasp ca revoke` and `ca crl`, into `ca.crl`.
fn revoke(directory: &Directory) {
    let ca = directory.at("ca");
    ends(&["ca", "revoke", &ca, &directory.at("revoked.pem"), "--reason", "keyCompromise"], 0, &[]);
    ends(&["ca", "crl", &ca, "--out", &directory.at("ca.crl")], 0, &[]);
}

fn s_server(directory: &Directory, name: &str, more: &[&str]) -> Running {
    let (certificate, key) = (directory.at(&format!("{name}.pem")), directory.at(&format!("{name}.key")));
    let mut command = Command::new("openssl");
    command.args(["s_server", "-accept", "127.0.0.1:0", "-cert", &certificate, "-key", &key, "-www"]);
    Running::foreign(command.args(more).stdin(Stdio::null()), "ACCEPT ")
}

fn connect(server: &Running, directory: &Directory, more: &[&str]) -> Output {
    let (address, root) = (server.address(), directory.at("root.pem"));
    let arguments = ["connect", &address, "--name", "localhost", "--ca", &root];
    run_with(&[&arguments, more].concat(), b"GET / HTTP/1.0\r\n\r\n")
}

fn serial(directory: &Directory) -> String {
    let shown = tool(directory, "openssl", &["x509", "-in", "revoked.pem", "-noout", "-serial"]);
    out(&shown).trim().replace("serial=", "").to_lowercase()
}

#[test]
fn a_revoked_server_is_refused_and_told_so() {
    let directory = authority("revoked-server");
    revoke(&directory);
    let (list, serial) = (directory.at("ca.crl"), serial(&directory));
    for version in ["1.3", "1.2"] {
        let server = s_server(&directory, "good", &[]);
        let output = connect(&server, &directory, &["--tls", version, "--crl", &list]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        for word in
            ["revocation list of CN=lists of a CA: 1 certificate,", "the server's certificate: CN=peer"]
        {
            assert!(err(&output).contains(word), "{}", err(&output));
        }
        let server = s_server(&directory, "revoked", &[]);
        assert_eq!(connect(&server, &directory, &["--tls", version]).status.code(), Some(0));
        let output = connect(&server, &directory, &["--tls", version, "--crl", &list]);
        assert_eq!(output.status.code(), Some(3), "{}", err(&output));
        let said = err(&output).split_whitespace().collect::<Vec<_>>().join(" ");
        for word in ["certificate was revoked", &serial, "of CN=lists of a CA", "reason keyCompromise"] {
            assert!(said.contains(word), "{word}: {said}");
        }
        server.told_in_time("alert certificate revoked");
    }
}

/// A server that runs: the list that the CA writes counts for the next client.
#[test]
fn a_revoked_client_is_refused_and_told_so() {
    let directory = authority("revoked-client");
    let ca = directory.at("ca");
    ends(&["ca", "crl", &ca, "--out", &directory.at("ca.crl")], 0, &[]);
    let paths = ["good.pem", "good.key", "root.pem", "ca.crl"].map(|name| directory.at(name));
    let [certificate, key, root, list] = &paths;
    let server = [
        "--cert",
        certificate,
        "--key",
        key,
        "--client-ca",
        root,
        "--client-crl",
        list,
        "--reply",
        "hello\n",
    ];
    let server = Running::serve(&server);
    let client = |name: &str, version: &str| {
        let address = server.address();
        let (certificate, key) = (format!("{name}.pem"), format!("{name}.key"));
        let flags =
            ["s_client", "-connect", &address, "-cert", &certificate, "-key", &key, version, "-quiet"];
        let mut command = Command::new("openssl");
        command.args(flags).current_dir(directory.path()).stdin(Stdio::null());
        let output = command.output().unwrap();
        out(&output) + &err(&output)
    };
    for version in ["-tls1_3", "-tls1_2"] {
        for name in ["good", "revoked"] {
            assert!(client(name, version).contains("hello"), "{name} {version}");
        }
    }
    server.told_in_time("has the certificate: CN=peer, DNS:localhost, serial number");
    revoke(&directory);
    for version in ["-tls1_3", "-tls1_2"] {
        assert!(client("good", version).contains("hello"));
        let said = client("revoked", version);
        assert!(said.contains("alert certificate revoked") && !said.contains("hello"), "{said}");
    }
    server.told_in_time(&serial(&directory));
}

#[test]
fn lists_of_other_programs_and_lists_that_do_not_fit() {
    let directory = authority("foreign-lists");
    revoke(&directory);
    let server = s_server(&directory, "revoked", &[]);
    // GnuTLS, with the key and the certificate of the CA.
    let template = directory.file("template", b"crl_next_update = 7\ncrl_number = 3\n");
    let key = directory.at("ca/key.pem");
    let of_ca = ["--load-ca-privkey", &key, "--load-ca-certificate", "root.pem"];
    let made = ["--generate-crl", "--load-certificate", "revoked.pem", "--template", &template];
    tool(&directory, "certtool", &[&made[..], &of_ca, &["--outfile", "gnutls.crl"]].concat());
    let output = connect(&server, &directory, &["--crl", &directory.at("gnutls.crl")]);
    assert!(output.status.code() == Some(3) && err(&output).contains("was revoked"), "{}", err(&output));
    // A CA that has the same name.
    let other = authority("foreign-lists-other");
    revoke(&other);
    let output = connect(&server, &directory, &["--crl", &other.at("ca.crl")]);
    assert!(output.status.code() == Some(3) && err(&output).contains("not signed by"), "{}", err(&output));
    server.told_in_time("alert certificate unknown");
    // A file that is something else, and flags that contradict each other.
    let output = connect(&server, &directory, &["--crl", &directory.at("root.pem")]);
    let said = err(&output);
    assert!(output.status.code() == Some(2) && said.contains("found CERTIFICATE"), "{said}");
    ends(&["connect", "a.example:1", "--danger-accept-any", "--crl", "x"], 2, &["--crl"]);
    ends(&["serve", "127.0.0.1:0", "--self-signed", "x", "--client-crl", "x"], 2, &["--client-ca"]);
}

/// An OCSP response of `openssl ocsp` about a certificate, for so many minutes, by this responder.
fn response(directory: &Directory, about: &str, minutes: &str, name: &str) {
    let request = ["ocsp", "-issuer", "root.pem", "-cert", about, "-no_nonce", "-reqout", "request"];
    tool(directory, "openssl", &request);
    let signer = ["-CA", "root.pem", "-rsigner", "root.pem", "-rkey", "ca/key.pem", "-resp_no_certs"];
    let made = ["ocsp", "-index", "index", "-reqin", "request", "-nmin", minutes, "-respout", name];
    tool(directory, "openssl", &[&made[..], &signer].concat());
}

#[test]
fn stapled_responses_are_judged() {
    let directory = authority("staples");
    let serial_of = |name: &str| {
        let shown = tool(&directory, "openssl", &["x509", "-in", name, "-noout", "-serial"]);
        out(&shown).trim().replace("serial=", "")
    };
    let index = format!(
        "V\t350101000000Z\t\t{}\tunknown\t/CN=peer\nR\t350101000000Z\t260203040506Z,superseded\t{}\tunknown\t/CN=peer\n",
        serial_of("good.pem"),
        serial_of("revoked.pem")
    );
    directory.file("index", index.as_bytes());
    response(&directory, "good.pem", "60", "good.ocsp");
    response(&directory, "revoked.pem", "60", "revoked.ocsp");
    let written = directory.at("written");
    let judged = |certificate: &str, staple: Option<&str>, more: &[&str]| {
        let staple = staple.map(|name| directory.at(name));
        let staple: Vec<&str> = staple.iter().flat_map(|file| ["-status_file", file.as_str()]).collect();
        let server = s_server(&directory, certificate, &staple);
        let output = connect(&server, &directory, &[&["--ocsp", &written], more].concat());
        (output.status.code(), err(&output), server)
    };
    for version in ["1.3", "1.2"] {
        let tls = ["--tls", version];
        let (code, said, _) = judged("good", Some("good.ocsp"), &tls);
        assert_eq!(code, Some(0), "{said}");
        let (code, said, server) = judged("revoked", Some("revoked.ocsp"), &tls);
        assert!(code == Some(3) && said.contains("superseded"), "{said}");
        server.told_in_time("alert certificate revoked");
        // About another certificate.
        let (code, said, server) = judged("revoked", Some("good.ocsp"), &tls);
        assert!(code == Some(3) && said.contains("about other certificates"), "{said}");
        server.told_in_time("bad certificate status response");
        let (code, said, _) = judged("good", None, &tls);
        assert_eq!(code, Some(0), "{said}");
        let (code, said, server) = judged("good", None, &[&tls[..], &["--require-ocsp"]].concat());
        assert!(code == Some(3) && said.contains("is required"), "{said}");
        server.told_in_time("bad certificate status response");
    }
}

/// Responses by a responder that the CA certified (RFC 6960 §4.2.2.2), of a CA that OpenSSL runs.
#[test]
fn staples_of_a_responder_count_if_the_ca_certified_it_for_that() {
    let directory = Directory::new("staples-delegated");
    let key = |name: &str, more: &[&str]| {
        let (key, out) = (format!("{name}.key"), format!("{name}.made"));
        let made = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", &key];
        let subject = format!("/CN={name}");
        tool(&directory, "openssl", &[&made[..], &["-subj", &subject, "-out", &out], more].concat());
    };
    key("root", &["-x509", "-days", "30"]);
    fs::rename(directory.at("root.made"), directory.at("root.pem")).unwrap();
    for (name, serial, extensions) in [
        ("good", "0x11", "subjectAltName=DNS:localhost"),
        ("responder", "0x12", "extendedKeyUsage=OCSPSigning"),
        ("other", "0x13", "extendedKeyUsage=serverAuth"),
    ] {
        key(name, &[]);
        directory.file("extensions", extensions.as_bytes());
        let (request, certificate) = (format!("{name}.made"), format!("{name}.pem"));
        let signed =
            ["x509", "-req", "-in", &request, "-CA", "root.pem", "-CAkey", "root.key", "-days", "30"];
        let more = ["-set_serial", serial, "-extfile", "extensions", "-out", &certificate];
        tool(&directory, "openssl", &[&signed[..], &more].concat());
    }
    directory.file("index", b"V\t350101000000Z\t\t11\tunknown\t/CN=good\n");
    let respond = |by: &str, name: &str| {
        let (certificate, key) = (format!("{by}.pem"), format!("{by}.key"));
        let made = ["ocsp", "-issuer", "root.pem", "-cert", "good.pem", "-no_nonce"];
        tool(&directory, "openssl", &[&made[..], &["-reqout", "request"]].concat());
        let made = ["ocsp", "-index", "index", "-CA", "root.pem", "-reqin", "request", "-respout", name];
        let signer = ["-rsigner", &certificate, "-rkey", &key, "-nmin", "60"];
        tool(&directory, "openssl", &[&made[..], &signer].concat());
    };
    respond("responder", "delegated");
    respond("other", "unauthorized");
    let judged = |version: &str, staple: &str| {
        let server = s_server(&directory, "good", &["-status_file", &directory.at(staple)]);
        let written = directory.at("written");
        let output = connect(&server, &directory, &["--tls", version, "--ocsp", &written, "--require-ocsp"]);
        (output.status.code(), err(&output), server)
    };
    for version in ["1.3", "1.2"] {
        let (code, said, _) = judged(version, "delegated");
        assert_eq!(code, Some(0), "{version}: {said}");
        let (code, said, server) = judged(version, "unauthorized");
        assert!(code == Some(3), "{version}: {said}");
        server.told_in_time("bad certificate status response");
    }
}

#[test]
fn lists_can_be_required_to_prove_less() {
    let directory = authority("lesser-lists");
    revoke(&directory);
    // Both by OpenSSL, with the key of the CA: a list that ended, and one of another CA.
    directory.file("index", b"");
    directory.file("number", b"09");
    let config = "[ca]\ndefault_ca=own\n[own]\ndatabase=index\ndefault_md=sha256\ncrlnumber=number\n";
    directory.file("config", config.as_bytes());
    let dates = ["-crl_lastupdate", "20250101000000Z", "-crl_nextupdate", "20260101000000Z"];
    let made = ["ca", "-config", "config", "-gencrl", "-cert", "root.pem", "-keyfile", "ca/key.pem"];
    tool(&directory, "openssl", &[&made[..], &dates, &["-out", "old.crl"]].concat());
    let other = directory.at("other");
    ends(&["ca", "init", &other, "--name", "another CA"], 0, &[]);
    ends(&["ca", "crl", &other, "--out", &directory.at("other.crl")], 0, &[]);
    for (list, flag, word) in [
        ("old.crl", "--crl-permit-outdated", "outdated"),
        ("other.crl", "--crl-permit-unknown", "no revocation list"),
    ] {
        let (list, server) = (directory.at(list), s_server(&directory, "good", &[]));
        let output = connect(&server, &directory, &["--crl", &list]);
        assert!(output.status.code() == Some(3) && err(&output).contains(word), "{}", err(&output));
        let output = connect(&server, &directory, &["--crl", &list, flag]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        // The same of clients.
        let paths = ["good.pem", "good.key", "root.pem"].map(|name| directory.at(name));
        let [certificate, key, root] = &paths;
        let own = ["--cert", certificate, "--key", key, "--client-ca", root, "--client-crl", &list];
        let lesser = flag.replace("--", "--client-");
        for (more, is_refused) in [(&[][..], true), (&[lesser.as_str()][..], false)] {
            let server = Running::serve(&[&own[..], &["--reply", "hello\n"], more].concat());
            let output = connect(&server, &directory, &["--cert", certificate, "--key", key]);
            let said = err(&output);
            assert_eq!(output.status.code() != Some(0), is_refused, "{more:?}: {said}");
            assert_eq!(said.contains("The server refused us"), is_refused, "{more:?}: {said}");
        }
    }
    // What the list says still counts.
    let server = s_server(&directory, "revoked", &[]);
    let (list, flags) = (directory.at("ca.crl"), ["--crl-permit-outdated", "--crl-permit-unknown"]);
    let output = connect(&server, &directory, &[&["--crl", &list][..], &flags].concat());
    assert!(output.status.code() == Some(3) && err(&output).contains("was revoked"), "{}", err(&output));
    ends(&["connect", "a.example:1", "--crl-permit-outdated"], 2, &["--crl"]);
}

/// A certificate from 2099 passes without a clock; one that ended before the program was built does not.
#[test]
fn without_a_clock_only_certificates_that_ended_before_the_build_are_refused() {
    let directory = Directory::new("no-clock");
    let made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let subject = ["-subj", "/CN=peer", "-addext", "subjectAltName=DNS:localhost"];
    let key = ["-keyout", "root.key", "-out", "request", "-days", "1"];
    tool(&directory, "openssl", &[&made[..], &subject, &key].concat());
    for (name, begin, end) in
        [("future", "20990101000000Z", "20991231000000Z"), ("past", "20010101000000Z", "20020101000000Z")]
    {
        let pem = format!("{name}.pem");
        directory.file("database", b"");
        directory.file("serial", b"01");
        let config = "[ca]\ndefault_ca=own\n[own]\ndatabase=database\nserial=serial\nnew_certs_dir=.\n\
             default_md=sha256\npolicy=any\nx509_extensions=ext\n[any]\ncommonName=supplied\n[ext]\n\
             subjectAltName=DNS:localhost\n";
        directory.file("config", config.as_bytes());
        let request = ["req", "-new", "-key", "root.key", "-subj", "/CN=peer", "-out", "csr"];
        tool(&directory, "openssl", &request);
        let dates = ["-startdate", begin, "-enddate", end, "-batch", "-notext"];
        let signed =
            ["ca", "-config", "config", "-selfsign", "-keyfile", "root.key", "-in", "csr", "-out", &pem];
        tool(&directory, "openssl", &[&signed[..], &dates].concat());
        fs::copy(directory.at("root.key"), directory.at(&format!("{name}.key"))).unwrap();
        fs::copy(directory.at(&pem), directory.at("root.pem")).unwrap();
        let server = s_server(&directory, name, &[]);
        let with_clock = connect(&server, &directory, &[]);
        assert_eq!(with_clock.status.code(), Some(3), "{name}: {}", err(&with_clock));
        let without = connect(&server, &directory, &["--no-clock"]);
        let expected = if name == "future" { 0 } else { 3 };
        assert_eq!(without.status.code(), Some(expected), "{name}: {}", err(&without));
    }
}

#[test]
fn expired_pins_are_a_policy() {
    let directory = Directory::new("pin-dates");
    let made = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=peer"];
    tool(&directory, "openssl", &[&made[..], &["-keyout", "old.key", "-out", "old.csr"]].concat());
    let signed = ["x509", "-req", "-in", "old.csr", "-signkey", "old.key", "-days", "-1", "-out", "old.pem"];
    tool(&directory, "openssl", &signed);
    let identity =
        handclasp::Identity::from_pem_files(directory.at("old.pem"), directory.at("old.key")).unwrap();
    let pin = handclasp::Pin::of_spki(&identity.spki()).to_string();
    let server = s_server(&directory, "old", &[]);
    let connect = |more: &[&str]| {
        let address = server.address();
        run_with(&[&["connect", &address, "--pin", &pin], more].concat(), b"GET / HTTP/1.0\r\n\r\n")
    };
    assert_eq!(connect(&[]).status.code(), Some(0));
    let output = connect(&["--check-dates"]);
    assert!(output.status.code() == Some(3) && err(&output).contains("expired"), "{}", err(&output));
}

/// A client of OpenSSL that shows this certificate; what it prints.
fn s_client(directory: &Directory, server: &Running, name: &str, more: &[&str]) -> String {
    let (certificate, key, address) = (format!("{name}.pem"), format!("{name}.key"), server.address());
    let mut command = Command::new("openssl");
    command
        .args(["s_client", "-connect", &address, "-cert", &certificate, "-key", &key, "-quiet"])
        .args(more);
    let output = command.current_dir(directory.path()).stdin(Stdio::null()).output().unwrap();
    out(&output) + &err(&output)
}

/// A list of the issuing CA and none of the root above it.
#[test]
fn lists_of_the_leaf_alone_are_a_policy() {
    let directory = Directory::new("leaf-only");
    let openssl = |arguments: &str| {
        tool(&directory, "openssl", &arguments.split_whitespace().collect::<Vec<_>>());
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj";
    openssl(&format!("req -x509 {key} /CN=top -keyout top.key -out top.pem -days 30"));
    directory.file("sub.ext", b"basicConstraints=critical,CA:TRUE");
    directory.file("leaf.ext", b"subjectAltName=DNS:localhost");
    for (name, issuer) in [("sub", "top"), ("leaf", "sub")] {
        openssl(&format!("req {key} /CN={name} -keyout {name}.key -out {name}.csr"));
        let of = format!("-CA {issuer}.pem -CAkey {issuer}.key -extfile {name}.ext -days 20");
        openssl(&format!("x509 -req -in {name}.csr {of} -out {name}.pem"));
    }
    let config = b"[ca]\ndefault_ca=own\n[own]\ndatabase=index\ndefault_md=sha256\ncrlnumber=number\n";
    directory.file("config", config);
    directory.file("number", b"01\n");
    directory.file("index", b"");
    openssl("ca -config config -gencrl -cert sub.pem -keyfile sub.key -crldays 7 -out sub.crl");
    let (root, list) = (directory.at("top.pem"), directory.at("sub.crl"));

    let server = s_server(&directory, "leaf", &["-cert_chain", &directory.at("sub.pem")]);
    let address = server.address();
    let all = ["connect", &address, "--name", "localhost", "--ca", &root, "--crl", &list];
    let leaf = [&all[..], &["--crl-leaf-only"]].concat();
    for (arguments, code) in [(&all[..], 3), (&leaf, 0)] {
        let output = run_with(arguments, b"GET / HTTP/1.0\r\n\r\n");
        assert_eq!(output.status.code(), Some(code), "{}", err(&output));
    }
    let all =
        ["--self-signed", "localhost", "--client-ca", &root, "--client-crl", &list, "--reply", "hello\n"];
    let leaf = [&all[..], &["--client-crl-leaf-only"]].concat();
    for (arguments, sees) in [(&all[..], "alert certificate unknown"), (&leaf, "hello")] {
        let said = s_client(&directory, &Running::serve(arguments), "leaf", &["-cert_chain", "sub.pem"]);
        assert!(said.contains(sees), "{said}");
    }
}

/// A certificate that begins later than the clock says.
#[test]
fn without_a_clock_a_certificate_of_the_future_is_accepted() {
    use handclasp::{Authority, CertificateParams, KeyKind, Validity, pki_types::UnixTime};

    let directory = Directory::new("no-clock-client");
    // 2100-01-01.
    let [from, to] = [4_102_444_800, 4_103_000_000]
        .map(|seconds| UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)));
    let validity = Validity::new(from, to);
    let ca = Authority::new("a root", validity, KeyKind::P256).unwrap();
    let early = ca.issue(&CertificateParams::new(&["localhost"]).with_validity(validity)).unwrap();
    let root = directory.file("root.pem", ca.certificate_pem().as_bytes());
    directory.file("early.pem", early.certificate_pem().as_bytes());
    directory.file("early.key", early.key_pem().as_bytes());

    let server = s_server(&directory, "early", &[]);
    let output = connect(&server, &directory, &[]);
    assert!(output.status.code() == Some(3) && err(&output).contains("not yet valid"), "{}", err(&output));
    let output = connect(&server, &directory, &["--no-clock"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let flags = ["--self-signed", "localhost", "--client-ca", &root, "--reply", "hello\n"];
    let without = [&flags[..], &["--no-clock"]].concat();
    for (flags, sees) in [(&flags[..], "alert certificate expired"), (&without, "hello")] {
        let said = s_client(&directory, &Running::serve(flags), "early", &[]);
        assert!(said.contains(sees), "{said}");
    }
}
