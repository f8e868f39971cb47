//! Decompresses zstd (RFC 8878): frames one after the other, and skippable frames between them.

use std::io::{Cursor, Error, ErrorKind, Read, Result};

use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// First bytes of a frame.
pub(super) const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Limit on the window of a frame: what `zstd` accepts without `--long`.
const WIDEST: u64 = 128 << 20;

/// Decompressed bytes that a file of any size may have, and the ratio beyond them: the headers of packets
/// differ, so a capture does not reach it, and a file made to keep a reader busy is refused.
const FREE: u64 = 64 << 20;
const RATIO: u64 = 1000;

/// A reader of what was compressed. A truncated file ends with [`ErrorKind::UnexpectedEof`].
pub(super) struct Zstd<R> {
    source: Source<R>,
    /// The frame that is being read. Each has its own decoder: a reused one allocates the whole window.
    frame: Option<Box<FrameDecoder>>,
    /// Bytes decompressed so far.
    written: u64,
}

/// Counts the compressed bytes, and notes the end of the file, which the decoder's errors do not show.
struct Source<R> {
    input: R,
    read: u64,
    ended: bool,
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.input.read(buffer)?;
        self.read = self.read.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        self.ended |= read == 0 && !buffer.is_empty();
        Ok(read)
    }
}

impl<R: Read> Zstd<R> {
    pub fn new(input: R) -> Self {
        Self { source: Source { input, read: 0, ended: false }, frame: None, written: 0 }
    }

    /// Reads the header of the next frame, or skips a skippable one; `false` at the end of the file.
    fn begin(&mut self) -> Result<bool> {
        let mut magic = Vec::new();
        (&mut self.source).take(4).read_to_end(&mut magic)?;
        match magic.as_slice() {
            [] => return Ok(false),
            [0x50..=0x5f, 0x2a, 0x4d, 0x18] => {
                let mut length = [0; 4];
                self.source.read_exact(&mut length)?;
                let length = u64::from(u32::from_le_bytes(length));
                let skipped = std::io::copy(&mut (&mut self.source).take(length), &mut std::io::sink())?;
                return if skipped == length { Ok(true) } else { Err(ErrorKind::UnexpectedEof.into()) };
            }
            found if found == MAGIC => {}
            _ if magic.len() < 4 => return Err(ErrorKind::UnexpectedEof.into()),
            _ => return Err(damaged("after a frame, expected another (28b52ffd) or the end of the file")),
        }
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WIDEST);
        let begun = decoder.reset(Cursor::new(magic).chain(&mut self.source));
        begun.map_err(|error| self.failed(&error))?;
        self.frame = Some(Box::new(decoder));
        Ok(true)
    }

    fn failed(&self, error: &FrameDecoderError) -> Error {
        match error {
            FrameDecoderError::WindowSizeTooBig { requested, .. } => damaged(&format!(
                "expected a window of at most {} MiB, found {requested} bytes; decompress the file first",
                WIDEST >> 20
            )),
            _ if self.source.ended => ErrorKind::UnexpectedEof.into(),
            _ => damaged(&error.to_string()),
        }
    }
}

fn damaged(why: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("zstd: {why}"))
}

impl<R: Read> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let Some(frame) = &mut self.frame else {
                if self.begin()? {
                    continue;
                }
                return Ok(0);
            };
            if frame.can_collect() > 0 {
                let count = frame.read(buffer)?;
                self.written = self.written.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
                if self.written > FREE && self.written / RATIO > self.source.read {
                    return Err(damaged(&format!(
                        "expected at most {RATIO} times the compressed size, found {} bytes in {}; a capture \
                         does not compress like this",
                        self.written, self.source.read
                    )));
                }
                return Ok(count);
            }
            if frame.is_finished() {
                let announced = frame.get_checksum_from_data();
                if announced.is_some() && announced != frame.get_calculated_checksum() {
                    return Err(damaged("the checksum of a frame is wrong"));
                }
                self.frame = None;
                continue;
            }
            let decoded = frame.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1));
            decoded.map_err(|error| self.failed(&error))?;
        }
    }
}
