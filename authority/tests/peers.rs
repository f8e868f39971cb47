//! Certificates and CRLs as OpenSSL, GnuTLS and Java see them, and the requests of these.

mod common;

use common::*;
use handclasp_authority::{
    AuthorityFolder, AuthorityParams, NameConstraints, Profile, RevocationReason, SignParams,
};
use handclasp_crypto::KeyKind;
use handclasp_provider_aws_lc::{SHA256, VERIFY};
use handclasp_report::CertificateFault;
use handclasp_trust::{Crls, Name, Role, Roots, Trust, VerifyOptions};
use rustls_pki_types::{CertificateDer, UnixTime, pem::PemObject};

/// Signs and keeps the chain in NAME.pem.
fn sign(folder: &Folder, ca: &AuthorityFolder, request: &[u8], name: &str, params: &SignParams) {
    folder.write(&format!("{name}.pem"), signed(ca, request, params).pem());
}

#[test]
fn requests_of_openssl_of_every_kind_of_key() {
    let folder = Folder::new();
    let ca = folder.ca();
    let subject = [
        "-utf8",
        "-subj",
        "/C=DE/O=Büro & Söhne/CN=lock 7/serialNumber=0042",
        "-addext",
        "subjectAltName=DNS:lock.example.com,IP:192.0.2.7,URI:spiffe://example.com/lock",
    ];
    for (name, key) in [
        ("p256", &P256[..]),
        ("p384", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"]),
        ("ed25519", &["-newkey", "ed25519"]),
        ("rsa", &["-newkey", "rsa:2048"]),
        ("pss", &["-newkey", "rsa:2048", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]),
    ] {
        let request = folder.openssl_request(name, key, &subject);
        sign(&folder, &ca, &request, name, &device());
        let file = format!("{name}.pem");
        folder.accepts(
            "openssl",
            &["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "ca/certificate.pem", &file],
            &["OK"],
        );
        folder.accepts(
            "openssl",
            &["verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", "ca/certificate.pem", &file],
            &["OK"],
        );
        folder.accepts(
            "openssl",
            &["x509", "-in", &file, "-noout", "-text", "-nameopt", "utf8,sep_comma_plus"],
            &[
                "C=DE,O=Büro & Söhne,CN=lock 7,serialNumber=0042",
                "DNS:lock.example.com, IP Address:192.0.2.7, URI:spiffe://example.com/lock",
                "TLS Web Server Authentication, TLS Web Client Authentication",
                "CA:FALSE",
            ],
        );
        // The key of the request, byte for byte.
        let key_file = format!("{name}.key");
        let of_key = folder.accepts("openssl", &["pkey", "-in", &key_file, "-pubout"], &[]);
        assert_eq!(folder.accepts("openssl", &["x509", "-in", &file, "-noout", "-pubkey"], &[]), of_key);
        folder.accepts(
            "certtool",
            &["--verify", "--load-ca-certificate", "ca/certificate.pem", "--infile", &file],
            &["The certificate is trusted"],
        );
        folder.accepts("keytool", &["-printcert", "-file", &file], &["lock.example.com", "CN=Example CA"]);
    }
}

#[test]
fn certificates_name_where_the_crl_is() {
    let folder = Folder::new();
    let urls = ["http://example.com/ca.crl", "http://192.0.2.1:8080/ca.crl"];
    let params = AuthorityParams::new("CA")
        .with_crl_url(urls[0].parse().expect("a URL"))
        .with_crl_url(urls[1].parse().expect("a URL"));
    AuthorityFolder::create(folder.path("ca"), &params).expect("made");
    // Another process signs.
    let ca = AuthorityFolder::open(folder.path("ca")).expect("opened");
    let shown: Vec<String> = ca.crl_urls().expect("read").iter().map(ToString::to_string).collect();
    assert_eq!(shown, urls);
    let request = folder.openssl_request("a", &P256, &["-subj", "/CN=lock"]);
    sign(&folder, &ca, &request, "a", &device());
    let text = folder.accepts("openssl", &["x509", "-in", "a.pem", "-noout", "-text"], &[]);
    let words: Vec<&str> = text.split_whitespace().collect();
    // One distribution point, not critical, with both names (RFC 5280 §4.2.1.13).
    let expected = ["X509v3", "CRL", "Distribution", "Points:", "Full", "Name:"];
    let names = urls.map(|url| format!("URI:{url}"));
    let expected: Vec<&str> = expected.into_iter().chain(names.iter().map(String::as_str)).collect();
    assert!(words.windows(expected.len()).any(|found| found == expected), "{text}");
    folder.accepts(
        "certtool",
        &["--certificate-info", "--infile", "a.pem"],
        &["URI: http://example.com/ca.crl"],
    );
    let root = folder.accepts("openssl", &["x509", "-in", "ca/certificate.pem", "-noout", "-text"], &[]);
    assert!(!root.contains("CRL Distribution"), "{root}");
    folder.write("ca.crl", ca.crl(30).expect("a CRL").pem());
    let verify = ["verify", "-x509_strict", "-crl_check", "-CAfile", "ca/certificate.pem"];
    folder.accepts("openssl", &[&verify[..], &["-CRLfile", "ca.crl", "a.pem"]].concat(), &["OK"]);
    // Without URLs the extension is absent; a line that is no URL stops the CA.
    std::fs::remove_file(folder.path("ca/crl-url")).expect("removed");
    let renewed = device().as_renewal();
    sign(&folder, &ca, &request, "b", &renewed);
    let text = folder.accepts("openssl", &["x509", "-in", "b.pem", "-noout", "-text"], &[]);
    assert!(!text.contains("CRL Distribution"), "{text}");
    let file = handclasp_identity::private_file::PrivateFile::new(folder.path("ca/crl-url"), 100);
    file.lock().expect("locked").replace(b"example.com/ca.crl\n").expect("written");
    let refused = ca.sign(&request, &renewed).expect_err("not a URL").to_string();
    assert!(refused.contains("crl-url: \"example.com/ca.crl\" is not a URL of a CRL"), "{refused}");
    assert_eq!(ca.issued().expect("read").len(), 2);
}

#[test]
fn urls_of_crls() {
    for text in ["http://example.com/ca.crl", "HTTP://192.0.2.1:8080/", "http://[2001:db8::1]/ca.crl?a=b"] {
        let url: handclasp_authority::CrlUrl = text.parse().expect(text);
        assert_eq!(url.to_string(), text);
    }
    for text in [
        "",
        "ca.crl",
        "https://example.com/ca.crl",
        "ldap://example.com/",
        "http://",
        "http:///ca.crl",
        "http://example.com/a b",
        "http://example.com/\n",
    ] {
        let refused = text.parse::<handclasp_authority::CrlUrl>().expect_err(text).to_string();
        assert!(refused.contains("expected http://HOST/PATH"), "{refused}");
        assert_eq!(refused.contains("not https"), text.starts_with("https"), "{refused}");
    }
}

#[test]
fn requests_of_gnutls_and_java() {
    let folder = Folder::new();
    let ca = folder.ca();
    folder.write(
        "template",
        "cn = \"lock 8\"\norganization = Example\ndns_name = lock-8.example.com\ntls_www_server\n",
    );
    folder.accepts(
        "certtool",
        &["--generate-privkey", "--key-type", "ecdsa", "--curve", "secp256r1", "--outfile", "g.key"],
        &[],
    );
    folder.accepts(
        "certtool",
        &["--generate-request", "--load-privkey", "g.key", "--template", "template", "--outfile", "g.csr"],
        &[],
    );
    sign(&folder, &ca, folder.read("g.csr").as_bytes(), "g", &device());
    folder.accepts(
        "certtool",
        &["--certificate-info", "--infile", "g.pem"],
        &["DNSname: lock-8.example.com", "lock 8"],
    );

    let store = ["-keystore", "store.p12", "-storepass", "secret", "-alias", "key"];
    let key = [
        "-genkeypair",
        "-keyalg",
        "EC",
        "-groupname",
        "secp256r1",
        "-dname",
        "CN=lock 9, OU=Doors, O=Example, C=DE",
    ];
    folder.accepts("keytool", &[&key[..], &store].concat(), &[]);
    let request = ["-certreq", "-ext", "san=dns:lock-9.example.com", "-file", "j.csr"];
    folder.accepts("keytool", &[&request[..], &store].concat(), &[]);
    assert!(folder.read("j.csr").starts_with("-----BEGIN NEW CERTIFICATE REQUEST"));
    sign(&folder, &ca, folder.read("j.csr").as_bytes(), "j", &device());
    // The root, then the reply to the request: keytool builds the chain and compares the key.
    let root = [
        "-importcert",
        "-noprompt",
        "-file",
        "ca/certificate.pem",
        "-keystore",
        "store.p12",
        "-storepass",
        "secret",
        "-alias",
        "root",
    ];
    folder.accepts("keytool", &root, &[]);
    folder.accepts(
        "keytool",
        &[&["-importcert", "-noprompt", "-file", "j.pem"], &store[..]].concat(),
        &["installed in keystore"],
    );
    folder.accepts(
        "keytool",
        &[&["-list", "-v"], &store[..]].concat(),
        &["Certificate chain length: 2", "lock-9.example.com"],
    );
}

#[test]
fn a_revoked_certificate_is_refused_with_the_crl() {
    let folder = Folder::new();
    let ca = folder.ca();
    sign(&folder, &ca, &request(&["a.example.com"]), "good", &device());
    sign(&folder, &ca, &request(&["b.example.com"]), "bad", &device());
    let openssl = |file| {
        ["verify", "-crl_check", "-x509_strict", "-CAfile", "ca/certificate.pem", "-CRLfile", "crl.pem", file]
    };
    let gnutls = |file| {
        ["--verify", "--load-ca-certificate", "ca/certificate.pem", "--load-crl", "crl.pem", "--infile", file]
    };
    folder.write("crl.pem", ca.crl(30).unwrap().pem());
    folder.accepts(
        "openssl",
        &["crl", "-in", "crl.pem", "-noout", "-text", "-CAfile", "ca/certificate.pem"],
        &["verify OK", "No Revoked Certificates", "CRL Number: \n                1"],
    );
    for file in ["good.pem", "bad.pem"] {
        folder.accepts("openssl", &openssl(file), &["OK"]);
        folder.accepts("certtool", &gnutls(file), &["The certificate is trusted"]);
    }
    let bad = folder.read("bad.pem");
    let revoked = ca.revoke_certificate(bad.as_bytes(), RevocationReason::KeyCompromise).unwrap();
    let crl = ca.crl(30).unwrap();
    assert_eq!((crl.number, crl.revoked), (2, 1));
    folder.write("crl.pem", crl.pem());
    folder.write("crl.der", &crl.der);
    folder.accepts("openssl", &openssl("good.pem"), &["OK"]);
    folder.refuses("openssl", &openssl("bad.pem"), &["certificate revoked"]);
    folder.accepts("certtool", &gnutls("good.pem"), &["The certificate is trusted"]);
    folder.refuses("certtool", &gnutls("bad.pem"), &["revoked"]);
    let serial = revoked.serial_text();
    folder.accepts(
        "openssl",
        &["crl", "-inform", "DER", "-in", "crl.der", "-noout", "-text", "-CAfile", "ca/certificate.pem"],
        &[
            "verify OK",
            "Version 2",
            "Authority Key Identifier",
            &serial.to_uppercase(),
            "Key Compromise",
            "CRL Number: \n                2",
        ],
    );
    folder.accepts(
        "certtool",
        &["--crl-info", "--infile", "crl.pem"],
        &["Revoked certificates (1)", &serial],
    );
    folder.accepts("keytool", &["-printcrl", "-file", "crl.pem"], &["KEY_COMPROMISE"]);
    // Our own peers.
    let roots = Roots::from_pem(folder.read("ca/certificate.pem").as_bytes()).unwrap();
    let trust = Trust::WebPki(roots.with_crls(Crls::from_pem(crl.pem().as_bytes()).unwrap()));
    for (file, expected) in [("good.pem", Ok(())), ("bad.pem", Err(CertificateFault::Revoked))] {
        let chain = [CertificateDer::from_pem_slice(folder.read(file).as_bytes()).unwrap()];
        let options = VerifyOptions::new(Role::Client, UnixTime::now(), VERIFY, SHA256);
        assert_eq!(trust.verify_chain(&chain, &options).map(drop).map_err(|error| error.fault), expected);
    }
    // By its serial number as OpenSSL prints it; twice; of nobody; of another CA.
    let text = folder.accepts("openssl", &["x509", "-in", "good.pem", "-noout", "-serial"], &[]);
    ca.revoke(text.trim().trim_start_matches("serial="), RevocationReason::Unspecified).unwrap();
    let again = ca.revoke(&serial, RevocationReason::Unspecified).unwrap_err();
    assert!(again.to_string().contains("is revoked since 20"), "{again}");
    for unknown in ["00", "xyz", ""] {
        let error = ca.revoke(unknown, RevocationReason::Unspecified).unwrap_err();
        assert!(error.to_string().contains("issued no certificate with the serial number"), "{error}");
    }
    let other = AuthorityFolder::create(folder.path("other"), &AuthorityParams::new("Other CA")).unwrap();
    let error = other.revoke_certificate(bad.as_bytes(), RevocationReason::Unspecified).unwrap_err();
    assert!(error.to_string().contains("its issuer is \"CN=Example CA\""), "{error}");
}

#[test]
fn a_name_outside_of_the_constraints_is_refused_by_peers() {
    let folder = Folder::new();
    let ca = folder.ca();
    let roots = Roots::from_pem(folder.read("ca/certificate.pem").as_bytes()).unwrap();
    let trust = Trust::WebPki(roots);
    // What a thief of the key signs by another program.
    for (name, host, is_permitted) in [
        ("in", "a.example.com", true),
        ("out", "a.example.org", false),
        ("excluded", "x.secret.example.com", false),
        ("address", "203.0.113.1", false),
        // Of a kind that no permitted subtree names.
        ("v6", "2001:db8::1", false),
    ] {
        let kind = if host.starts_with('2') { "IP" } else { "DNS" };
        let san = format!("subjectAltName={kind}:{host}");
        folder.openssl_request(name, &P256, &["-subj", "/CN=device", "-addext", &san]);
        let (request, file) = (format!("{name}.csr"), format!("{name}.pem"));
        folder.accepts(
            "openssl",
            &[
                "x509",
                "-req",
                "-in",
                &request,
                "-CA",
                "ca/certificate.pem",
                "-CAkey",
                "ca/key.pem",
                "-CAcreateserial",
                "-copy_extensions",
                "copyall",
                "-days",
                "10",
                "-out",
                &file,
            ],
            &[],
        );
        let openssl = ["verify", "-CAfile", "ca/certificate.pem", &file];
        let gnutls = ["--verify", "--load-ca-certificate", "ca/certificate.pem", "--infile", &file];
        let chain = [CertificateDer::from_pem_slice(folder.read(&file).as_bytes()).unwrap()];
        let now = UnixTime::now();
        let expected = Name::parse(host).unwrap();
        let options = VerifyOptions::new(Role::Server, now, VERIFY, SHA256).with_name(Some(&expected));
        let ours = trust.verify_chain(&chain, &options).map(drop).map_err(|error| error.fault);
        if is_permitted {
            folder.accepts("openssl", &openssl, &["OK"]);
            folder.accepts("certtool", &gnutls, &["The certificate is trusted"]);
            assert_eq!(ours, Ok(()));
        } else {
            let word = if name == "excluded" { "excluded subtree violation" } else { "subtree violation" };
            folder.refuses("openssl", &openssl, &[word]);
            folder.refuses("certtool", &gnutls, &["NOT trusted"]);
            assert_eq!(ours, Err(CertificateFault::ConstraintViolated), "{name}");
        }
    }
    assert_eq!(ca.issued().unwrap(), []);
}

/// PKIX validation in Java, with the CRL: the one that Java's TLS does.
const PKIX: &str = r#"
import java.io.*; import java.security.cert.*; import java.util.*;
class Pkix { public static void main(String[] a) throws Exception {
  CertificateFactory f = CertificateFactory.getInstance("X.509");
  X509Certificate root = (X509Certificate) f.generateCertificate(new FileInputStream(a[0]));
  PKIXParameters p = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
  p.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(
    List.of(f.generateCRL(new FileInputStream(a[1]))))));
  for (int i = 2; i < a.length; i++) try {
    CertPathValidator.getInstance("PKIX").validate(
      f.generateCertPath(List.of(f.generateCertificate(new FileInputStream(a[i])))), p);
    System.out.println(a[i] + ": valid");
  } catch (CertPathValidatorException e) { System.out.println(a[i] + ": " + e.getReason()); }
} }"#;

#[test]
fn java_validates_chains_with_the_crl() {
    let folder = Folder::new();
    let params = AuthorityParams::new("CA")
        .with_key_kind(KeyKind::P384)
        .with_constraints(NameConstraints::default().permit("example.com".parse().unwrap()));
    let ca = AuthorityFolder::create(folder.path("ca"), &params).unwrap();
    sign(&folder, &ca, &request(&["a.example.com"]), "good", &SignParams::new(Profile::Server));
    sign(&folder, &ca, &request(&["b.example.com"]), "bad", &SignParams::new(Profile::Client));
    ca.revoke_certificate(folder.read("bad.pem").as_bytes(), RevocationReason::CessationOfOperation).unwrap();
    folder.write("crl.pem", ca.crl(7).unwrap().pem());
    folder.write("Pkix.java", PKIX);
    folder.accepts(
        "java",
        &["Pkix.java", "ca/certificate.pem", "crl.pem", "good.pem", "bad.pem"],
        &["good.pem: valid", "bad.pem: REVOKED"],
    );
}
