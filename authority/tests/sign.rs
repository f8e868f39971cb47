//! What the CA signs, what it refuses, and what it records.

mod common;

use std::fs;

use common::*;
use handclasp_authority::{
    AltName, AuthorityFolder, AuthorityParams, AuthorityProblem, NameConstraints, Profile, RequestProblem,
    RevocationReason, SignParams,
};
use handclasp_crypto::KeyKind;
use handclasp_identity::{
    CertificateParams, Identity, IdentityFolder, SubjectField, private_file::PrivateFile,
};
use handclasp_lint::Code;

const DAY: u64 = 24 * 60 * 60;

fn now() -> u64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs()
}

#[test]
fn a_device_installs_what_the_ca_signs() {
    let folder = Folder::new();
    let ca = folder.ca();
    let device = IdentityFolder::new(folder.path("device"));
    device.create("lock-7.example.com").expect("made");
    let params = CertificateParams::new(&["lock-7.example.com", "192.0.2.7"]);
    let request = device.load().expect("loads").certificate_request(&params).expect("made");
    // PEM with text around, as mail programs leave it.
    let mail = format!("Hello,\r\n\r\n{}\r\nBye\r\n", request.pem().replace('\n', "\r\n"));
    let made = signed(&ca, mail.as_bytes(), &self::device());
    let (issued, text) = (&made.issued, made.pem());
    assert_eq!((made.chain.len(), made.notes.len()), (1, 0), "without the root: {:?}", made.notes);
    assert_eq!(
        issued.names.iter().map(AltName::to_string).collect::<Vec<_>>(),
        ["DNS:lock-7.example.com", "IP:192.0.2.7"]
    );
    assert_eq!(issued.serial.len(), 16);
    assert!(
        issued.not_before.abs_diff(now() - DAY) < 100 && issued.not_after.abs_diff(now() + 3652 * DAY) < 100
    );
    device.install_chain(made.chain.clone()).expect("fits the key");
    assert_eq!(device.load().expect("loads").chain(), made.chain);
    // The list and the copy are there when the certificate is.
    let again = AuthorityFolder::open(folder.path("ca")).expect("opens");
    assert_eq!(again.issued().expect("read"), std::slice::from_ref(issued));
    assert_eq!(folder.read(&format!("ca/certificates/{}.pem", issued.serial_text())), text);
}

#[test]
fn the_folder_is_for_its_owner_and_is_made_once() {
    let folder = Folder::new();
    let ca = folder.ca();
    signed(&ca, &request(&["a.example.com"]), &device());
    let mode = |name: &str| {
        let found = fs::metadata(folder.path(name)).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::mode(&found) & 0o777
    };
    for name in ["ca/key.pem", "ca/issued", "ca/certificate.pem"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    for name in ["ca", "ca/certificates"] {
        assert_eq!(mode(name), 0o700, "{name}");
    }
    let before = folder.read("ca/key.pem");
    let again = AuthorityFolder::create(folder.path("ca"), &AuthorityParams::new("Other")).unwrap_err();
    assert!(matches!(again.problem, AuthorityProblem::Exists), "{again}");
    assert_eq!(folder.read("ca/key.pem"), before);
    fs::create_dir(folder.path("full")).unwrap();
    folder.write("full/photo.jpg", "");
    let full = AuthorityFolder::create(folder.path("full"), &AuthorityParams::new("CA")).unwrap_err();
    assert!(full.to_string().contains("is not empty (it has photo.jpg)"), "{full}");
    assert!(AuthorityFolder::open(folder.path("none")).unwrap_err().to_string().contains("holds no CA"));
    for name in ["", " ", "a\nb", &"x".repeat(65)] {
        let bad = AuthorityFolder::create(folder.path("new"), &AuthorityParams::new(name)).unwrap_err();
        assert!(matches!(bad.problem, AuthorityProblem::Name(_)), "{bad}");
        assert!(!folder.path("new").exists(), "nothing is left behind");
    }
}

#[test]
fn names_outside_of_the_constraints_are_refused() {
    let folder = Folder::new();
    let ca = folder.ca();
    for good in ["example.com", "a.b.example.com", "192.0.2.255"] {
        signed(&ca, &request(&[good]), &device());
    }
    for bad in [
        "example.org",
        "badexample.com",
        "com",
        "secret.example.com",
        "x.secret.example.com",
        "192.0.3.1",
        "2001:db8::1",
    ] {
        let error = refused(&ca, &request(&["a.example.com", bad]), &device(), "may not certify");
        assert!(error.to_string().contains(bad), "{error}");
    }
    // A wildcard stands for the excluded name too.
    let server = SignParams::new(Profile::Server);
    refused(&ca, &request(&["*.example.com"]), &server, "may not certify DNS:*.example.com");
    signed(&ca, &request(&["*.a.example.com"]), &server);
    // Peers that look at the common name where there is no other.
    let named = |name: &str| {
        let identity = Identity::self_signed(&["device"]).unwrap();
        let subject = [(SubjectField::CommonName, name)];
        identity
            .certificate_request(&CertificateParams::new(&[]).with_subject(&subject))
            .unwrap()
            .der()
            .to_vec()
    };
    refused(&ca, &named("evil.example.org"), &device(), "(common name)");
    signed(&ca, &named("Lock 7 in the hall"), &device());
    // What replaces the names of the request is checked as well.
    let other = device().with_names(vec!["example.net".parse().unwrap()]);
    refused(&ca, &request(&["a.example.com"]), &other, "may not certify DNS:example.net");
    let mail = SignParams::new(Profile::Client).with_names(vec!["anna@example.net".parse().unwrap()]);
    refused(&ca, &request(&["a.example.com"]), &mail, "may not certify email:anna@example.net");
}

#[test]
fn profiles_decide_on_names_and_days() {
    let folder = Folder::new();
    let ca = AuthorityFolder::create(folder.path("ca"), &AuthorityParams::new("CA").with_days(1000)).unwrap();
    let (server, client) = (SignParams::new(Profile::Server), SignParams::new(Profile::Client));
    let wildcard = request(&["*.example.com"]);
    refused(&ca, &wildcard, &device(), "the profile device does not permit the name DNS:*.example.com");
    refused(&ca, &wildcard, &client, "a wildcard names no client");
    signed(&ca, &wildcard, &server);
    let mail = |profile| SignParams::new(profile).with_names(vec!["anna@example.com".parse().unwrap()]);
    refused(&ca, &request(&["a"]), &mail(Profile::Server), "clients look up servers by DNS name or address");
    refused(&ca, &request(&["a"]), &mail(Profile::Device), "a mail address is for the profile client");
    signed(&ca, &request(&["a"]), &mail(Profile::Client));
    // Without a name.
    let identity = Identity::self_signed(&["device"]).unwrap();
    let subject = [(SubjectField::CommonName, "Anna")];
    let params = CertificateParams::new(&[]).with_subject(&subject);
    let nameless = identity.certificate_request(&params).unwrap();
    refused(&ca, nameless.der(), &server, "has no name that a certificate for the profile server needs");
    signed(&ca, nameless.der(), &client);
    // Days: of the profile, of the caller, and never beyond the CA.
    refused(&ca, &wildcard, &server.clone().with_days(826).as_renewal(), "expected 1 to 825");
    refused(&ca, &wildcard, &server.clone().with_days(0).as_renewal(), "expected 1 to 825");
    refused(&ca, &request(&["b"]), &device().with_days(1001), "beyond the end of the CA");
    let (_, end) = ca.validity();
    let clamped = signed(&ca, &request(&["b"]), &device());
    assert_eq!(clamped.issued.not_after, end);
    assert!(clamped.notes[0].starts_with("valid only until "), "{:?}", clamped.notes);
    let week = signed(&ca, &request(&["c"]), &device().with_days(7));
    assert!(week.issued.not_after.abs_diff(now() + 7 * DAY) < 100);
}

#[test]
fn keys_have_one_certificate_each() {
    let folder = Folder::new();
    let ca = folder.ca();
    let first = request(&["a.example.com"]);
    let made = signed(&ca, &first, &device());
    let error = refused(&ca, &first, &device(), "the key of the request has a certificate");
    assert!(error.to_string().contains(&made.issued.serial_text()), "{error}");
    let renewed = signed(&ca, &first, &device().as_renewal());
    assert_ne!(renewed.issued.serial, made.issued.serial);
    // Revoked for another reason, the key goes on; compromised, it is at its end.
    ca.revoke(&made.issued.serial_text(), RevocationReason::Superseded).unwrap();
    ca.revoke(&renewed.issued.serial_text(), RevocationReason::Unspecified).unwrap();
    let third = signed(&ca, &first, &device());
    ca.revoke_certificate(third.pem().as_bytes(), RevocationReason::KeyCompromise).unwrap();
    refused(&ca, &first, &device().as_renewal(), "was revoked as compromised");
    // The key of the CA.
    let key = folder.read("ca/key.pem");
    let own = Identity::raw_key_from_pem(key.as_bytes()).unwrap();
    let own = own.certificate_request(&CertificateParams::new(&["a.example.com"])).unwrap();
    refused(&ca, own.der(), &device(), "the key of the CA itself");
}

#[test]
fn requests_of_weak_and_unsupported_keys_are_refused() {
    let folder = Folder::new();
    let ca = folder.ca();
    let subject = ["-subj", "/CN=x", "-addext", "subjectAltName=DNS:a.example.com"];
    for (name, key, words) in [
        ("rsa1024", &["-newkey", "rsa:1024"][..], "the RSA key is too small"),
        ("p521", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"], "a P-521 key: expected P-256"),
        ("k256", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"], "cannot be signed"),
        ("ed448", &["-newkey", "ed448"], "cannot be signed"),
    ] {
        refused(&ca, &folder.openssl_request(name, key, &subject), &device(), words);
    }
}

#[test]
fn requests_that_ask_for_more_are_refused_or_cut_down() {
    let folder = Folder::new();
    let ca = folder.ca();
    let ask = |name: &str, extensions: &[&str]| {
        let more = extensions.iter().flat_map(|one| ["-addext", one]);
        let subject = ["-subj", "/CN=x", "-addext", "subjectAltName=DNS:a.example.com"];
        folder.openssl_request(name, &P256, &subject.into_iter().chain(more).collect::<Vec<_>>())
    };
    refused(
        &ca,
        &ask("ca", &["basicConstraints=critical,CA:TRUE"]),
        &device(),
        "asks for a certificate of a CA",
    );
    refused(&ca, &ask("sign", &["keyUsage=keyCertSign"]), &device(), "asks for a certificate of a CA");
    let many: Vec<String> = (0..101).map(|number| format!("d{number}.example.com")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    refused(&ca, &request(&many), &device(), "asks for 101 names: expected at most 100");
    signed(&ca, &request(&many[..100]), &device());
    // Other extensions are left out, and said.
    let more = ask(
        "more",
        &["extendedKeyUsage=codeSigning", "tlsfeature=status_request", "keyUsage=keyEncipherment"],
    );
    let made = signed(&ca, &more, &device());
    assert_eq!(made.notes, ["the request asks for extensions that are not copied: 1.3.6.1.5.5.7.1.24"]);
    folder.write("more.pem", made.pem());
    let text = folder.accepts("openssl", &["x509", "-in", "more.pem", "-noout", "-text"], &["CA:FALSE"]);
    assert!(text.contains("Key Usage: critical\n                Digital Signature\n"), "{text}");
    for word in ["Code Signing", "status_request", "Key Encipherment"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    // A name of a kind that is not written, and several kinds that are.
    let other = ["-subj", "/CN=x", "-addext", "subjectAltName=RID:1.2.3.4"];
    refused(&ca, &folder.openssl_request("rid", &P256, &other), &device(), "registeredID");
    let twice = ["-subj", "/CN=x/OU=a/OU=b", "-addext", "subjectAltName=DNS:a.example.com"];
    let twice = folder.openssl_request("twice", &P256, &twice);
    refused(&ca, &twice, &device(), "it has the attribute OU twice");
    let made = signed(&ca, &twice, &device().with_name("device 7"));
    assert_eq!(made.issued.subject, "CN=device 7");
}

#[test]
fn damaged_requests_are_refused_in_the_words_of_lint() {
    let folder = Folder::new();
    let ca = folder.ca();
    let good = request(&["a.example.com"]);
    // The last byte of the signature; a cut file; a name changed behind the signature.
    let mut damaged = good.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let name = good.windows(9).position(|bytes| bytes == b"a.example").unwrap();
    let mut renamed = good.clone();
    renamed[name] = b'b';
    for (bytes, code) in [
        (damaged, Code::SignatureInvalid),
        (good[..good.len() - 1].to_vec(), Code::FileTruncated),
        (renamed, Code::SignatureInvalid),
    ] {
        let error = refused(&ca, &bytes, &device(), "the request cannot be signed\n  error: ");
        let AuthorityProblem::Request(RequestProblem::Wrong(findings)) = &error.problem else {
            panic!("{error:?}")
        };
        assert!(findings.iter().any(|finding| finding.code == code), "{error}");
        assert!(error.to_string().contains("DER byte ") && error.to_string().contains("fix: "), "{error}");
    }
    // Other files.
    let certificate = folder.read("ca/certificate.pem");
    let key = folder.read("ca/key.pem");
    let two =
        Identity::self_signed(&["x"]).unwrap().certificate_request(&CertificateParams::new(&["x"])).unwrap();
    for (file, words) in [
        (certificate.as_str(), "expected a certificate signing request, found a certificate"),
        (&key, "expected a certificate signing request, found a private key"),
        ("", "expected a certificate signing request, found an empty file"),
        (&two.pem().repeat(2), "expected one certificate signing request, found 2"),
        (&"A".repeat(70_000), "at most 65536 bytes, found 70000"),
    ] {
        refused(&ca, file.as_bytes(), &device(), words);
    }
    for cut in 0..good.len() {
        let _ = ca.sign(&good[..cut], &device()).expect_err("cut");
    }
}

#[test]
fn the_clock_and_the_end_of_the_ca() {
    let folder = Folder::new();
    let ca = folder.ca();
    signed(&ca, &request(&["a.example.com"]), &device());
    // A certificate of next year in the list: the clock was set back.
    let list = folder.read("ca/issued");
    let line = list.lines().find(|line| !line.starts_with('#')).unwrap();
    let year: Vec<&str> = line.splitn(3, ' ').collect();
    let future = line.replace(year[1], "2099-01-01T00:00:00Z");
    PrivateFile::new(folder.path("ca/issued"), 1 << 20)
        .lock()
        .unwrap()
        .replace(list.replace(line, &future).as_bytes())
        .unwrap();
    refused(&ca, &request(&["b.example.com"]), &device(), "valid from 2099-01-01T00:00:00Z: set the clock");
    // CAs whose dates are of another time.
    for (name, year, words) in [("old", 2001, "the CA expired on 2002-01-01"), ("new", 2099, "set the clock")]
    {
        let other = ca_of_year(&folder, name, year);
        refused(&other, &request(&["b.example.com"]), &device(), words);
        let crl = other.crl(1).unwrap_err();
        assert!(crl.to_string().contains(words), "{crl}");
    }
}

/// A CA whose certificate OpenSSL made anew, for one year.
fn ca_of_year(folder: &Folder, name: &str, year: u32) -> AuthorityFolder {
    AuthorityFolder::create(folder.path(name), &AuthorityParams::new("CA")).unwrap();
    let section = "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\nserial=serial\ndefault_md=sha256\n\
                   policy=p\nx509_extensions=e\n[p]\ncommonName=supplied\n[e]\nbasicConstraints=critical,CA:TRUE\n\
                   [req]\ndistinguished_name=dn\n[dn]\n";
    for (file, content) in [("ca.cnf", section), ("index.txt", ""), ("serial", "01")] {
        folder.write(file, content);
    }
    let key = format!("{name}/key.pem");
    let (from, until) = (format!("{year}0101000000Z"), format!("{}0101000000Z", year + 1));
    let request = ["req", "-config", "ca.cnf", "-new", "-key", &key, "-subj", "/CN=CA", "-out", "ca.csr"];
    folder.accepts("openssl", &request, &[]);
    let start =
        ["ca", "-batch", "-selfsign", "-notext", "-config", "ca.cnf", "-in", "ca.csr", "-out", "ca.pem"];
    let dates = ["-keyfile", &key, "-startdate", &from, "-enddate", &until];
    folder.accepts("openssl", &[&start[..], &dates].concat(), &[]);
    let file = PrivateFile::new(folder.path(&format!("{name}/certificate.pem")), 1 << 20);
    file.lock().unwrap().replace(folder.read("ca.pem").as_bytes()).unwrap();
    AuthorityFolder::open(folder.path(name)).unwrap()
}

#[test]
fn a_damaged_list_stops_the_ca() {
    let folder = Folder::new();
    let ca = folder.ca();
    let made = signed(&ca, &request(&["a.example.com"]), &device());
    let list = folder.read("ca/issued");
    folder.write("ca/issued", list.replace(" device ", " divice "));
    let error = ca.sign(&request(&["b.example.com"]), &device()).unwrap_err();
    assert!(error.to_string().contains("issued: line 3 does not parse"), "{error}");
    assert!(
        ca.revoke(&made.issued.serial_text(), RevocationReason::Unspecified).is_err() && ca.crl(1).is_err()
    );
    fs::remove_file(folder.path("ca/issued")).unwrap();
    // A list that is gone is not made anew.
    assert!(ca.sign(&request(&["b.example.com"]), &device()).is_err() && ca.crl(1).is_err());
    assert!(!folder.path("ca/issued").exists());
    PrivateFile::new(folder.path("ca/issued"), 1 << 20).lock().unwrap().replace(list.as_bytes()).unwrap();
    assert_eq!(ca.issued().unwrap().len(), 1);
}

#[test]
fn two_processes_issue_at_once() {
    let folder = Folder::new();
    let ca = folder.ca();
    let path = folder.path("ca");
    let same = request(&["same.example.com"]);
    let outcomes: Vec<bool> = std::thread::scope(|scope| {
        let issue = |number: usize| {
            let (path, same) = (&path, &same);
            scope.spawn(move || {
                let ca = AuthorityFolder::open(path).unwrap();
                for one in 0..3 {
                    signed(&ca, &request(&[&format!("d{number}-{one}.example.com")]), &device());
                }
                ca.crl(1).unwrap();
                ca.sign(same, &device()).is_ok()
            })
        };
        let running: Vec<_> = (0..4).map(issue).collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|is_signed| **is_signed).count(), 1, "one of them has the key");
    let issued = ca.issued().unwrap();
    assert_eq!(issued.len(), 13, "nothing is lost");
    assert_eq!(ca.crl(1).unwrap().number, 5, "each CRL has its number");
}

#[test]
fn nothing_is_handed_out_that_cannot_be_recorded() {
    let folder = Folder::new();
    let ca = folder.ca();
    // Another process holds the lock for longer than anybody waits.
    let list = PrivateFile::new(folder.path("ca/issued"), 1 << 24);
    let locked = list.lock().unwrap();
    let error = ca.sign(&request(&["a.example.com"]), &device()).unwrap_err();
    assert!(matches!(error.problem, AuthorityProblem::File(_)), "{error}");
    drop(locked);
    assert_eq!(ca.issued().unwrap(), []);
    assert!(!folder.path("ca/certificates").exists(), "no copy either");
}

#[test]
fn constraints_are_read_from_the_certificate() {
    let folder = Folder::new();
    folder.ca();
    let ca = AuthorityFolder::open(folder.path("ca")).unwrap();
    assert_eq!(ca.constraints().to_string(), "example.com, 192.0.2.0/24 but not secret.example.com");
    // Where only addresses are permitted, every DNS name is excluded.
    let only = NameConstraints::default().permit("2001:db8::/32".parse().unwrap());
    let params = AuthorityParams::new("CA").with_constraints(only).with_key_kind(KeyKind::Ed25519);
    let ca = AuthorityFolder::create(folder.path("v6"), &params).unwrap();
    refused(&ca, &request(&["example.com"]), &device(), "may not certify");
    refused(&ca, &request(&["192.0.2.1"]), &device(), "may not certify");
    signed(&ca, &request(&["2001:db8::1"]), &device());
    folder.accepts(
        "openssl",
        &["x509", "-in", "v6/certificate.pem", "-noout", "-text"],
        &["Excluded", "DNS:"],
    );
    for bad in ["*.example.com", ".example.com", "192.0.2.0/33", "a b", ""] {
        assert!(bad.parse::<handclasp_authority::Subtree>().is_err(), "{bad}");
    }
}
