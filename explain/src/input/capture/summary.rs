//! What a capture held besides its conversations.

use super::error::CaptureError;
use super::packet::{Carried, Datagram};

/// What was read.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Summary {
    /// Packets in the file.
    pub packets: u64,
    /// TCP conversations that were told.
    pub flows: u64,
    /// Packets that belong to none.
    pub passed_over: PassedOver,
    /// The file ends in the middle of a packet: whoever captured was stopped.
    pub cut: bool,
    /// The file is damaged from here on; what stands before was read.
    pub damaged: Option<CaptureError>,
}

/// Packets that are no TCP, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PassedOver {
    /// QUIC: TLS 1.3 within UDP.
    pub quic: u64,
    /// DTLS: TLS for datagrams.
    pub dtls: u64,
    /// Other UDP.
    pub udp: u64,
    /// ICMP and ICMPv6, errors such as "unreachable" among them.
    pub icmp: u64,
    /// Pieces of IP packets that could not be put together.
    pub fragments: u64,
    /// Other protocols over IP.
    pub other_ip: u64,
    /// What is not IP: ARP and the like, and links that are not understood.
    pub not_ip: u64,
    /// Headers that are cut off or contradict themselves.
    pub broken: u64,
}

impl PassedOver {
    /// Counts one packet.
    pub(super) fn count(&mut self, carried: &Carried<'_>) {
        let counter = match carried {
            // These are not passed over.
            Carried::Tcp(_) | Carried::Fragment(_) => return,
            Carried::Udp(Datagram::Quic) => &mut self.quic,
            Carried::Udp(Datagram::Dtls) => &mut self.dtls,
            Carried::Udp(Datagram::Other) => &mut self.udp,
            Carried::Icmp => &mut self.icmp,
            Carried::OtherIp => &mut self.other_ip,
            Carried::NotIp => &mut self.not_ip,
            Carried::Broken => &mut self.broken,
        };
        *counter += 1;
    }

    /// All of them, each with its name.
    fn named(&self) -> [(u64, &'static str); 8] {
        let Self { quic, dtls, udp, icmp, fragments, other_ip, not_ip, broken } = *self;
        [
            (quic, "QUIC (TLS 1.3 over UDP, not supported here)"),
            (dtls, "DTLS (TLS over datagrams, not supported here)"),
            (udp, "other UDP"),
            (icmp, "ICMP"),
            (fragments, "incomplete IP fragments"),
            (other_ip, "other IP protocols"),
            (not_ip, "not IP"),
            (broken, "truncated or damaged headers"),
        ]
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.named().iter().map(|(count, _)| count).sum()
    }
}

/// What was seen, for a sentence; empty where nothing was.
impl std::fmt::Display for PassedOver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seen = self.named().into_iter().filter(|(count, _)| *count > 0);
        let words: Vec<String> = seen
            .map(|(count, what)| {
                format!("{count} {} of {what}", if count == 1 { "packet" } else { "packets" })
            })
            .collect();
        f.write_str(&words.join(", "))
    }
}
