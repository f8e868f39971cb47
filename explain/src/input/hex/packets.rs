//! Dumps of several packets with their headers: `tcpdump -x`, `-X` and `-XX`, `tshark -x`, Wireshark's "copy
//! as hex dump". Each begins with the offset zero.

use super::{line, packet_file::PacketFile, plain::Dump};
use crate::input::frame;

/// The packets of a text. `None`: it has fewer than two, or they are not TCP.
pub(super) fn parse(text: &str) -> Option<PacketFile> {
    let packets = blocks(text);
    let is_tcp = |link: u32| packets.iter().filter(|packet| frame::is_tcp(link, packet)).count();
    // Most of the packets; ARP or DNS may be among them.
    let link = frame::LINKS.into_iter().max_by_key(|link| is_tcp(*link))?;
    let tcp = is_tcp(link);
    if tcp < 2 || tcp * 2 < packets.len() {
        return None;
    }
    Some(PacketFile { link, packets: packets.into_iter().map(|packet| (None, packet)).collect() })
}

/// The dumps of a text. Where tshark dumps a reassembled or decrypted payload too, only the frames.
fn blocks(text: &str) -> Vec<Vec<u8>> {
    let title =
        |line: &str| line.starts_with(|letter: char| letter.is_alphabetic()) && line.ends_with(" bytes):");
    let titled = text.lines().any(|line| title(line) && line.starts_with("Frame ("));
    let mut wanted = !titled;
    let mut blocks = Vec::new();
    let mut dump: Option<Dump> = None;
    let close = |dump: &mut Option<Dump>, blocks: &mut Vec<Vec<u8>>| {
        blocks.extend(dump.take().map(Dump::finish).filter(|bytes| !bytes.is_empty()));
    };
    for line in text.lines() {
        if titled && title(line) {
            wanted = line.starts_with("Frame (");
        }
        let parsed = line::parse(line, true).ok();
        let offset = parsed.and_then(|parsed| parsed.offset.filter(|_| !parsed.bytes.is_empty()));
        let Some(offset) = offset else {
            close(&mut dump, &mut blocks);
            continue;
        };
        if offset.is(0) {
            close(&mut dump, &mut blocks);
            dump = wanted.then(|| Dump::new(true));
        }
        if dump.as_mut().is_some_and(|dump| dump.line(line).is_err()) {
            close(&mut dump, &mut blocks);
        }
    }
    close(&mut dump, &mut blocks);
    blocks
}
