//! Name constraints (RFC 5280 §4.2.1.10): which names a CA may certify.

use core::{fmt, net::IpAddr, str::FromStr};

use rcgen::{CidrSubnet, GeneralSubtree};
use rustls_pki_types::DnsName;
use x509_cert::ext::pkix::{constraints::name, name::GeneralName};

use crate::AltName;

/// A DNS name with all names below it, or a network.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subtree {
    /// This name and every name below it, in lower case. Empty: every DNS name.
    Dns(String),
    /// The addresses that begin with the same bits.
    Ip {
        /// An address of the network; its other bits are zero.
        address: IpAddr,
        /// How many bits.
        prefix: u8,
    },
}

/// What is neither a DNS name nor a network.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadSubtree(pub String);

/// Which names a CA may certify. The default permits every name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameConstraints {
    permitted: Vec<Subtree>,
    excluded: Vec<Subtree>,
}

impl Subtree {
    /// Every DNS name, and every address: what is excluded where only the other kind is permitted.
    fn everything() -> [Self; 3] {
        [Self::Dns(String::new()), Self::network([0; 4].into(), 0), Self::network([0; 16].into(), 0)]
    }

    /// With the bits behind the prefix cleared.
    fn network(address: IpAddr, prefix: u8) -> Self {
        let address = match address {
            IpAddr::V4(v4) => IpAddr::V4((u32::from(v4) & mask32(prefix)).into()),
            IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & mask128(prefix)).into()),
        };
        Self::Ip { address, prefix }
    }

    /// Whether all of `name` is in the subtree.
    fn contains(&self, name: &AltName) -> bool {
        match (self, name) {
            (Self::Dns(parent), AltName::Dns(name)) => {
                is_below(name.strip_prefix("*.").unwrap_or(name), parent)
            }
            (Self::Ip { address, prefix }, AltName::Ip(ip)) => {
                let is_same_kind = address.is_ipv4() == ip.is_ipv4();
                is_same_kind && Self::network(*ip, *prefix) == Self::network(*address, *prefix)
            }
            _ => false,
        }
    }

    /// Whether some name that `name` stands for is in the subtree: `*.example.com` stands for
    /// `a.example.com`.
    fn touches(&self, name: &AltName) -> bool {
        match (self, name) {
            (Self::Dns(parent), AltName::Dns(name)) if name.starts_with("*.") => {
                let base = name.strip_prefix("*.").unwrap_or(name);
                is_below(base, parent) || is_below(parent, base)
            }
            _ => self.contains(name),
        }
    }

    fn is_dns(&self) -> bool {
        matches!(self, Self::Dns(_))
    }

    fn to_rcgen(&self) -> GeneralSubtree {
        match self {
            Self::Dns(name) => GeneralSubtree::DnsName(name.clone()),
            Self::Ip { address, prefix } => {
                GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*address, *prefix))
            }
        }
    }

    /// Of a decoded extension. `None` for another kind of name, and for a mask with gaps.
    fn from_general(name: &GeneralName) -> Option<Self> {
        match name {
            GeneralName::DnsName(name) => {
                Some(Self::Dns(name.as_str().trim_start_matches('.').to_ascii_lowercase()))
            }
            GeneralName::IpAddress(bytes) => match bytes.as_bytes().len() {
                8 => {
                    let (address, mask) = bytes.as_bytes().split_first_chunk::<4>()?;
                    let mask = u32::from_be_bytes(<[u8; 4]>::try_from(mask).ok()?);
                    let prefix = u8::try_from(mask.leading_ones()).ok()?;
                    (mask32(prefix) == mask).then(|| Self::network(IpAddr::from(*address), prefix))
                }
                32 => {
                    let (address, mask) = bytes.as_bytes().split_first_chunk::<16>()?;
                    let mask = u128::from_be_bytes(<[u8; 16]>::try_from(mask).ok()?);
                    let prefix = u8::try_from(mask.leading_ones()).ok()?;
                    (mask128(prefix) == mask).then(|| Self::network(IpAddr::from(*address), prefix))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

fn mask32(prefix: u8) -> u32 {
    u32::MAX.checked_shr(prefix.into()).map_or(u32::MAX, |host| !host)
}

fn mask128(prefix: u8) -> u128 {
    u128::MAX.checked_shr(prefix.into()).map_or(u128::MAX, |host| !host)
}

/// Whether a DNS name is `parent` or below it.
fn is_below(name: &str, parent: &str) -> bool {
    let above = name.strip_suffix(parent);
    above.is_some_and(|above| above.is_empty() || above.ends_with('.') || parent.is_empty())
}

impl NameConstraints {
    /// Permits this subtree. The first one excludes every DNS name and address that is not permitted, also
    /// of the other kind: RFC 5280 leaves a kind of name that no permitted subtree has unrestricted.
    #[must_use]
    pub fn permit(mut self, subtree: Subtree) -> Self {
        self.permitted.push(subtree);
        self
    }

    /// Excludes this subtree, also where it is inside of a permitted one.
    #[must_use]
    pub fn exclude(mut self, subtree: Subtree) -> Self {
        self.excluded.push(subtree);
        self
    }

    /// The permitted subtrees; empty: every name that is not excluded.
    pub fn permitted(&self) -> &[Subtree] {
        &self.permitted
    }

    /// The excluded subtrees.
    pub fn excluded(&self) -> &[Subtree] {
        &self.excluded
    }

    /// Whether the CA may certify this name.
    pub fn permits(&self, name: &AltName) -> bool {
        let Some(host) = name.host() else {
            // A URI without a host is in no subtree; one whose host cannot be read may be in each.
            let is_hidden = matches!(name, AltName::Uri(uri) if uri.contains("://"));
            return self.permitted.is_empty() && (!is_hidden || self.excluded.is_empty());
        };
        let is_permitted = self.permitted.is_empty() || self.permitted.iter().any(|one| one.contains(&host));
        is_permitted && !self.excluded.iter().any(|one| one.touches(&host))
    }

    /// The extension; `None` where nothing is constrained.
    pub(crate) fn to_rcgen(&self) -> Option<rcgen::NameConstraints> {
        let mut excluded = self.excluded.clone();
        if !self.permitted.is_empty() {
            let is_other = |one: &Subtree| {
                !self.permitted.iter().any(|permitted| match (permitted, one) {
                    (Subtree::Ip { address: left, .. }, Subtree::Ip { address: right, .. }) => {
                        left.is_ipv4() == right.is_ipv4()
                    }
                    _ => permitted.is_dns() && one.is_dns(),
                })
            };
            excluded.extend(Subtree::everything().into_iter().filter(is_other));
        }
        let written = |list: &[Subtree]| list.iter().map(Subtree::to_rcgen).collect();
        let is_empty = self.permitted.is_empty() && excluded.is_empty();
        (!is_empty).then(|| rcgen::NameConstraints {
            permitted_subtrees: written(&self.permitted),
            excluded_subtrees: written(&excluded),
        })
    }

    /// Of a decoded extension; `None` if it constrains what is not known here.
    pub(crate) fn from_extension(extension: &name::NameConstraints) -> Option<Self> {
        let read = |list: &Option<name::GeneralSubtrees>| {
            let list = list.as_deref().unwrap_or_default();
            list.iter().map(|subtree| Subtree::from_general(&subtree.base)).collect::<Option<Vec<_>>>()
        };
        Some(Self {
            permitted: read(&extension.permitted_subtrees)?,
            excluded: read(&extension.excluded_subtrees)?,
        })
    }
}

/// `example.com`, `192.0.2.0/24`, `2001:db8::/32`, or an address.
impl FromStr for Subtree {
    type Err = BadSubtree;

    fn from_str(text: &str) -> Result<Self, BadSubtree> {
        let bad = || BadSubtree(text.to_owned());
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::network(address, if address.is_ipv4() { 32 } else { 128 }));
        }
        if let Some((address, prefix)) = text.split_once('/') {
            let address: IpAddr = address.parse().map_err(|_| bad())?;
            let prefix: u8 = prefix.parse().map_err(|_| bad())?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            return if prefix <= most { Ok(Self::network(address, prefix)) } else { Err(bad()) };
        }
        let is_host = !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        match DnsName::try_from(text) {
            Ok(_) if is_host && !text.ends_with('.') => Ok(Self::Dns(text.to_ascii_lowercase())),
            _ => Err(bad()),
        }
    }
}

impl fmt::Display for Subtree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) if name.is_empty() => f.write_str("every DNS name"),
            Self::Dns(name) => f.write_str(name),
            Self::Ip { address, prefix } => write!(f, "{address}/{prefix}"),
        }
    }
}

impl fmt::Display for NameConstraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |list: &[&Subtree]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let permitted: Vec<&Subtree> = self.permitted.iter().collect();
        // That a kind of name is excluded as a whole follows from the permitted names.
        let is_implied = |one: &&Subtree| !permitted.is_empty() && Subtree::everything().contains(one);
        let excluded: Vec<&Subtree> = self.excluded.iter().filter(|one| !is_implied(one)).collect();
        match (permitted.is_empty(), excluded.is_empty()) {
            (true, true) => f.write_str("every name"),
            (false, true) => f.write_str(&text(&permitted)),
            (true, false) => write!(f, "every name but {}", text(&excluded)),
            (false, false) => write!(f, "{} but not {}", text(&permitted), text(&excluded)),
        }
    }
}

impl fmt::Display for BadSubtree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(found) = self;
        write!(f, "expected a DNS name, an address or a network such as 192.0.2.0/24, found {found:?}")?;
        match found.strip_prefix("*.").or_else(|| found.strip_prefix('.')) {
            Some(rest) => write!(f, "; {rest} includes every name below it"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for BadSubtree {}
