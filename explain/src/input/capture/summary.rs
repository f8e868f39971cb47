//! Counts of the packets of a capture.

use super::error::CaptureError;
use super::packet::{Carried, Datagram};

/// Counts of the packets of a capture, and its damage.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Summary {
    /// Packets in the file.
    pub packets: u64,
    /// TCP connections.
    pub flows: u64,
    /// Packets that are not part of a TCP connection.
    pub skipped: SkippedPackets,
    /// Whether the file ends inside a packet: the capturing program was stopped.
    pub cut: bool,
    /// The place from which on the file is damaged; everything before it was read.
    pub damaged: Option<CaptureError>,
}

/// Numbers of packets that are not TCP, by protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkippedPackets {
    /// QUIC, which has TLS 1.3 inside UDP.
    pub quic: u64,
    /// DTLS over UDP.
    pub dtls: u64,
    /// Other UDP packets.
    pub udp: u64,
    /// ICMP and ICMPv6, including errors such as "unreachable".
    pub icmp: u64,
    /// IP fragments whose packet is incomplete.
    pub fragments: u64,
    /// Other protocols over IP.
    pub other_ip: u64,
    /// Packets that are not IP, such as ARP, and unsupported links.
    pub not_ip: u64,
    /// Headers that are truncated or inconsistent.
    pub broken: u64,
}

impl SkippedPackets {
    /// Counts one packet.
    pub(super) fn count(&mut self, carried: &Carried<'_>) {
        let counter = match carried {
            // These are not skipped.
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

    /// All counts with their names.
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

    /// Sum of all counts.
    pub fn total(&self) -> u64 {
        self.named().iter().map(|(count, _)| count).sum()
    }
}

/// The counts that are not zero, as part of a sentence.
impl std::fmt::Display for SkippedPackets {
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
