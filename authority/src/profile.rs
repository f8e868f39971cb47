//! Profiles: what a certificate of each is for, which names it may have and how long it is valid.

use core::{fmt, str::FromStr};

use rcgen::ExtendedKeyUsagePurpose as Purpose;

use crate::AltName;

/// What a certificate is for. The profile decides on key usage, extended key usage and basicConstraints; a
/// request decides on none of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// serverAuth and clientAuth, for a device that is both: DNS names, addresses and URIs, or a subject
    /// alone; 3652 days.
    #[default]
    Device,
    /// serverAuth: at least one DNS name, which may have a wildcard, or address; 397 days, at most 825.
    Server,
    /// clientAuth: any name, or a subject alone; 397 days.
    Client,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Device, Self::Server, Self::Client];

    /// As on the command line and in the list.
    pub fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Server => "server",
            Self::Client => "client",
        }
    }

    /// The validity in days where the caller gives none.
    pub fn default_days(self) -> u32 {
        match self {
            Self::Device => 3652,
            Self::Server | Self::Client => 397,
        }
    }

    /// The most days. Clients of Apple refuse server certificates that are valid for longer than 825 days,
    /// also of private CAs.
    pub fn max_days(self) -> u32 {
        match self {
            Self::Server => 825,
            Self::Device | Self::Client => 36_524,
        }
    }

    pub(crate) fn purposes(self) -> Vec<Purpose> {
        match self {
            Self::Device => vec![Purpose::ServerAuth, Purpose::ClientAuth],
            Self::Server => vec![Purpose::ServerAuth],
            Self::Client => vec![Purpose::ClientAuth],
        }
    }

    /// Why a certificate of this profile cannot have this name.
    pub(crate) fn refuses(self, name: &AltName) -> Option<&'static str> {
        let is_wildcard = matches!(name, AltName::Dns(name) if name.starts_with("*."));
        match (self, name) {
            (Self::Device, _) if is_wildcard => {
                Some("a device has names of its own, and a wildcard is other devices' too")
            }
            (Self::Client, _) if is_wildcard => Some("a wildcard names no client"),
            (Self::Device, AltName::Email(_)) => Some("a mail address is for the profile client"),
            (Self::Server, AltName::Email(_) | AltName::Uri(_)) => {
                Some("clients look up servers by DNS name or address")
            }
            _ => None,
        }
    }

    /// Whether a certificate needs a name in its subjectAltName.
    pub(crate) fn needs_name(self) -> bool {
        self == Self::Server
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|profile| profile.name() == text);
        found.ok_or_else(|| format!("expected device, server or client, found {text}"))
    }
}
