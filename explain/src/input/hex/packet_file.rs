//! Writes packets of a text as a pcapng file, so that they are read as any other capture.

use std::{net::IpAddr, time::Duration};

/// Packets of one link type.
#[derive(Debug, Default)]
pub(super) struct PacketFile {
    /// Of the registry of link types.
    pub link: u32,
    pub packets: Vec<(Option<Duration>, Vec<u8>)>,
}

impl PacketFile {
    /// The file. A packet without a time is a Simple Packet Block, which has none.
    pub fn bytes(&self) -> Vec<u8> {
        let mut file = Vec::new();
        block(
            &mut file,
            0x0a0d_0d0a,
            &[0x1a2b_3c4d_u32.to_le_bytes(), [1, 0, 0, 0], [0xff; 4], [0xff; 4]].concat(),
        );
        block(&mut file, 1, &[self.link.to_le_bytes(), [0; 4]].concat());
        for (time, packet) in &self.packets {
            let length = u32::try_from(packet.len()).unwrap_or(u32::MAX).to_le_bytes();
            match time {
                Some(time) => {
                    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
                    let [.., high, low] = [0, micros >> 32, micros & 0xffff_ffff];
                    let half = |half: u64| u32::try_from(half).unwrap_or_default().to_le_bytes();
                    let head = [[0; 4], half(high), half(low), length, length].concat();
                    block(&mut file, 6, &[&head[..], packet].concat());
                }
                None => block(&mut file, 3, &[&length[..], packet].concat()),
            }
        }
        file
    }
}

/// A block: type, length, body padded to four bytes, length.
fn block(file: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let padding = body.len().wrapping_neg() % 4;
    let length = u32::try_from(body.len() + padding + 12).unwrap_or(u32::MAX).to_le_bytes();
    file.extend(kind.to_le_bytes());
    file.extend(length);
    file.extend(body);
    file.resize(file.len() + padding, 0);
    file.extend(length);
}

/// The fields of a TCP segment.
#[derive(Debug)]
pub(super) struct Segment {
    /// Source and destination, as the ports.
    pub ends: (IpAddr, IpAddr),
    pub ports: (u16, u16),
    pub sequence: u32,
    pub acknowledges: u32,
    /// FIN to URG.
    pub flags: u8,
    /// Length of the payload on the wire: what is longer than `payload` counts as missing.
    pub length: usize,
    pub payload: Vec<u8>,
}

impl Segment {
    /// The IP packet. `None`: an address of each version.
    pub fn packet(&self) -> Option<Vec<u8>> {
        let mut tcp = Vec::new();
        tcp.extend(self.ports.0.to_be_bytes());
        tcp.extend(self.ports.1.to_be_bytes());
        tcp.extend(self.sequence.to_be_bytes());
        tcp.extend(self.acknowledges.to_be_bytes());
        tcp.extend([0x50, self.flags, 0xff, 0xff, 0, 0, 0, 0]);
        // A payload that IP cannot announce is whole.
        let whole = u16::try_from(tcp.len() + self.payload.len().max(self.length)).unwrap_or_default();
        let mut packet = Vec::new();
        match self.ends {
            (IpAddr::V4(source), IpAddr::V4(target)) => {
                let total = if whole == 0 { 0 } else { whole.saturating_add(20) };
                packet.extend([0x45, 0]);
                packet.extend(total.to_be_bytes());
                packet.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
                packet.extend(source.octets());
                packet.extend(target.octets());
            }
            (IpAddr::V6(source), IpAddr::V6(target)) => {
                packet.extend([0x60, 0, 0, 0]);
                packet.extend(whole.to_be_bytes());
                packet.extend([6, 64]);
                packet.extend(source.octets());
                packet.extend(target.octets());
            }
            _ => return None,
        }
        packet.extend(tcp);
        packet.extend(&self.payload);
        Some(packet)
    }
}
