//! The records of a pcap file (draft-ietf-opsawg-pcap): both byte orders, micro- and nanoseconds, and the
//! variant with longer record headers. Files joined with `cat` are read completely.

use std::time::Duration;

use pcap_parser::pcap::{
    LegacyPcapBlock, PcapHeader, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_frame_modified,
    parse_pcap_header,
};

use super::error::CaptureError;
use super::file::{Next, Packet};
use super::link;
use super::window::{LONGEST, Window};

const FILE_HEADER: usize = 24;
/// Offset of the link type in the file header.
const LINK_TYPE: u64 = 20;

pub(super) struct Pcap {
    header: PcapHeader,
    /// Bytes of the file header, or of the last record.
    taken: usize,
}

impl Pcap {
    /// Reads the file header. `None`: the file is not pcap.
    ///
    /// # Errors
    /// The link type is not supported.
    pub fn open(window: &mut Window<'_>) -> Result<Option<Self>, CaptureError> {
        let head = window.at_least(FILE_HEADER)?;
        let Ok((_, header)) = parse_pcap_header(head) else { return Ok(None) };
        let link = link_type(&header);
        if !link::is_known(link) {
            return Err(CaptureError::unknown_link(LINK_TYPE, link));
        }
        Ok(Some(Self { header, taken: FILE_HEADER }))
    }

    /// Returns the next packet.
    pub fn next<'w>(&mut self, window: &'w mut Window<'_>) -> Result<Next<'w>, CaptureError> {
        let mut whole = window.advance(std::mem::take(&mut self.taken))?;
        if let Some(header) = self.another_file(window)? {
            self.header = header;
            whole = window.advance(FILE_HEADER)?;
        }
        let header_length = if self.header.is_modified_format() { 24 } else { 16 };
        let offset = window.offset();
        let head = window.at_least(header_length)?;
        if head.len() < header_length {
            return Ok(Next::End { cut: !whole || !head.is_empty() });
        }
        let captured = self.captured(head);
        let length = header_length + captured;
        if captured > LONGEST {
            let (expected, found) = (format!("at most {LONGEST}"), captured.to_string());
            return Err(CaptureError::damaged(offset + 8, "captured length of a packet", expected, found));
        }
        let Ok((_, record)) = self.parse(window.at_least(length)?) else {
            return Ok(Next::End { cut: true });
        };
        self.taken = length;
        Ok(Next::Packet(Packet {
            at: Some(self.time(&record)),
            link: link_type(&self.header),
            bytes: record.data,
            length: usize::try_from(record.origlen).unwrap_or(usize::MAX),
        }))
    }

    /// Whether the header of another file is here: as a record it would be empty, and of the year 2055.
    fn another_file(&self, window: &mut Window<'_>) -> Result<Option<PcapHeader>, CaptureError> {
        let head = window.at_least(FILE_HEADER)?;
        let parsed = parse_pcap_header(head).ok().filter(|_| head.len() >= FILE_HEADER);
        Ok(parsed
            .map(|(_, header)| header)
            .filter(|header| (header.version_major, header.version_minor) == (2, 4)))
    }

    fn parse<'b>(&self, bytes: &'b [u8]) -> Result<(&'b [u8], LegacyPcapBlock<'b>), ()> {
        let parse = match (self.header.is_modified_format(), self.header.is_bigendian()) {
            (true, _) => parse_pcap_frame_modified,
            (false, true) => parse_pcap_frame_be,
            (false, false) => parse_pcap_frame,
        };
        parse(bytes).map_err(drop)
    }

    /// Captured length of the packet.
    fn captured(&self, head: &[u8]) -> usize {
        let field = head.get(8..12).and_then(|field| field.try_into().ok()).unwrap_or_default();
        let length =
            if self.header.is_bigendian() { u32::from_be_bytes(field) } else { u32::from_le_bytes(field) };
        usize::try_from(length).unwrap_or(usize::MAX)
    }

    fn time(&self, record: &LegacyPcapBlock<'_>) -> Duration {
        let part = u64::from(record.ts_usec);
        let part = match self.header.is_nanosecond_precision() {
            true => Duration::from_nanos(part),
            false => Duration::from_micros(part),
        };
        Duration::from_secs(u64::from(record.ts_sec)).saturating_add(part)
    }
}

/// The link type alone: the upper bits describe the frame check sequence.
fn link_type(header: &PcapHeader) -> u32 {
    header.network.0.cast_unsigned() & 0x03ff_ffff
}
