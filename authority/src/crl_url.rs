//! Where peers fetch the CRL of the CA (RFC 5280 §4.2.1.13), and the file that keeps it.

use core::{fmt, str::FromStr};

use rcgen::CrlDistributionPoint;

use crate::{AltName, AuthorityError, AuthorityFolder, AuthorityProblem};

/// The file in the folder of a CA, one URL a line.
pub(crate) const FILE: &str = "crl-url";

const PREFIX: &str = "http://";

/// A URL that certificates name as the place of the CRL: `http://`, since a peer that fetched it over TLS would
/// have to verify a certificate first (RFC 5280 §8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrlUrl(String);

/// What is not a URL of a CRL.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadCrlUrl(pub String);

impl FromStr for CrlUrl {
    type Err = BadCrlUrl;

    fn from_str(text: &str) -> Result<Self, BadCrlUrl> {
        let scheme = text.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX));
        let read = if scheme { text.parse::<AltName>().ok() } else { None };
        match read.filter(|name| name.host().is_some()) {
            Some(AltName::Uri(url)) => Ok(Self(url)),
            _ => Err(BadCrlUrl(text.to_owned())),
        }
    }
}

impl fmt::Display for CrlUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for BadCrlUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text) = self;
        write!(f, "{text:?} is not a URL of a CRL: expected http://HOST/PATH")?;
        if text.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://")) {
            f.write_str(
                " (not https: peers would verify a certificate to fetch the CRL; the CRL is signed itself)",
            )?;
        }
        Ok(())
    }
}

impl core::error::Error for BadCrlUrl {}

impl AuthorityFolder {
    /// Where certificates say that peers find the CRL. Empty: nowhere.
    ///
    /// # Errors
    /// A file that cannot be read, or has a line that is not such a URL.
    pub fn crl_urls(&self) -> Result<Vec<CrlUrl>, AuthorityError> {
        self.read_crl_urls().map_err(|problem| self.failed(problem))
    }

    pub(crate) fn read_crl_urls(&self) -> Result<Vec<CrlUrl>, AuthorityProblem> {
        let Some(file) = self.read_if_there(FILE)? else { return Ok(Vec::new()) };
        let text = String::from_utf8_lossy(&file);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(|line| line.parse().map_err(AuthorityProblem::CrlUrl)).collect()
    }
}

/// The content of the file.
pub(crate) fn file(urls: &[CrlUrl]) -> String {
    urls.iter().map(|url| format!("{url}\n")).collect()
}

/// The extension: one distribution point, whose names are different ways to the same CRL.
pub(crate) fn distribution_points(urls: &[CrlUrl]) -> Vec<CrlDistributionPoint> {
    let uris: Vec<String> = urls.iter().map(CrlUrl::to_string).collect();
    if uris.is_empty() { Vec::new() } else { vec![CrlDistributionPoint { uris }] }
}
