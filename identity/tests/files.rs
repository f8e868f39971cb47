//! Files as people have them, made by OpenSSL, GnuTLS and Java in the test: each loads, or the error names the command
//! that makes it load, and the test runs that command.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use handclasp_identity::{Cause, Found, Identity, IdentityError, Input, KnownPassphrase, NoPassphrase};
use tempfile::TempDir;
use zeroize::Zeroizing;

/// Files of one test, readable by us alone.
struct Files(TempDir);

impl Files {
    /// A root, a CA below it, a device's key and its certificate.
    fn new() -> Self {
        let files = Self(TempDir::new().unwrap());
        files.shell(
            "ec='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30'
            openssl req -x509 $ec -keyout root.key -subj /CN=Root -out root.pem
            openssl req $ec -keyout ca.key -subj /CN=CA -out ca.csr
            echo 'basicConstraints=critical,CA:TRUE' > ca.cnf
            openssl x509 -req -in ca.csr -CA root.pem -CAkey root.key -days 30 -extfile ca.cnf -out ca.pem
            openssl req $ec -keyout key.pem -subj /CN=device -out device.csr
            openssl x509 -req -in device.csr -CA ca.pem -CAkey ca.key -days 30 -out cert.pem
            cat cert.pem ca.pem root.pem > chain.pem",
        );
        files
    }

    /// Runs lines of `sh`; every command must succeed.
    fn shell(&self, lines: &str) {
        let output = Command::new("sh")
            .args(["-eu", "-c", &format!("umask 077\n{lines}")])
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .output()
            .expect("sh");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{lines}\n{text}\n(packages: openssl, gnutls-bin, default-jdk-headless)"
        );
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: &[u8]) {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// One file with everything.
    fn whole(&self, name: &str, passphrase: &str) -> Result<Identity, IdentityError> {
        Identity::from_file(self.path(name), &mut KnownPassphrase::new(passphrase))
    }

    /// A key beside its chain.
    fn key(&self, name: &str, passphrase: &str) -> Result<Identity, IdentityError> {
        let mut passphrase = KnownPassphrase::new(passphrase);
        Identity::from_files(self.path("chain.pem"), self.path(name), &mut passphrase)
    }
}

/// Subjects of the chain, by the text of their common names.
fn chain(identity: &Identity) -> Vec<&'static str> {
    let subject = |der: &[u8]| {
        // The subject is the last common name: the issuer stands in front of it.
        let is_at = |name: &str| {
            let value = [&[0x0c, u8::try_from(name.len()).unwrap()], name.as_bytes()].concat();
            der.windows(value.len()).rposition(|window| window == value)
        };
        ["Root", "CA", "device"]
            .into_iter()
            .filter_map(|name| is_at(name).map(|at| (at, name)))
            .max()
            .unwrap()
            .1
    };
    identity.chain().iter().map(|certificate| subject(certificate)).collect()
}

fn is_whole(identity: Result<Identity, IdentityError>, name: &str) {
    let identity = identity.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(chain(&identity), ["device", "CA", "Root"], "{name}");
}

#[test]
fn keys_under_a_passphrase() {
    let files = Files::new();
    for (name, options) in [
        ("aes-256", ""),
        ("aes-128-sha1", "-v2 aes-128-cbc -v2prf hmacWithSHA1"),
        ("aes-192-sha512", "-v2 aes-192-cbc -v2prf hmacWithSHA512"),
        ("des3", "-v2 des3"),
        ("scrypt", "-scrypt"),
        ("pbe-3des", "-v1 PBE-SHA1-3DES"),
        ("pbe-2des", "-v1 PBE-SHA1-2DES"),
        ("pbe-rc2-40", "-v1 PBE-SHA1-RC2-40"),
        ("pbe-rc2-128", "-v1 PBE-SHA1-RC2-128"),
    ] {
        let old = "-provider legacy -provider default";
        files.shell(&format!(
            "openssl pkcs8 -topk8 {options} -in key.pem -passout pass:secret {old} -out {name}
            openssl pkcs8 -topk8 {options} -in key.pem -passout pass:secret {old} -outform DER -out {name}.der"
        ));
        for name in [name.to_owned(), format!("{name}.der")] {
            is_whole(files.key(&name, "secret"), &name);
            let wrong = files.key(&name, "secret\n").unwrap_err();
            assert_eq!(wrong.cause, Cause::WrongPassphrase { input: Input::Key }, "{name}");
            assert!(wrong.to_string().contains(&format!("{name}: the passphrase is wrong")), "{wrong}");
            let closed = Identity::from_files(files.path("chain.pem"), files.path(&name), &mut NoPassphrase);
            assert_eq!(closed.unwrap_err().cause, Cause::Encrypted, "{name}");
        }
    }
    files.shell("certtool --to-p8 --load-privkey key.pem --password secret --outfile gnutls.pem");
    is_whole(files.key("gnutls.pem", "secret"), "gnutls.pem");
    // A prompt is asked again, three times at most.
    let mut asked = Vec::new();
    let identity = Identity::from_files(files.path("chain.pem"), files.path("aes-256"), &mut |attempt| {
        asked.push(attempt);
        Some(Zeroizing::new(if attempt == 1 { "secret".to_owned() } else { "wrong".to_owned() }))
    });
    is_whole(identity, "asked again");
    assert_eq!(asked, [0, 1]);
}

#[test]
fn pkcs12_of_openssl() {
    let files = Files::new();
    let export = "openssl pkcs12 -export -inkey key.pem -in chain.pem";
    for (name, options, passphrase) in [
        ("modern.p12", "", "secret"),
        ("legacy.p12", "-legacy", "secret"),
        ("3des.p12", "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1", "secret"),
        ("sha512.p12", "-macalg sha512", "secret"),
        ("sha384.p12", "-macalg sha384", "secret"),
        ("no-mac.p12", "-nomac", "secret"),
        ("clear.p12", "-keypbe NONE -certpbe NONE", "secret"),
        ("unicode.p12", "-legacy", "päss€"),
        ("empty.p12", "", ""),
        ("empty-legacy.p12", "-legacy", ""),
    ] {
        files.shell(&format!("LC_ALL=C.UTF-8 {export} {options} -passout 'pass:{passphrase}' -out {name}"));
        is_whole(files.whole(name, passphrase), name);
        // Certificates and key as two flags.
        let (path, mut known) = (files.path(name), KnownPassphrase::new(passphrase));
        is_whole(Identity::from_files(&path, &path, &mut known), name);
        is_whole(Identity::from_files(&path, files.path("key.pem"), &mut known), name);
        is_whole(Identity::from_files(files.path("chain.pem"), &path, &mut known), name);
    }
    // Nobody is asked for the empty passphrase.
    is_whole(Identity::from_file(files.path("empty.p12"), &mut NoPassphrase), "empty.p12");
    for name in ["modern.p12", "legacy.p12", "no-mac.p12"] {
        let wrong = files.whole(name, "other").unwrap_err();
        assert_eq!(wrong.cause, Cause::WrongPassphrase { input: Input::Key }, "{name}");
        let closed = Identity::from_file(files.path(name), &mut NoPassphrase).unwrap_err();
        assert_eq!(closed.cause, Cause::Encrypted, "{name}");
    }
    // Cut or changed anywhere: an error and never a panic.
    let whole = files.read("empty-legacy.p12");
    for end in (0..whole.len()).step_by(7) {
        assert!(Identity::from_bytes(&whole[..end], &mut NoPassphrase).is_err());
    }
    for index in (0..whole.len()).step_by(11) {
        let mut changed = whole.clone();
        changed[index] ^= 0x21;
        let _ = Identity::from_bytes(&changed, &mut NoPassphrase);
    }
    // One file must not hold only one of the two.
    files.shell(&format!("{export} -nokeys -passout pass:secret -out certificates.p12"));
    let error = files.whole("certificates.p12", "secret").unwrap_err();
    assert_eq!(error.cause, Cause::Alone { lacks: Input::Key });
    assert!(error.to_string().contains("found the certificate alone"), "{error}");
}

#[test]
fn pkcs12_of_gnutls_and_java() {
    let files = Files::new();
    let to_p12 = "certtool --to-p12 --load-privkey key.pem --load-certificate chain.pem --p12-name device";
    for (name, options) in [
        ("default", ""),
        ("3des", "--pkcs-cipher 3des-pkcs12 --outder"),
        ("rc2-40", "--pkcs-cipher rc2-40 --outder"),
    ] {
        files.shell(&format!("{to_p12} --password secret {options} --outfile {name}"));
        is_whole(files.whole(name, "secret"), name);
    }
    // Java makes the key itself; then the older formats of its keystores.
    let keytool = "keytool -noprompt -storepass secret1 -keypass secret1 -alias device";
    files.shell(&format!(
        "{keytool} -genkeypair -keyalg EC -groupname secp256r1 -dname CN=device -storetype PKCS12 -keystore new.p12
        keytool -J-Dkeystore.pkcs12.legacy -importkeystore -noprompt -srckeystore new.p12 -srcstorepass secret1 \
            -destkeystore old.p12 -deststoretype PKCS12 -deststorepass secret1
        keytool -importkeystore -noprompt -srckeystore new.p12 -srcstorepass secret1 -destkeystore store.jks \
            -deststoretype JKS -deststorepass secret1
        chmod 600 new.p12 old.p12 store.jks"
    ));
    for name in ["new.p12", "old.p12"] {
        let identity = files.whole(name, "secret1").unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(identity.chain().len(), 1, "{name}");
    }
    let error = files.whole("store.jks", "secret1").unwrap_err();
    assert!(matches!(error.cause, Cause::NotExpected { found: Found::JavaKeyStore, .. }), "{error}");
    converted(&files, &error, "store.jks", |command| {
        command.replace("NEW.p12", "NEW") + " -noprompt -srcstorepass secret1 -deststorepass secret1"
    });
    assert!(files.whole("NEW", "secret1").is_ok());
}

/// Runs the command at the end of an error, with what `passphrases` adds to it. It writes the file `NEW`.
fn converted(files: &Files, error: &IdentityError, name: &str, passphrases: impl Fn(String) -> String) {
    let text = error.to_string();
    let command = text.split_once("convert it: ").unwrap_or_else(|| panic!("{text}")).1;
    let path = files.path(name).display().to_string();
    files.shell(&passphrases(command.replace(&path, name).replace("FILE", name)));
    files.shell("chmod 600 NEW");
}

#[test]
fn what_is_not_read_here_is_named_with_the_command_that_converts_it() {
    let files = Files::new();
    let old = "-provider legacy -provider default";
    files.shell(&format!(
        "openssl pkcs8 -topk8 -v1 PBE-MD5-DES -in key.pem -passout pass:secret {old} -out md5.pem
        openssl ec -in key.pem -aes128 -passout pass:secret -out traditional.pem
        openssl pkcs12 -export -legacy -keypbe PBE-SHA1-RC4-128 -certpbe PBE-SHA1-RC4-40 -inkey key.pem -in chain.pem \
            -passout pass:secret -out rc4.p12"
    ));
    let both = " -passin pass:secret -passout pass:other";
    for (name, algorithm) in [
        ("md5.pem", "pbeWithMD5AndDES-CBC"),
        ("traditional.pem", "the older PEM encryption of OpenSSL (Proc-Type: 4,ENCRYPTED)"),
    ] {
        let error = files.key(name, "secret").unwrap_err();
        assert!(error.to_string().contains(algorithm), "{error}");
        converted(&files, &error, name, |command| command + both);
        is_whole(files.key("NEW", "other"), name);
        fs::remove_file(files.path("NEW")).unwrap();
    }
    let error = files.whole("rc4.p12", "secret").unwrap_err();
    assert!(error.to_string().contains("RC4"), "{error}");
    converted(&files, &error, "rc4.p12", |command| command.replace("NEW.pem", "NEW") + both);
    is_whole(files.whole("NEW", "other"), "rc4.p12");
}

/// Key, leaf, CA and root in each of their 24 orders.
#[test]
fn one_text_in_any_order() {
    let files = Files::new();
    files.shell("openssl pkcs8 -topk8 -in key.pem -passout pass:secret -out encrypted.pem");
    let parts: Vec<Vec<u8>> =
        ["encrypted.pem", "cert.pem", "ca.pem", "root.pem"].iter().map(|name| files.read(name)).collect();
    for order in 0..24 {
        let mut rest: Vec<&Vec<u8>> = parts.iter().collect();
        let mut text = b"text in front, with a colon: here\n".to_vec();
        for index in [order / 6, order % 6 / 2, order % 2, 0] {
            text.extend(rest.remove(index));
            text.extend(b"subject=CN = between\n");
        }
        let identity = Identity::from_bytes(&text, &mut KnownPassphrase::new("secret"));
        is_whole(identity, &format!("order {order}"));
    }
}

#[test]
fn texts_of_other_systems() {
    let files = Files::new();
    let of = |name: &str| String::from_utf8(files.read(name)).unwrap();
    let (chain, key) = (of("chain.pem"), of("key.pem"));
    let both = format!("{chain}{key}");
    // CRLF, a byte order mark, line ends of old Macs, spaces around.
    files.write("crlf", both.replace('\n', "\r\n").as_bytes());
    files.write("mark", format!("\u{feff}{both}").as_bytes());
    files.write("cr", both.replace('\n', "\r").as_bytes());
    files.write("indented", both.replace('\n', " \n  ").as_bytes());
    // As `openssl ecparam -genkey`, `openssl x509 -text` and `certtool --generate-privkey` write them.
    files.shell(
        "openssl ec -in key.pem -out sec1
        (openssl ecparam -name prime256v1; cat sec1 chain.pem) > parameters
        (openssl x509 -in cert.pem -text; cat key.pem ca.pem root.pem) > text
        certtool --key-info --infile key.pem > gnutls-key
        cat gnutls-key chain.pem > gnutls
        openssl x509 -in cert.pem -outform DER -out cert.der
        openssl pkey -in key.pem -outform DER -out key.der",
    );
    for name in ["crlf", "mark", "cr", "indented", "parameters", "text", "gnutls"] {
        is_whole(Identity::from_file(files.path(name), &mut NoPassphrase), name);
    }
    for key in ["key.der", "sec1", "parameters"] {
        let identity =
            Identity::from_files(files.path("cert.der"), files.path(key), &mut NoPassphrase).unwrap();
        assert_eq!(self::chain(&identity), ["device"], "{key}");
        assert!(Identity::raw_key_from_file(files.path(key), &mut NoPassphrase).is_ok());
    }
    // Text in UTF-16 is named.
    let utf16: Vec<u8> = both.encode_utf16().flat_map(u16::to_le_bytes).collect();
    files.write("utf16", &[&[0xff, 0xfe][..], &utf16].concat());
    let error = Identity::from_file(files.path("utf16"), &mut NoPassphrase).unwrap_err();
    assert!(error.to_string().contains("iconv -f UTF-16 -t UTF-8 FILE > NEW"), "{error}");
    // The constructor without passphrases puts the chain in order, too.
    files.shell("cat root.pem ca.pem cert.pem > reversed.pem");
    is_whole(Identity::from_pem_files(files.path("reversed.pem"), files.path("key.pem")), "reversed");
}
