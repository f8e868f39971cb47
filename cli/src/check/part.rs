//! The parts of a ClientHello that can be left out, and what a server does without one.

use std::fmt;

use super::ask::Answer;
use super::hello::Hello;

/// A thing that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    ServerName,
    SupportedGroups,
    SignatureAlgorithms,
    EcPointFormats,
    ExtendedMasterSecret,
    RenegotiationInfo,
    PskKeyExchangeModes,
}

/// Why it cannot be.
#[derive(Debug)]
pub enum Why {
    /// This is what the server does.
    Refuses(Answer),
    /// It goes on, and shows another certificate.
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

impl Part {
    /// Those that decide nothing between most clients and servers.
    pub const IDLE: [Self; 4] = [
        Self::RenegotiationInfo,
        Self::EcPointFormats,
        Self::ExtendedMasterSecret,
        Self::PskKeyExchangeModes,
    ];

    /// Those that do.
    pub const TELLING: [Self; 3] = [Self::SignatureAlgorithms, Self::SupportedGroups, Self::ServerName];

    /// The RFC's name.
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

    /// Whether a hello of TLS 1.3 must have it (RFC 8446 §9.2).
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

    /// Takes it out of a hello.
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
        for part in Part::IDLE.into_iter().chain(Part::TELLING) {
            let mut less = usual.clone();
            part.leave_out(&mut less);
            assert_ne!(less, usual, "{}", part.name());
        }
    }
}
