//! Reassembles fragmented IP packets (RFC 791 §3.2, RFC 8200 §4.5).
//!
//! At most [`PACKETS`] are incomplete at a time, of 64 KiB each; the oldest is dropped.

use std::collections::VecDeque;

use etherparse::{IpFragOffset, IpNumber, LaxNetSlice, defrag::IpDefragBuf};

use super::packet::Ends;

/// Limit on incomplete packets.
const PACKETS: usize = 64;

/// A fragment.
#[derive(Debug)]
pub(crate) struct Fragment<'a> {
    pub ends: Ends,
    identification: u32,
    protocol: IpNumber,
    offset: IpFragOffset,
    more: bool,
    bytes: &'a [u8],
}

impl<'a> Fragment<'a> {
    /// Its offset in the packet. `None`: the header cannot be found.
    pub fn new(net: &LaxNetSlice<'_>, ends: Ends, protocol: IpNumber, bytes: &'a [u8]) -> Option<Self> {
        let (identification, offset, more) = match net {
            LaxNetSlice::Ipv4(ip) => {
                let header = ip.header();
                (header.identification().into(), header.fragments_offset(), header.more_fragments())
            }
            LaxNetSlice::Ipv6(ip) => ip.extensions().clone().into_iter().find_map(|extension| {
                let etherparse::Ipv6ExtensionSlice::Fragment(header) = extension else { return None };
                Some((header.identification(), header.fragment_offset(), header.more_fragments()))
            })?,
            LaxNetSlice::Arp(_) => return None,
        };
        Some(Self { ends, identification, protocol, offset, more, bytes })
    }
}

/// A reassembled packet.
pub(super) struct Whole {
    pub protocol: IpNumber,
    pub bytes: Vec<u8>,
    /// Number of its fragments.
    pub fragments: u64,
}

struct Waiting {
    ends: Ends,
    identification: u32,
    pieces: IpDefragBuf,
    fragments: u64,
}

#[derive(Default)]
pub(super) struct Fragments {
    waiting: VecDeque<Waiting>,
}

impl Fragments {
    /// Adds a fragment. Returns the packet if it is complete.
    pub fn take(&mut self, piece: &Fragment<'_>) -> Option<Whole> {
        let is_same = |waiting: &Waiting| {
            (waiting.ends, waiting.identification, waiting.pieces.ip_number())
                == (piece.ends, piece.identification, piece.protocol)
        };
        let index = self.waiting.iter().position(is_same).unwrap_or_else(|| {
            if self.waiting.len() >= PACKETS {
                self.waiting.pop_front();
            }
            let pieces = IpDefragBuf::new(piece.protocol, Vec::new(), Vec::new());
            let Fragment { ends, identification, .. } = *piece;
            self.waiting.push_back(Waiting { ends, identification, pieces, fragments: 0 });
            self.waiting.len() - 1
        });
        let waiting = self.waiting.get_mut(index)?;
        waiting.fragments += 1;
        let contradicts = waiting.pieces.add(piece.offset, piece.more, piece.bytes).is_err();
        if !contradicts && !waiting.pieces.is_complete() {
            return None;
        }
        let Waiting { pieces, fragments, .. } = self.waiting.remove(index)?;
        let protocol = pieces.ip_number();
        let (bytes, _) = pieces.take_bufs();
        (!contradicts).then_some(Whole { protocol, bytes, fragments })
    }
}
