//! The sentences of each code: what is wrong, what peers say, and the fix. One table.
//! Long because: it is a table of all codes.

use crate::{Code, Severity};

/// What is said about a code.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Words {
    /// Its name for scripts.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong.
    pub title: &'static str,
    /// What a peer, a CA or a tool says or does about it.
    pub peer: &'static str,
    /// What to change.
    pub fix: &'static str,
}

/// One row for each code; the compiler demands every code.
macro_rules! table {
    ($($code:ident $severity:ident $id:literal $title:literal, $peer:literal, $fix:literal;)+) => {
        pub(crate) fn of(code: Code) -> &'static Words {
            match code {
                $(Code::$code => &Words {
                    id: $id,
                    severity: Severity::$severity,
                    title: $title,
                    peer: $peer,
                    fix: $fix,
                },)+
            }
        }

        #[cfg(test)]
        const ALL: &[Code] = &[$(Code::$code),+];
    };
}

table! {
    NotRecognised Error "not-recognised"
        "the file is not a request, certificate, key, PKCS#12 or CRL",
        "Tools say that they cannot load it.",
        "Check that it is the right file, and that it was copied in binary mode.";
    Utf16 Error "utf-16"
        "the file is text in UTF-16",
        "OpenSSL: \"no start line\".",
        "Save it as ASCII or UTF-8 (PowerShell: Out-File -Encoding ascii).";
    EscapedNewlines Error "escaped-newlines"
        "line ends are written as the two characters \\n",
        "OpenSSL: \"no start line\" or \"bad base64 decode\".",
        "Replace each \\n by a line end (printf '%b').";
    PemHeaderMissing Warning "pem-header-missing"
        "base64 without the lines -----BEGIN …----- and -----END …-----",
        "OpenSSL: \"no start line\".",
        "Put the two lines around it.";
    PemEndMissing Error "pem-end-missing"
        "the -----END …----- line is missing",
        "OpenSSL: \"bad end line\"; others take the section as absent.",
        "Copy the file again, to its last line.";
    PemLabel Error "pem-label"
        "the -----BEGIN and -----END lines have different labels",
        "OpenSSL: \"bad end line\".",
        "Use the same label in both lines; two files may have been joined in the middle of a line.";
    PemCharacter Error "pem-character"
        "a character that is not base64",
        "OpenSSL: \"bad base64 decode\".",
        "Copy the file again; mail programs and editors change characters.";
    PemCut Error "pem-cut"
        "the base64 ends in the middle of a group of four characters",
        "OpenSSL: \"bad base64 decode\".",
        "Copy the file again; characters are missing.";
    PemEmpty Error "pem-empty"
        "a PEM section without content",
        "Tools say that they cannot load it.",
        "Write the file again.";
    LegacyEncryption Warning "legacy-encryption"
        "a private key in the older encryption of OpenSSL, with MD5 as key derivation",
        "Java, Go and rustls do not read it; it protects weak passphrases badly.",
        "openssl pkey -in KEY -aes256 -out NEW";
    FileTruncated Error "file-truncated"
        "the structure ends before its announced length",
        "Parsers refuse it: OpenSSL says \"too long\" or \"not enough data\".",
        "Copy the file again; if a program of yours writes it, the outer length is wrong.";
    BytesBehind Error "bytes-behind"
        "bytes follow behind the end of a structure",
        "GnuTLS refuses it (\"Error in DER parsing\"); OpenSSL and Java ignore the bytes behind a whole file.",
        "Remove the bytes, or correct the length in front.";
    LengthBeyond Error "length-beyond"
        "a length reaches beyond the structure around it",
        "OpenSSL: \"too long\".",
        "Compute the length from the content, and the lengths around it afterwards.";
    LengthForm Error "length-form"
        "a length is not in the form that DER requires",
        "Parsers of DER (Java, Go, rustls) refuse it; OpenSSL accepts some forms.",
        "Write lengths below 128 in one byte, longer ones in as few bytes as possible.";
    FieldMissing Error "field-missing"
        "a field is missing",
        "Parsers refuse the structure.",
        "Write the field that is expected at this byte.";
    UnexpectedField Error "unexpected-field"
        "another field than expected",
        "OpenSSL: \"wrong tag\".",
        "Check the length of the field in front of this byte first, then the order of the fields.";
    SpkiLength Error "spki-length"
        "the length of SubjectPublicKeyInfo does not match its content",
        "Parsers lose their place and complain about a later field: OpenSSL \"too long\" or \"wrong tag\", GnuTLS \"Error in TAG\", Java \"not enough content\".",
        "Do not copy the header 30 59 30 13 of another key: compute the length from this key.";
    BitStringLength Error "bit-string-length"
        "the length of the public key's BIT STRING does not match its content",
        "Parsers lose their place: OpenSSL \"too long\" or \"wrong tag\".",
        "Compute it: one byte for the unused bits, and the bytes of the key.";
    UnusedBits Error "unused-bits"
        "a BIT STRING of whole bytes says that bits are unused",
        "OpenSSL: \"decode error\" of the key; for values from 8 on it refuses the structure.",
        "Write 00 as its first byte.";
    UnusedBitsMissing Error "unused-bits-missing"
        "the byte 00 in front of the public key is missing",
        "The first byte of the point is taken as the number of unused bits: OpenSSL cannot decode the key.",
        "Write 00 between the length of the BIT STRING and the point.";
    KeyEmpty Error "key-empty"
        "the public key is empty",
        "OpenSSL: \"decode error\" of the key; Java: \"Invalid EC key\"; CAs refuse the request.",
        "Check the result of the call that exports the public key: it failed, or its error was ignored.";
    KeyTruncated Error "key-truncated"
        "the public key is too short",
        "OpenSSL reads the request and cannot use the key: \"decode error\".",
        "Write the whole point; a buffer was too small or a string ended at a byte 00.";
    KeyWithoutForm Error "key-without-form"
        "the point begins with its coordinates: the byte 04 in front is missing",
        "OpenSSL reads the request and cannot use the key: \"decode error\".",
        "Write 04 in front of x and y.";
    KeyForm Error "key-form"
        "the first byte of the point is not 04",
        "OpenSSL: \"decode error\"; Java: \"Invalid EC key\".",
        "Export the key again: a buffer of zeros was never filled, or it is another structure.";
    KeyCompressed Warning "key-compressed"
        "the point is compressed",
        "OpenSSL accepts it; GnuTLS, Java (\"Invalid EC key\"), Go, rustls and TLS 1.3 (RFC 8446 §4.2.8.2) do not.",
        "Write the uncompressed point: 04, x, y.";
    KeyNestedSpki Error "key-nested-spki"
        "a whole SubjectPublicKeyInfo stands in the place of the key inside of it",
        "Parsers cannot decode the key.",
        "The call already returns SubjectPublicKeyInfo: write it as it is, without a header of your own.";
    KeyWrapped Error "key-wrapped"
        "the point is wrapped in an OCTET STRING",
        "OpenSSL reads the request and cannot use the key: \"decode error\".",
        "PKCS#11 returns CKA_EC_POINT in an OCTET STRING: remove its tag and length (04 41).";
    KeyIsText Error "key-is-text"
        "the key is text, such as hex or base64, in place of bytes",
        "Parsers cannot decode the key.",
        "Decode the text, and write the bytes.";
    KeyIsPrivate Error "key-is-private"
        "the private key is in the public structure, behind the point",
        "Parsers cannot decode the key; every reader of the file now has the private key.",
        "Make a new key: this one is no longer secret. Then export the public key, not the key pair.";
    KeyOfOtherCurve Error "key-of-other-curve"
        "the point is as long as a point of another curve",
        "OpenSSL reads the request and cannot use the key: \"decode error\".",
        "Name the curve of the key in the algorithm, or use the key that was meant.";
    KeyIsRsa Error "key-is-rsa"
        "an RSA public key under the algorithm of an EC key",
        "Parsers cannot decode the key; a TLS library that trusts the name offers wrong schemes.",
        "Write rsaEncryption and NULL as the algorithm, or use the EC key that was meant.";
    KeyIsOtherLength Error "key-length"
        "the public key has a length that no key of this kind has",
        "Parsers cannot decode the key.",
        "Write the public key alone, as the algorithm requires it.";
    KeyOffCurve Error "key-off-curve"
        "the point is not on its curve",
        "OpenSSL: \"decode error\" of the key; a handshake with such a point ends with alert 47.",
        "The bytes were changed, or x and y were swapped or reversed: export the key again.";
    CurveMissing Error "curve-missing"
        "the algorithm of an EC key names no curve",
        "OpenSSL: \"decode error\" of the key.",
        "Write the curve's OBJECT IDENTIFIER behind id-ecPublicKey.";
    CurveExplicit Error "curve-explicit"
        "the curve is given by its parameters in place of its name",
        "Java, Go and rustls refuse it; OpenSSL 3 refuses it in certificates (RFC 5480 §2.1.1).",
        "Name the curve (openssl ec -param_enc named_curve).";
    KeyAlgorithmUnknown Warning "key-algorithm"
        "an algorithm or curve that TLS peers commonly do not support",
        "Many peers refuse it as an unsupported certificate (alert 43).",
        "Use P-256, P-384, Ed25519 or RSA.";
    RsaMalformed Error "rsa-malformed"
        "the RSA public key is malformed",
        "Parsers cannot decode the key.",
        "Write RSAPublicKey: SEQUENCE of modulus and exponent, both positive INTEGERs.";
    RsaSmall Error "rsa-small"
        "the RSA key is too small",
        "OpenSSL at its default level: \"ee key too small\"; browsers and CAs refuse it.",
        "Make a key of 2048 bits or more, or of P-256.";
    SignatureAlgorithmUnknown Warning "signature-algorithm"
        "a signature algorithm that TLS peers commonly do not support",
        "Peers refuse the certificate (alert 42 or 43).",
        "Sign with ECDSA and SHA-256, Ed25519, or RSA and SHA-256.";
    SignatureAlgorithmOfOtherKey Error "signature-algorithm-of-other-key"
        "the signature algorithm does not belong to the kind of key",
        "OpenSSL: \"wrong public key type\"; Java: \"Invalid key\"; CAs refuse the request.",
        "Name the algorithm that the key signs with, such as ecdsa-with-SHA256 for P-256.";
    SignatureAlgorithmsDiffer Error "signature-algorithms-differ"
        "the signature algorithm inside differs from the one outside",
        "OpenSSL and others refuse it (RFC 5280 §4.1.1.2).",
        "Write the same AlgorithmIdentifier in both fields, then sign again.";
    SignatureSha1 Error "signature-sha1"
        "the signature uses SHA-1",
        "OpenSSL 3 at its default level: \"ca md too weak\"; browsers, Java and CAs refuse it.",
        "Sign with SHA-256.";
    SignatureMd5 Error "signature-md5"
        "the signature uses MD5, which can be forged",
        "All current peers refuse it.",
        "Sign with SHA-256.";
    SignatureRaw Error "signature-raw"
        "the ECDSA signature is r and s side by side in place of DER",
        "openssl req -verify: \"EVP lib\"; Java: \"Invalid encoding for signature\"; CAs refuse the request.",
        "Encode it: SEQUENCE of the two INTEGERs r and s. PKCS#11 and WebCrypto return r and s side by side.";
    SignatureMalformed Error "signature-malformed"
        "the signature is malformed",
        "The verification fails.",
        "Encode an ECDSA signature as SEQUENCE of two positive INTEGERs in their shortest form.";
    SignatureOfHash Error "signature-of-hash"
        "the signature is of the hash of the content: it was hashed twice",
        "The verification fails (openssl req -verify and certtool exit with 0); CAs refuse the request.",
        "Give the message to a call that hashes, or the hash to a call that does not.";
    SignatureInvalid Error "signature-invalid"
        "the signature does not verify under the key inside",
        "openssl req -verify prints \"verify failure\" and certtool \"FAILED\": both exit with 0; CAs refuse the request.",
        "Sign exactly the bytes of the inner SEQUENCE, tag and length included, with the key that is in it.";
    SignatureNotChecked Note "signature-not-checked"
        "this program cannot verify this kind of signature",
        "Peers that support it verify it.",
        "Check it with openssl.";
    AttributesMissing Error "attributes-missing"
        "the attributes of the request are missing",
        "OpenSSL and Java accept it; GnuTLS refuses it (\"Error in TAG\"): RFC 2986 §4.1 requires the field.",
        "Write a0 00 behind the public key: the field may be empty and not absent (RFC 2986 §4.1).";
    RequestVersion Error "request-version"
        "the version of the request is not 0",
        "OpenSSL and GnuTLS accept it; Java refuses it (\"not PKCS #10 v1\"): RFC 2986 §4.1 permits 0 alone.",
        "Write 02 01 00: version 1 is the number 0.";
    RequestSanMissing Warning "request-san-missing"
        "the request asks for no subjectAltName",
        "A CA that copies the request issues a certificate without names, and peers do not find theirs in it.",
        "Ask for the names in an extensionRequest (openssl req -addext subjectAltName=DNS:NAME).";
    SubjectEmpty Error "subject-empty"
        "neither a subject nor a name",
        "CAs refuse it.",
        "Name the subject.";
    CertificateVersion Error "certificate-version"
        "the version of the certificate is wrong",
        "Browsers, Go and rustls refuse certificates of version 1.",
        "Issue it as version 3 (openssl x509 -req -extfile …).";
    Expired Error "expired"
        "the certificate has expired",
        "Alert 45 (certificate_expired); OpenSSL: \"certificate has expired\".",
        "Renew it, or correct the clock of the peer.";
    NotYetValid Error "not-yet-valid"
        "it is not yet valid",
        "OpenSSL: \"certificate is not yet valid\" (alert 42 or 46).",
        "Correct the clock, or the start of validity.";
    ValidityReversed Error "validity-reversed"
        "the end of validity lies before its start",
        "It is never valid: alert 45.",
        "Issue it again.";
    TimeMalformed Error "time-malformed"
        "a time is not in the form of RFC 5280",
        "Parsers refuse it.",
        "Write UTC with seconds and Z.";
    LongValidity Note "long-validity"
        "a long time of validity",
        "Browsers refuse it from public CAs, not from private ones.",
        "Leave it for a private CA; shorten it for a public one.";
    SanMissing Warning "san-missing"
        "the certificate has no subjectAltName",
        "As a server's: browsers, Go, rustls and curl find no name in it (alert 42). As a client's or pinned: accepted.",
        "Issue it with the names of the server as DNS names and IP addresses.";
    SanEmpty Error "san-empty"
        "the subjectAltName is empty",
        "Parsers refuse it (RFC 5280 §4.2.1.6).",
        "Write a name, or leave the extension out.";
    CaNotCritical Warning "ca-not-critical"
        "basicConstraints of a CA is not critical",
        "Strict verifiers (openssl verify -x509_strict) refuse it.",
        "Mark it critical.";
    IssuerNotCa Error "issuer-not-ca"
        "the issuer of this certificate is not a CA",
        "OpenSSL: \"invalid CA certificate\" (alert 48).",
        "Issue the CA with basicConstraints CA:TRUE and keyCertSign.";
    PathLength Error "path-length"
        "more CAs than the issuer permits",
        "OpenSSL: \"path length constraint exceeded\" (alert 48).",
        "Issue from a CA above, or a CA with a larger pathLenConstraint.";
    KeyUsageSignature Error "key-usage-signature"
        "keyUsage does not permit signatures",
        "TLS 1.3 and ECDHE peers refuse it (alert 42 or 43).",
        "Issue it with digitalSignature.";
    KeyUsageCertSign Error "key-usage-cert-sign"
        "a CA without keyCertSign",
        "OpenSSL: \"invalid CA certificate\" (alert 48).",
        "Issue the CA with keyCertSign.";
    KeyUsageMalformed Error "key-usage-malformed"
        "keyUsage is malformed",
        "Verifiers refuse the certificate.",
        "Set at least one of the nine bits.";
    EkuOther Error "eku-other"
        "the extended key usage permits neither TLS servers nor clients",
        "OpenSSL: \"unsuitable certificate purpose\" (alert 43).",
        "Issue it with serverAuth, clientAuth or both, or without the extension.";
    EkuPurpose Error "eku-purpose"
        "the extended key usage does not permit this purpose",
        "OpenSSL: \"unsuitable certificate purpose\" (alert 43).",
        "Issue it with that purpose, or without the extension.";
    NameNotCovered Error "name-not-covered"
        "the certificate is not for this name",
        "OpenSSL: \"hostname mismatch\" or \"IP address mismatch\" (alert 42).",
        "Issue it with this name as DNS name or IP address, or connect by a name that it has.";
    PurposeNotCa Error "purpose-not-ca"
        "the certificate is not a CA",
        "OpenSSL: \"invalid CA certificate\" (alert 48).",
        "Issue it with basicConstraints CA:TRUE, critical, and keyCertSign.";
    PurposeOfCa Warning "purpose-of-ca"
        "a CA as the certificate of a server or client",
        "rustls refuses it (\"CaUsedAsEndEntity\"); OpenSSL accepts it.",
        "Issue a certificate of its own for the server or client.";
    SerialMalformed Warning "serial-malformed"
        "the serial number is zero, negative or too long",
        "Go refuses negative ones; strict verifiers refuse all (RFC 5280 §4.1.2.2).",
        "Use a random positive number of 16 bytes.";
    ExtensionTwice Error "extension-twice"
        "an extension occurs twice",
        "Parsers refuse it (RFC 5280 §4.2).",
        "Write it once.";
    ExtensionUnknownCritical Error "extension-unknown-critical"
        "a critical extension that common verifiers do not know",
        "OpenSSL: \"unhandled critical extension\".",
        "Mark it as not critical, or use it only with peers that know it.";
    ExtensionMalformed Error "extension-malformed"
        "the value of an extension is malformed",
        "Verifiers refuse the certificate.",
        "See the finding inside of it.";
    ChainOrder Warning "chain-order"
        "the certificates are not in order",
        "TLS 1.2 peers and Mbed TLS may not find the path; TLS 1.3 peers should.",
        "Leaf first, then each issuer of the one before.";
    ChainRootIncluded Note "chain-root"
        "a self-signed root in the chain",
        "Peers ignore it: they trust their own copy.",
        "Leave it out; it costs bytes in every handshake.";
    ChainMissingIntermediate Warning "chain-missing"
        "the issuer is not in the file",
        "If it is not a root of the peer: \"unable to get local issuer certificate\" (alert 48).",
        "Append the certificate of the issuer, unless the peer has it as a root.";
    ChainSignature Error "chain-signature"
        "the signature does not verify under the key of the issuer of that name",
        "OpenSSL: \"certificate signature failure\" (alert 51 or 48).",
        "The CA has another key of the same name: append the right certificate of the issuer.";
    ChainDuplicate Warning "chain-duplicate"
        "the same certificate twice",
        "Some peers refuse it; others ignore it.",
        "Remove the second one.";
    KeyNotOfCertificate Error "key-not-of-certificate"
        "the key does not belong to the certificate in the file",
        "OpenSSL: \"key values mismatch\"; a handshake with it ends with alert 51.",
        "Take the key that the request was made with.";
    KeyEncrypted Note "key-encrypted"
        "the private key is encrypted and was not opened",
        "Servers ask for the passphrase at their start.",
        "Give the passphrase to check the key.";
    PassphraseWrong Error "passphrase-wrong"
        "the passphrase is wrong, or the encrypted key is damaged",
        "OpenSSL: \"bad decrypt\".",
        "Try the passphrase without a line end, and in the encoding of the program that set it.";
    EncryptionUnknown Warning "encryption-unknown"
        "an encryption of private keys that this program does not open",
        "OpenSSL 3 without -provider legacy says \"unsupported\"; Go and rustls do not read it either.",
        "openssl pkey -provider legacy -provider default -in KEY -aes256 -out NEW";
    KeyOldEncryption Warning "key-old-encryption"
        "a private key encrypted by 3DES or RC2 with SHA-1",
        "RC2: OpenSSL 3 without -provider legacy says \"unsupported\"; Go and rustls read neither.",
        "openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY -out NEW";
    PrivateKeyMalformed Error "private-key-malformed"
        "the private key is malformed",
        "Tools say that they cannot load it.",
        "Export it again; public and private half may be of different keys.";
    PrivateKeyUnsupported Error "private-key-unsupported"
        "a kind or size of private key that handclasp does not support",
        "Many peers do not support it either.",
        "Make a key of P-256.";
    CrlIssuerMissing Note "crl-issuer"
        "the issuer of the CRL is not among the files: its signature was not checked",
        "Peers look for it in their chain.",
        "Pass the certificate of the CA, too.";
    CrlIssuerUsage Error "crl-issuer-usage"
        "the issuer of the CRL may not sign CRLs",
        "OpenSSL: \"key usage does not include CRL signing\".",
        "Issue the CA with cRLSign beside keyCertSign.";
    Revoked Error "revoked"
        "the certificate is revoked by the CRL beside it",
        "OpenSSL with -crl_check: \"certificate revoked\" (alert 44).",
        "Ask the CA for a new one, with a new key if the old one is known to others.";
    CrlStale Error "crl-stale"
        "a newer CRL was due",
        "OpenSSL: \"CRL has expired\"; peers that check CRLs refuse every certificate of this CA.",
        "Publish a new CRL.";
    CrlNextUpdateMissing Warning "crl-next-update"
        "the CRL does not say when the next one is due",
        "Some verifiers refuse it (RFC 5280 §5.1.2.5).",
        "Issue it with nextUpdate.";
    CrlNumberMissing Warning "crl-number"
        "the CRL has no cRLNumber",
        "Most verifiers accept it; RFC 5280 §5.2.3 requires it.",
        "Issue it with a cRLNumber.";
    Pkcs12Version Error "pkcs12-version"
        "the version of PKCS#12 is not 3",
        "Tools refuse it.",
        "Export it again.";
    Pkcs12MacMissing Warning "pkcs12-mac"
        "PKCS#12 without a MAC",
        "Java and Windows may refuse it; a wrong passphrase is not recognised as such.",
        "Export it with a MAC.";
    Pkcs12OldEncryption Warning "pkcs12-old-encryption"
        "PKCS#12 in RC2, RC4 or 3DES with SHA-1",
        "OpenSSL 3 without -legacy: \"unsupported algorithm RC2-40-CBC\".",
        "Export it with AES: openssl pkcs12 -legacy -in OLD -out NEW.pem, then openssl pkcs12 -export -in NEW.pem -out NEW.p12";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_has_its_own_name_and_whole_sentences() {
        let ids: BTreeSet<_> = ALL.iter().map(|code| code.id()).collect();
        assert_eq!(ids.len(), ALL.len());
        for code in ALL {
            let words = code.words();
            assert!(!words.title.ends_with('.') && words.peer.ends_with('.'), "{code:?}");
            assert!(!words.fix.is_empty(), "{code:?}");
        }
    }
}
