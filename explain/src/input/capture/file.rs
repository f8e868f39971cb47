//! A capture file of any format: detects the format, decompresses, and returns packets.

use std::borrow::Cow;
use std::io::{Cursor, Read};
use std::time::Duration;

use flate2::read::MultiGzDecoder;

use super::error::{CaptureError, CaptureProblem};
use super::window::Window;
use super::zstd::{self, Zstd};
use super::{link, pcap, pcapng};

/// A captured packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet<'a> {
    /// Time since 1970.
    pub at: Option<Duration>,
    /// Link type, of the registry of link types.
    pub link: u32,
    /// The captured bytes.
    pub bytes: &'a [u8],
    /// The original length.
    pub length: usize,
}

/// The next item of a file.
pub(super) enum Next<'a> {
    Packet(Packet<'a>),
    /// A key log (RFC 9850).
    KeyLog(Cow<'a, str>),
    End {
        /// Whether the file ends inside a record or block.
        cut: bool,
    },
}

enum Format {
    Pcap(pcap::Pcap),
    PcapNg(pcapng::PcapNg),
}

pub(super) struct File<'r> {
    window: Window<'r>,
    format: Format,
    /// Whether there were packets, and whether one had a supported link type.
    any: bool,
    any_known: bool,
}

impl<'r> File<'r> {
    /// Reads the start of a file, up to the first packet.
    pub fn open(input: impl Read + 'r, progress: &'r mut dyn FnMut(u64)) -> Result<Self, CaptureError> {
        let mut input = Counted { input, read: 0, progress };
        let mut magic = Vec::new();
        (&mut input).take(4).read_to_end(&mut magic).map_err(|error| CaptureError::unreadable(0, error))?;
        let is_gzip = magic.starts_with(&[0x1f, 0x8b]);
        let is_zstd = magic == zstd::MAGIC;
        let input = Cursor::new(magic).chain(input);
        let mut window = Window::new(match (is_gzip, is_zstd) {
            (true, _) => Box::new(MultiGzDecoder::new(input)),
            (_, true) => Box::new(Zstd::new(input)),
            _ => Box::new(input),
        });
        let head = window.at_least(4)?;
        let magic = head.get(..4).unwrap_or(head).to_vec();
        let format = match pcapng::is_section(&magic) {
            true => Format::PcapNg(pcapng::PcapNg::default()),
            false => match pcap::Pcap::open(&mut window)? {
                Some(pcap) => Format::Pcap(pcap),
                None => {
                    let problem = CaptureProblem::NotACapture(magic);
                    return Err(CaptureError { offset: 0, field: "magic number", problem });
                }
            },
        };
        Ok(Self { window, format, any: false, any_known: false })
    }

    /// Returns the next packet or key log.
    pub fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        let next = match &mut self.format {
            Format::Pcap(pcap) => pcap.next(&mut self.window)?,
            Format::PcapNg(pcapng) => pcapng.next(&mut self.window)?,
        };
        if let Next::Packet(packet) = &next {
            self.any = true;
            self.any_known |= link::is_known(packet.link);
        }
        Ok(next)
    }

    /// Returns the next key log, and skips packets.
    pub fn next_key_log(&mut self) -> Result<Option<Cow<'_, str>>, CaptureError> {
        match &mut self.format {
            Format::Pcap(_) => Ok(None),
            Format::PcapNg(pcapng) => pcapng.next_key_log(&mut self.window),
        }
    }

    /// Whether a compressed file is truncated.
    pub fn is_cut(&self) -> bool {
        self.window.is_cut()
    }

    /// The error, if all packets have unsupported link types.
    pub fn unknown_link(&self) -> Option<CaptureError> {
        match &self.format {
            // `open` has refused it already.
            Format::Pcap(_) => None,
            Format::PcapNg(pcapng) => pcapng.unknown_link().filter(|_| self.any && !self.any_known),
        }
    }
}

/// Reports progress.
struct Counted<'p, R> {
    input: R,
    read: u64,
    progress: &'p mut dyn FnMut(u64),
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.read += u64::try_from(read).unwrap_or(u64::MAX);
        (self.progress)(self.read);
        Ok(read)
    }
}
