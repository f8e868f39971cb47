//! A certificate revocation list (RFC 5280 §5), read and checked for what it covers. Its signature is verified
//! when a chain is, under the key of the certificate's issuer, once for each key.

mod check;
mod error;
mod index;
mod lists;
mod revocation;
mod scope;
mod verdicts;

use alloc::{string::String, vec::Vec};
use core::{fmt, time::Duration};

use rustls_pki_types::UnixTime;

pub(crate) use check::PathChecker;
pub use error::{CrlError, CrlProblem};
pub use lists::Crls;
pub use revocation::{Revocation, RevocationReason};

use crate::{
    chain::time,
    der::{CONTEXT_0, Elements, INTEGER, Malformed, SEQUENCE},
    distinguished_name::distinguished_name,
    x509::{Certificate, Extension, Extensions},
};
use index::Index;
use scope::Scope;
use verdicts::Verdicts;

/// UTCTime and GeneralizedTime.
const TIMES: [u8; 2] = [0x17, 0x18];
/// Content of the version field of a list of version 2; version 1 has no field.
const V2: &[u8] = &[1];
const ENUMERATED: u8 = 0x0a;

// Extensions of lists and their entries, in the arc id-ce (2.5.29).
const CRL_NUMBER: &[u8] = b"\x55\x1d\x14";
const REASON_CODE: &[u8] = b"\x55\x1d\x15";
const INVALIDITY_DATE: &[u8] = b"\x55\x1d\x18";
const DELTA_CRL_INDICATOR: &[u8] = b"\x55\x1d\x1b";
const ISSUING_DISTRIBUTION_POINT: &[u8] = b"\x55\x1d\x1c";
const CERTIFICATE_ISSUER: &[u8] = b"\x55\x1d\x1d";
const AUTHORITY_KEY_IDENTIFIER: &[u8] = b"\x55\x1d\x23";

/// A certificate revocation list: complete, and of certificates of its own issuer.
#[derive(Clone)]
pub struct Crl {
    /// The tbsCertList with tag and length: the signed message.
    signed: Vec<u8>,
    /// Content of the AlgorithmIdentifier of the signature.
    algorithm: Vec<u8>,
    signature: Vec<u8>,
    /// Name of the issuer, with tag and length.
    issuer: Vec<u8>,
    this_update: u64,
    next_update: u64,
    /// Content of the cRLNumber without leading zeros; empty if there is none.
    number: Vec<u8>,
    scope: Scope,
    /// Certificates on the list.
    entries: Index,
    verdicts: Verdicts,
}

impl Crl {
    /// From DER.
    ///
    /// # Errors
    /// Bytes that are not a complete list of certificates of one issuer.
    pub fn from_der(der: &[u8]) -> Result<Self, CrlProblem> {
        if Certificate::read(der).is_ok() {
            return Err(CrlProblem::Certificate);
        }
        let mut outer = Elements::of_sequence(der)?;
        let signed = outer.expect_whole(SEQUENCE)?;
        let (algorithm, signature) = (outer.expect(SEQUENCE)?, outer.expect_bytes()?);
        outer.end()?;

        let fields = Fields::read(signed)?;
        // RFC 5280 §5.1.1.2: the signed copy is the same.
        if fields.algorithm != algorithm {
            return Err(CrlProblem::Malformed);
        }
        let next_update = fields.next_update.ok_or(CrlProblem::NoNextUpdate)?;
        let (mut number, mut scope) = (&[][..], Scope::default());
        let mut extensions = fields.extensions;
        while !extensions.is_empty() {
            let Extension { id, is_critical, value } = extensions.take()?;
            match id {
                CRL_NUMBER => number = whole(INTEGER, value)?,
                ISSUING_DISTRIBUTION_POINT => scope = Scope::read(value)?,
                DELTA_CRL_INDICATOR => return Err(CrlProblem::Delta),
                AUTHORITY_KEY_IDENTIFIER => {}
                _ if is_critical => return Err(CrlProblem::critical(id)),
                _ => {}
            }
        }
        let entries = Index::of(fields.entries, fields.behind_entries)?;
        Ok(Self {
            signed: signed.to_vec(),
            algorithm: algorithm.to_vec(),
            signature: signature.to_vec(),
            issuer: fields.issuer.to_vec(),
            this_update: fields.this_update,
            next_update,
            number: without_zeros(number).to_vec(),
            scope,
            entries,
            verdicts: Verdicts::default(),
        })
    }

    /// The issuer, as text for people: unusual characters are escaped.
    pub fn issuer(&self) -> String {
        distinguished_name(&self.issuer)
    }

    /// When the list was made.
    pub fn this_update(&self) -> UnixTime {
        at(self.this_update)
    }

    /// When the next list is due; afterwards this one is outdated.
    pub fn next_update(&self) -> UnixTime {
        at(self.next_update)
    }

    /// The CRL number, big-endian without leading zeros; empty if the list has none.
    pub fn number(&self) -> &[u8] {
        &self.number
    }

    /// The number of certificates on the list.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no certificate is on the list.
    pub fn is_empty(&self) -> bool {
        self.entries.len() == 0
    }

    /// When and why the certificate of this serial number was revoked.
    fn find(&self, serial: &[u8]) -> Option<(u64, RevocationReason)> {
        let entry = self.entries.find(&self.signed, serial)?;
        Some((entry.date, entry.reason().unwrap_or_default()))
    }
}

/// Shows what the list is, without its entries.
impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crl")
            .field("issuer", &self.issuer())
            .field("number", &self.number)
            .field("next_update", &self.next_update)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// The fields of a TBSCertList (RFC 5280 §5.1.2).
struct Fields<'a> {
    /// Content of the AlgorithmIdentifier.
    algorithm: &'a [u8],
    issuer: &'a [u8],
    this_update: u64,
    next_update: Option<u64>,
    entries: Entries<'a>,
    /// Bytes behind the entries.
    behind_entries: usize,
    extensions: Extensions<'a>,
}

impl<'a> Fields<'a> {
    fn read(signed: &'a [u8]) -> Result<Self, CrlProblem> {
        let mut fields = Elements::of_sequence(signed)?;
        if fields.optional(INTEGER)?.is_some_and(|version| version != V2) {
            return Err(CrlProblem::Version);
        }
        let (algorithm, issuer) = (fields.expect(SEQUENCE)?, fields.expect_whole(SEQUENCE)?);
        let this_update = time::seconds(fields.tag(), fields.take()?)?;
        let next_update = match fields.tag() {
            tag @ Some(found) if TIMES.contains(&found) => Some(time::seconds(tag, fields.take()?)?),
            _ => None,
        };
        let entries = Entries(Elements(fields.optional(SEQUENCE)?.unwrap_or_default()));
        let behind_entries = fields.0.len();
        let extensions = match fields.optional(CONTEXT_0)? {
            Some(field) => Extensions::of(field)?,
            None => Extensions::none(),
        };
        fields.end()?;
        Ok(Self { algorithm, issuer, this_update, next_update, entries, behind_entries, extensions })
    }
}

/// The list of revoked certificates.
struct Entries<'a>(Elements<'a>);

struct Entry<'a> {
    /// Content of the serial number.
    serial: &'a [u8],
    date: u64,
    extensions: Extensions<'a>,
}

impl<'a> Entries<'a> {
    /// Those from the beginning of one.
    fn at(bytes: &'a [u8]) -> Self {
        Self(Elements(bytes))
    }

    fn take(&mut self) -> Result<Option<Entry<'a>>, CrlProblem> {
        if self.0.tag().is_none() {
            return Ok(None);
        }
        let mut fields = Elements(self.0.expect(SEQUENCE)?);
        let serial = fields.expect(INTEGER)?;
        let date = time::seconds(fields.tag(), fields.take()?)?;
        let extensions = match fields.tag() {
            Some(_) => Extensions::of(fields.expect_whole(SEQUENCE)?)?,
            None => Extensions::none(),
        };
        fields.end()?;
        Ok(Some(Entry { serial, date, extensions }))
    }
}

impl Entry<'_> {
    /// The reason. An entry with a critical extension that is not known must not be used (RFC 5280 §5.3).
    fn reason(&self) -> Result<RevocationReason, CrlProblem> {
        let mut reason = RevocationReason::default();
        let mut extensions = self.extensions.clone();
        while !extensions.is_empty() {
            let Extension { id, is_critical, value } = extensions.take()?;
            match id {
                REASON_CODE => match whole(ENUMERATED, value)? {
                    [number] => reason = RevocationReason(*number),
                    _ => return Err(CrlProblem::Malformed),
                },
                CERTIFICATE_ISSUER => return Err(CrlProblem::Indirect),
                INVALIDITY_DATE => {}
                _ if is_critical => return Err(CrlProblem::critical(id)),
                _ => {}
            }
        }
        Ok(reason)
    }
}

/// Content of the one element of that tag.
fn whole(tag: u8, value: &[u8]) -> Result<&[u8], Malformed> {
    let mut elements = Elements(value);
    let content = elements.expect(tag)?;
    elements.end().map(|()| content)
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

fn at(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}
