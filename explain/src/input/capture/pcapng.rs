//! The blocks of a pcapng file (draft-ietf-opsawg-pcapng): sections of either byte order, interfaces with
//! clocks of their own, packets, key logs. Other blocks are skipped.

use std::borrow::Cow;
use std::time::Duration;

use pcap_parser::{
    Block, EnhancedPacketBlock, InterfaceDescriptionBlock, OptionCode, SecretsType, SimplePacketBlock,
    parse_block_be, parse_block_le,
};

use super::error::CaptureError;
use super::file::{Next, Packet};
use super::link;
use super::lossy;
use super::window::{LONGEST, Window};

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const DECRYPTION_SECRETS: u32 = 10;

/// Limit on the interfaces of a section.
const INTERFACES: usize = 4096;

/// Shortest block: type, and length twice.
const SHORTEST: usize = 12;

/// Whether a file with this prefix is pcapng.
pub(super) fn is_section(magic: &[u8]) -> bool {
    magic == SECTION_HEADER.to_be_bytes()
}

#[derive(Default)]
pub(super) struct PcapNg {
    is_big_endian: bool,
    interfaces: Vec<Interface>,
    /// The first unsupported link type, and its offset.
    unknown_link: Option<(u64, u32)>,
    /// Bytes of the last block.
    taken: usize,
}

/// Parameters of an interface.
#[derive(Clone, Copy)]
struct Interface {
    link: u32,
    /// Snapshot length; zero: unlimited.
    snap_length: usize,
    /// Ticks of its clock in a second.
    resolution: u64,
    /// Seconds to add to timestamps.
    offset: i64,
}

/// The header of a block.
enum Head {
    Block { kind: u32, length: usize },
    End { cut: bool },
}

impl PcapNg {
    /// Returns the next packet or key log.
    pub fn next<'w>(&mut self, window: &'w mut Window<'_>) -> Result<Next<'w>, CaptureError> {
        const WANTED: [u32; 3] = [SIMPLE_PACKET, ENHANCED_PACKET, DECRYPTION_SECRETS];
        let length = match self.find(&WANTED, window)? {
            Head::Block { length, .. } => length,
            Head::End { cut } => return Ok(Next::End { cut }),
        };
        let offset = window.offset();
        let bytes = window.at_least(length)?;
        if bytes.len() < length {
            return Ok(Next::End { cut: true });
        }
        self.taken = length;
        match self.parse(bytes, offset)? {
            Block::EnhancedPacket(block) => Ok(Next::Packet(self.enhanced(&block, offset)?)),
            Block::SimplePacket(block) => Ok(Next::Packet(self.simple(&block, offset)?)),
            Block::DecryptionSecrets(block) => Ok(Next::KeyLog(match block.secrets_type {
                SecretsType::TlsKeyLog => lossy(secrets(block.data, block.secrets_len)),
                // Secrets of other protocols.
                _ => Cow::Borrowed(""),
            })),
            // Blocks that are not needed.
            _ => Ok(Next::KeyLog(Cow::Borrowed(""))),
        }
    }

    /// Returns the next key log.
    pub fn next_key_log<'w>(
        &mut self,
        window: &'w mut Window<'_>,
    ) -> Result<Option<Cow<'w, str>>, CaptureError> {
        let Head::Block { length, .. } = self.find(&[DECRYPTION_SECRETS], window)? else { return Ok(None) };
        let offset = window.offset();
        let bytes = window.at_least(length)?;
        if bytes.len() < length {
            return Ok(None);
        }
        self.taken = length;
        match self.parse(bytes, offset)? {
            Block::DecryptionSecrets(block) if block.secrets_type == SecretsType::TlsKeyLog => {
                Ok(Some(lossy(secrets(block.data, block.secrets_len))))
            }
            _ => Ok(Some(Cow::Borrowed(""))),
        }
    }

    /// The error for an interface's link type.
    pub fn unknown_link(&self) -> Option<CaptureError> {
        self.unknown_link.map(|(offset, number)| CaptureError::unknown_link(offset, number))
    }

    /// Advances to the next block of these kinds, and handles blocks that describe interfaces.
    fn find(&mut self, wanted: &[u32], window: &mut Window<'_>) -> Result<Head, CaptureError> {
        loop {
            let taken = std::mem::take(&mut self.taken);
            if !window.advance(taken)? {
                return Ok(Head::End { cut: true });
            }
            let head = self.head(window)?;
            let Head::Block { kind, length } = head else { return Ok(head) };
            if wanted.contains(&kind) {
                return Ok(head);
            }
            if [SECTION_HEADER, INTERFACE_DESCRIPTION].contains(&kind) {
                let offset = window.offset();
                let bytes = window.at_least(length)?;
                if bytes.len() < length {
                    return Ok(Head::End { cut: true });
                }
                match self.parse(bytes, offset)? {
                    Block::InterfaceDescription(block) => self.describe(&block, offset)?,
                    _ => self.interfaces.clear(),
                }
            }
            self.taken = length;
        }
    }

    /// Type and length of the next block, and the byte order if it starts a section.
    fn head(&mut self, window: &mut Window<'_>) -> Result<Head, CaptureError> {
        let offset = window.offset();
        let head = window.at_least(SHORTEST)?;
        let Some(([kind, length, order], _)) = head.split_first_chunk::<12>().map(|(head, rest)| {
            let [a, b, c, d, e, f, g, h, i, j, k, l] = *head;
            ([[a, b, c, d], [e, f, g, h], [i, j, k, l]], rest)
        }) else {
            return Ok(Head::End { cut: !head.is_empty() });
        };
        if is_section(&kind) {
            self.is_big_endian = match order {
                [0x1a, 0x2b, 0x3c, 0x4d] => true,
                [0x4d, 0x3c, 0x2b, 0x1a] => false,
                _ => {
                    let found = format!("{:08x}", u32::from_be_bytes(order));
                    let expected = "1a2b3c4d in either byte order";
                    return Err(CaptureError::damaged(
                        offset + 8,
                        "byte order of a section",
                        expected,
                        found,
                    ));
                }
            };
        }
        let number = |bytes| {
            if self.is_big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
        };
        let (kind, length) = (number(kind), number(length));
        let short = usize::try_from(length).ok().filter(|length| (SHORTEST..=LONGEST).contains(length));
        match short {
            Some(length) => Ok(Head::Block { kind, length }),
            None => {
                let expected = format!("{SHORTEST} to {LONGEST}");
                Err(CaptureError::damaged(offset + 4, "length of a block", expected, length.to_string()))
            }
        }
    }

    fn parse<'b>(&self, bytes: &'b [u8], offset: u64) -> Result<Block<'b>, CaptureError> {
        let parse = if self.is_big_endian { parse_block_be } else { parse_block_le };
        parse(bytes).map(|(_, block)| block).map_err(|_| {
            let found = "two lengths that differ";
            CaptureError::damaged(offset, "block", "fields that fit within the block's length", found)
        })
    }

    fn describe(&mut self, block: &InterfaceDescriptionBlock<'_>, offset: u64) -> Result<(), CaptureError> {
        if self.interfaces.len() >= INTERFACES {
            let expected = format!("at most {INTERFACES} interfaces");
            return Err(CaptureError::damaged(offset, "interface description", expected, "more than that"));
        }
        // The library reads this option as little-endian in every section.
        let seconds = block.options.iter().find(|option| option.code == OptionCode::IfTsoffset);
        let seconds = seconds.and_then(|option| option.value().first_chunk::<8>()).map_or(0, |bytes| {
            if self.is_big_endian { i64::from_be_bytes(*bytes) } else { i64::from_le_bytes(*bytes) }
        });
        let link = block.linktype.0.cast_unsigned();
        if !link::is_known(link) {
            self.unknown_link.get_or_insert((offset + 8, link));
        }
        self.interfaces.push(Interface {
            link,
            snap_length: usize::try_from(block.snaplen).unwrap_or(usize::MAX),
            resolution: resolution(block.if_tsresol),
            offset: seconds,
        });
        Ok(())
    }

    fn enhanced<'b>(&self, block: &EnhancedPacketBlock<'b>, offset: u64) -> Result<Packet<'b>, CaptureError> {
        let interface = self.interface(block.if_id, offset)?;
        let captured = usize::try_from(block.caplen).unwrap_or(usize::MAX);
        Ok(Packet {
            at: interface.time(u64::from(block.ts_high) << 32 | u64::from(block.ts_low)),
            link: interface.link,
            bytes: block.data.get(..captured).unwrap_or(block.data),
            length: usize::try_from(block.origlen).unwrap_or(usize::MAX),
        })
    }

    /// A packet of the first interface, without a time. The snapshot length decides how much of it was
    /// captured; the rest of the block is padding.
    fn simple<'b>(&self, block: &SimplePacketBlock<'b>, offset: u64) -> Result<Packet<'b>, CaptureError> {
        let interface = self.interface(0, offset)?;
        let length = usize::try_from(block.origlen).unwrap_or(usize::MAX);
        let limit = if interface.snap_length == 0 { usize::MAX } else { interface.snap_length };
        let bytes = block.data.get(..length.min(limit)).unwrap_or(block.data);
        Ok(Packet { at: None, link: interface.link, bytes, length })
    }

    fn interface(&self, number: u32, offset: u64) -> Result<&Interface, CaptureError> {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        self.interfaces.get(index).ok_or_else(|| {
            let expected = format!("one of the {} described interfaces", self.interfaces.len());
            CaptureError::damaged(offset, "interface of a packet", expected, number.to_string())
        })
    }
}

impl Interface {
    fn time(&self, units: u64) -> Option<Duration> {
        const NANOSECONDS: u128 = 1_000_000_000;
        let seconds = (units / self.resolution).checked_add_signed(self.offset)?;
        let part = u128::from(units % self.resolution) * NANOSECONDS / u128::from(self.resolution);
        Some(Duration::new(seconds, u32::try_from(part).ok()?))
    }
}

/// Ticks in a second, by the option if_tsresol: a power of ten, or of two with the upper bit set (which the
/// library refuses). Microseconds for values out of range.
fn resolution(option: u8) -> u64 {
    const MICROSECONDS: u64 = 1_000_000;
    let exponent = u32::from(option & 0x7f);
    let base: u64 = if option & 0x80 == 0 { 10 } else { 2 };
    base.checked_pow(exponent).unwrap_or(MICROSECONDS)
}

/// Removes the padding.
fn secrets(data: &[u8], length: u32) -> &[u8] {
    usize::try_from(length).ok().and_then(|length| data.get(..length)).unwrap_or(data)
}
