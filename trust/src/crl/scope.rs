//! Which certificates of its issuer a list covers: issuingDistributionPoint (RFC 5280 §5.2.5).

use alloc::vec::Vec;

use crate::{
    crl::CrlProblem,
    der::{CONTEXT_0, CONTEXT_1, Elements, Malformed, SEQUENCE},
    x509::{Certificate, boolean},
};

/// id-ce-cRLDistributionPoints.
const CRL_DISTRIBUTION_POINTS: &[u8] = b"\x55\x1d\x1f";
// Fields of an IssuingDistributionPoint, primitive.
const ONLY_USER: u8 = 0x81;
const ONLY_CA: u8 = 0x82;
const ONLY_SOME_REASONS: u8 = 0x83;
const INDIRECT: u8 = 0x84;
const ONLY_ATTRIBUTE: u8 = 0x85;

/// All certificates of the issuer, or a part of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    only_user: bool,
    only_ca: bool,
    /// GeneralNames of the distribution point, in DER; empty if the list is for all.
    points: Vec<Vec<u8>>,
}

impl Scope {
    /// Reads the value of the extension.
    pub(super) fn read(value: &[u8]) -> Result<Self, CrlProblem> {
        let mut fields = Elements::of_sequence(value)?;
        let points = match fields.optional(CONTEXT_0)? {
            Some(field) => full_name(field)?.ok_or(CrlProblem::RelativeName)?,
            None => Vec::new(),
        };
        let only_user = boolean(fields.optional(ONLY_USER)?)?;
        let only_ca = boolean(fields.optional(ONLY_CA)?)?;
        if fields.optional(ONLY_SOME_REASONS)?.is_some() {
            return Err(CrlProblem::SomeReasons);
        }
        if boolean(fields.optional(INDIRECT)?)? {
            return Err(CrlProblem::Indirect);
        }
        if boolean(fields.optional(ONLY_ATTRIBUTE)?)? {
            return Err(CrlProblem::AttributeCertificates);
        }
        fields.end()?;
        Ok(Self { only_user, only_ca, points })
    }

    /// Whether the list says something about this certificate of its issuer.
    pub(super) fn covers(&self, certificate: &Certificate<'_>, is_ca: bool) -> bool {
        let of_kind = !(self.only_user && is_ca || self.only_ca && !is_ca);
        of_kind
            && (self.points.is_empty()
                || points_of(certificate)
                    .is_ok_and(|points| points.iter().any(|point| self.points.contains(point))))
    }
}

/// The GeneralNames of a DistributionPointName; `None` if the name is relative to the issuer's.
fn full_name(name: &[u8]) -> Result<Option<Vec<Vec<u8>>>, Malformed> {
    let mut choice = Elements(name);
    if choice.optional(CONTEXT_1)?.is_some() {
        return Ok(None);
    }
    let mut names = Elements(choice.expect(CONTEXT_0)?);
    choice.end()?;
    let mut all = Vec::new();
    while let Some(tag) = names.tag() {
        all.push(names.expect_whole(tag)?.to_vec());
    }
    Ok(Some(all))
}

/// The names of the distribution points of a certificate (RFC 5280 §4.2.1.13), except those of lists for some
/// reasons or of other issuers.
fn points_of(certificate: &Certificate<'_>) -> Result<Vec<Vec<u8>>, Malformed> {
    let Some(value) = certificate.extensions.find(CRL_DISTRIBUTION_POINTS)? else { return Ok(Vec::new()) };
    let mut list = Elements::of_sequence(value)?;
    let mut all = Vec::new();
    while list.tag().is_some() {
        let mut point = Elements(list.expect(SEQUENCE)?);
        let name = point.optional(CONTEXT_0)?;
        if let (Some(name), Ok(())) = (name, point.end()) {
            all.extend(full_name(name)?.unwrap_or_default());
        }
    }
    Ok(all)
}
