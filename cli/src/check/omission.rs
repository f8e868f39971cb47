//! Extensions that can be omitted from a ClientHello, and how a server reacts.

use std::fmt;

use super::hello::Hello;
use super::probe::Answer;

/// An extension that can be omitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Omission {
    ServerName,
    SupportedGroups,
    SignatureAlgorithms,
    EcPointFormats,
    ExtendedMasterSecret,
    RenegotiationInfo,
    PskKeyExchangeModes,
}

/// Why an extension cannot be omitted.
#[derive(Debug)]
pub enum Why {
    /// The server refuses the ClientHello; its answer.
    Refuses(Answer),
    /// The server continues, but sends another certificate.
    OtherCertificate,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refuses(answer) => write!(f, "the server {answer}"),
            Self::OtherCertificate => f.write_str("the server sends another certificate"),
        }
    }
}

impl Omission {
    /// Extensions that most servers do not depend on.
    pub const OPTIONAL: [Self; 4] = [
        Self::RenegotiationInfo,
        Self::EcPointFormats,
        Self::ExtendedMasterSecret,
        Self::PskKeyExchangeModes,
    ];

    /// Extensions that change how servers negotiate.
    pub const DECISIVE: [Self; 3] = [Self::SignatureAlgorithms, Self::SupportedGroups, Self::ServerName];

    /// Name of the extension.
    pub fn name(self) -> &'static str {
        match self {
            Self::ServerName => "server_name",
            Self::SupportedGroups => "supported_groups",
            Self::SignatureAlgorithms => "signature_algorithms",
            Self::EcPointFormats => "ec_point_formats",
            Self::ExtendedMasterSecret => "extended_master_secret",
            Self::RenegotiationInfo => "renegotiation_info",
            Self::PskKeyExchangeModes => "psk_key_exchange_modes",
        }
    }

    /// Whether a TLS 1.3 ClientHello must contain it (RFC 8446 §9.2).
    pub fn is_mandatory13(self) -> bool {
        match self {
            Self::SupportedGroups | Self::SignatureAlgorithms => true,
            Self::ServerName
            | Self::EcPointFormats
            | Self::ExtendedMasterSecret
            | Self::RenegotiationInfo
            | Self::PskKeyExchangeModes => false,
        }
    }

    /// Removes it from a ClientHello.
    pub fn leave_out(self, hello: &mut Hello) {
        match self {
            Self::ServerName => hello.server_name = None,
            Self::SupportedGroups => hello.groups.clear(),
            Self::SignatureAlgorithms => hello.schemes.clear(),
            Self::EcPointFormats => hello.ec_point_formats = false,
            Self::ExtendedMasterSecret => hello.extended_master_secret = false,
            Self::RenegotiationInfo => hello.renegotiation_info = false,
            Self::PskKeyExchangeModes => hello.psk_key_exchange_modes = false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_there_and_can_be_left_out() {
        let usual = Hello::usual(Some("a.example"));
        for part in Omission::OPTIONAL.into_iter().chain(Omission::DECISIVE) {
            let mut less = usual.clone();
            part.leave_out(&mut less);
            assert_ne!(less, usual, "{}", part.name());
        }
    }
}
