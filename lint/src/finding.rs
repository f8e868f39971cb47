//! Findings: what is wrong, at which byte, as data. The sentences are in `words`.

use std::fmt;

use crate::words::{self, Words};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// A fact that explains something and needs no change.
    Note,
    /// Some peers refuse it, or will.
    Warning,
    /// Peers refuse it.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// The byte that a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// Offset in the DER; `None` where the finding is about text around it.
    pub der: Option<usize>,
    /// Offset in the file: of the base64 character that begins the byte, in PEM; `None` for a byte that was
    /// encrypted in the file.
    pub file: Option<usize>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What.
    pub code: Code,
    /// Where.
    pub place: Place,
    /// What should be there; empty where the code says it.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl Finding {
    /// How much it matters.
    pub fn severity(&self) -> Severity {
        self.code.words().severity
    }
}

impl Code {
    /// Its name for scripts, such as `spki-length`.
    pub fn id(self) -> &'static str {
        self.words().id
    }

    /// What is wrong, what a peer says, and the fix.
    pub fn words(self) -> &'static Words {
        words::of(self)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.code.words();
        write!(f, "{}: {}", words.severity, words.title)?;
        match (self.place.der, self.place.file) {
            (Some(der), Some(file)) if der != file => write!(f, " (DER byte {der}, file byte {file})")?,
            (Some(der), _) => write!(f, " (DER byte {der})")?,
            (None, Some(file)) => write!(f, " (file byte {file})")?,
            (None, None) => {}
        }
        match (self.expected.is_empty(), self.found.is_empty()) {
            (false, false) => write!(f, ": expected {}, found {}", self.expected, self.found),
            (false, true) => write!(f, ": expected {}", self.expected),
            (true, false) => write!(f, ": {}", self.found),
            (true, true) => Ok(()),
        }
    }
}

/// Where findings are collected while one structure is read. Offsets are of its DER.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) findings: Vec<Finding>,
}

impl Log {
    /// A finding at this byte of the DER.
    pub(crate) fn add(
        &mut self,
        code: Code,
        offset: usize,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) {
        let place = Place { der: Some(offset), file: None };
        self.findings.push(Finding { code, place, expected: expected.into(), found: found.into() });
    }

    /// Whether this code was found.
    pub(crate) fn has(&self, code: Code) -> bool {
        self.findings.iter().any(|finding| finding.code == code)
    }
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each has its sentence in `words`")]
pub enum Code {
    // The file.
    NotRecognised,
    Utf16,
    EscapedNewlines,
    PemHeaderMissing,
    PemEndMissing,
    PemLabel,
    PemCharacter,
    PemCut,
    PemEmpty,
    LegacyEncryption,
    // DER.
    FileTruncated,
    BytesBehind,
    LengthBeyond,
    LengthForm,
    FieldMissing,
    UnexpectedField,
    // The public key.
    SpkiLength,
    BitStringLength,
    UnusedBits,
    UnusedBitsMissing,
    KeyEmpty,
    KeyTruncated,
    KeyWithoutForm,
    KeyForm,
    KeyCompressed,
    KeyNestedSpki,
    KeyWrapped,
    KeyIsText,
    KeyIsPrivate,
    KeyOfOtherCurve,
    KeyIsRsa,
    KeyIsOtherLength,
    KeyOffCurve,
    CurveMissing,
    CurveExplicit,
    KeyAlgorithmUnknown,
    RsaMalformed,
    RsaSmall,
    // The signature.
    SignatureAlgorithmUnknown,
    SignatureAlgorithmOfOtherKey,
    SignatureAlgorithmsDiffer,
    SignatureSha1,
    SignatureMd5,
    SignatureRaw,
    SignatureMalformed,
    SignatureOfHash,
    SignatureInvalid,
    SignatureNotChecked,
    // Requests.
    AttributesMissing,
    RequestVersion,
    RequestSanMissing,
    SubjectEmpty,
    // Certificates.
    CertificateVersion,
    Expired,
    NotYetValid,
    ValidityReversed,
    TimeMalformed,
    LongValidity,
    SanMissing,
    SanEmpty,
    CaNotCritical,
    IssuerNotCa,
    PathLength,
    KeyUsageSignature,
    KeyUsageCertSign,
    KeyUsageMalformed,
    EkuOther,
    EkuPurpose,
    NameNotCovered,
    PurposeNotCa,
    PurposeOfCa,
    SerialMalformed,
    ExtensionTwice,
    ExtensionUnknownCritical,
    ExtensionMalformed,
    // Chains.
    ChainOrder,
    ChainRootIncluded,
    ChainMissingIntermediate,
    ChainSignature,
    ChainDuplicate,
    KeyNotOfCertificate,
    // Private keys.
    KeyEncrypted,
    PassphraseWrong,
    EncryptionUnknown,
    KeyOldEncryption,
    PrivateKeyMalformed,
    PrivateKeyUnsupported,
    // CRLs.
    CrlIssuerMissing,
    CrlIssuerUsage,
    Revoked,
    CrlStale,
    CrlNextUpdateMissing,
    CrlNumberMissing,
    // PKCS#12.
    Pkcs12Version,
    Pkcs12MacMissing,
    Pkcs12OldEncryption,
}
