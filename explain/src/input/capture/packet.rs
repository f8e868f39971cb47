//! Parses a packet: VLAN tags, IPv4 and IPv6 with extensions, TCP. Lengths count only up to the captured
//! bytes; the rest is counted as missing. Checksums are ignored: network cards compute them after the
//! packet was captured.

use std::net::{IpAddr, SocketAddr};

use etherparse::{EtherType, IpNumber, LaxNetSlice, LaxSlicedPacket, ip_number};

use super::file::Packet;
use super::fragments::Fragment;
use super::link;

/// Endpoints of an IP packet: source, destination.
pub(crate) type Ends = (IpAddr, IpAddr);

/// The contents of a packet.
#[derive(Debug)]
pub(crate) enum Carried<'a> {
    Tcp(Segment<'a>),
    Udp(Datagram),
    Icmp,
    Fragment(Fragment<'a>),
    OtherIp,
    NotIp,
    /// Headers that are truncated or inconsistent.
    Broken,
}

/// The protocol in UDP, as far as it concerns TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Datagram {
    Quic,
    Dtls,
    Other,
}

/// A TCP segment (RFC 9293 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment<'a> {
    pub source: SocketAddr,
    pub destination: SocketAddr,
    pub sequence: u32,
    /// The acknowledgment number, if the ACK flag is set.
    pub acknowledgment: Option<u32>,
    pub syn: bool,
    pub fin: bool,
    pub rst: bool,
    /// The captured part of the payload.
    pub payload: &'a [u8],
    /// Number of bytes of payload that were not captured.
    pub missing: u64,
}

/// Parses the headers of a packet.
pub(crate) fn carried<'a>(packet: &Packet<'a>) -> Carried<'a> {
    let Some((ether_type, bytes)) = link::payload(packet.link, packet.bytes) else { return Carried::NotIp };
    of_ether_type(ether_type, bytes, packet.length.saturating_sub(packet.bytes.len()))
}

/// Parses the bytes after the link header; `cut` bytes of the packet were not captured.
pub(crate) fn of_ether_type(ether_type: EtherType, bytes: &[u8], cut: usize) -> Carried<'_> {
    const PPPOE_SESSION: EtherType = EtherType(0x8864);
    let packet = LaxSlicedPacket::from_ether_type(ether_type, bytes);
    let net = match packet.net {
        Some(net) => net,
        None => {
            let inner = packet.ether_payload().filter(|inner| inner.ether_type == PPPOE_SESSION);
            let Some((ether_type, bytes)) = inner.and_then(|inner| link::pppoe(inner.payload)) else {
                return if packet.stop_err.is_some() { Carried::Broken } else { Carried::NotIp };
            };
            match LaxSlicedPacket::from_ether_type(ether_type, bytes).net {
                Some(net) => net,
                None => return Carried::Broken,
            }
        }
    };
    let (ends, announced) = match &net {
        LaxNetSlice::Ipv4(ip) => {
            let header = ip.header();
            let headers = header.slice().len() + ip.extensions().auth.map_or(0, |auth| auth.slice().len());
            let ends = (header.source_addr().into(), header.destination_addr().into());
            (ends, usize::from(header.total_len()).checked_sub(headers))
        }
        LaxNetSlice::Ipv6(ip) => {
            let header = ip.header();
            let ends = (header.source_addr().into(), header.destination_addr().into());
            let length = usize::from(header.payload_length());
            (ends, length.checked_sub(ip.extensions().slice().len()).filter(|_| length > 0))
        }
        LaxNetSlice::Arp(_) => return Carried::NotIp,
    };
    let Some(payload) = net.ip_payload_ref() else { return Carried::NotIp };
    if payload.fragmented {
        return Fragment::new(&net, ends, payload.ip_number, payload.payload)
            .map_or(Carried::Broken, Carried::Fragment);
    }
    // With segmentation offload (TSO) the length in the header is zero.
    let length = announced.unwrap_or(payload.payload.len() + cut);
    of_ip(ends, payload.ip_number, payload.payload, Some(length))
}

/// Parses the payload of an IP packet; `length` is its original length.
pub(crate) fn of_ip(
    (source, destination): Ends,
    protocol: IpNumber,
    payload: &[u8],
    length: Option<usize>,
) -> Carried<'_> {
    match protocol {
        ip_number::TCP => tcp(source, destination, payload, length.unwrap_or(payload.len()))
            .map_or(Carried::Broken, Carried::Tcp),
        ip_number::UDP => udp(payload).map_or(Carried::Broken, Carried::Udp),
        ip_number::ICMP | ip_number::IPV6_ICMP => Carried::Icmp,
        _ => Carried::OtherIp,
    }
}

/// Parses a TCP header. The options may be truncated; they are not needed.
fn tcp(source: IpAddr, destination: IpAddr, bytes: &[u8], length: usize) -> Option<Segment<'_>> {
    let (header, _) = bytes.split_first_chunk::<20>()?;
    let [s0, s1, d0, d1, q0, q1, q2, q3, a0, a1, a2, a3, offset, flags, ..] = *header;
    let data = usize::from(offset >> 4) * 4;
    if data < header.len() {
        return None;
    }
    let payload = bytes.get(data..).unwrap_or_default();
    let missing = length.saturating_sub(data).saturating_sub(payload.len());
    let flag = |bit: u8| flags & bit != 0;
    Some(Segment {
        source: SocketAddr::new(source, u16::from_be_bytes([s0, s1])),
        destination: SocketAddr::new(destination, u16::from_be_bytes([d0, d1])),
        sequence: u32::from_be_bytes([q0, q1, q2, q3]),
        acknowledgment: flag(0x10).then_some(u32::from_be_bytes([a0, a1, a2, a3])),
        fin: flag(0x01),
        syn: flag(0x02),
        rst: flag(0x04),
        payload,
        missing: u64::try_from(missing).unwrap_or(u64::MAX),
    })
}

/// Recognises QUIC (long headers, RFC 8999 §5.1, or port 443) and DTLS (RFC 6347 §4.1).
fn udp(bytes: &[u8]) -> Option<Datagram> {
    const HTTPS: u16 = 443;
    let (header, payload) = bytes.split_first_chunk::<8>()?;
    let [s0, s1, d0, d1, ..] = *header;
    Some(match payload {
        [0x14..=0x1a, 0xfe, 0xfd..=0xff, ..] => Datagram::Dtls,
        [0xc0..=0xff, 0, 0, 0, 1, ..] | [0xc0..=0xff, 0x6b, 0x33, 0x43, 0xcf, ..] => Datagram::Quic,
        _ if [[s0, s1], [d0, d1]].contains(&HTTPS.to_be_bytes()) => Datagram::Quic,
        _ => Datagram::Other,
    })
}
