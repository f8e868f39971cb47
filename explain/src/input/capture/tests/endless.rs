//! Captures without end are read in bounded memory: bytes are reported or dropped, and the number of
//! open connections is limited.

use std::cell::Cell;
use std::io::Read;

use super::*;

/// Bytes of each capture.
const TOTAL: u64 = 64 << 20;
/// Limit on bytes that are read and not reported: all budgets together (16 MiB that wait, the window).
const KEPT: u64 = 18 << 20;

/// Makes a capture while it is read.
struct Endless<'c, F> {
    packet: F,
    number: u32,
    buffer: Vec<u8>,
    /// Bytes of payload that were handed out.
    handed_out: &'c Cell<u64>,
    left: u64,
}

impl<F: FnMut(u32) -> Tcp> Read for Endless<'_, F> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.buffer.is_empty() && self.left > 0 {
            let segment = (self.packet)(self.number);
            let pcap = Pcap(Vec::new(), self.number).packet(&segment.packet());
            self.number += 1;
            self.buffer = pcap.0;
            self.handed_out.set(self.handed_out.get() + segment.payload.len() as u64);
            self.left = self.left.saturating_sub(self.buffer.len() as u64);
        }
        let count = out.len().min(self.buffer.len());
        out[..count].copy_from_slice(&self.buffer[..count]);
        self.buffer.drain(..count);
        Ok(count)
    }
}

/// Counts, and looks at the balance each time something happens.
struct Counting<'c> {
    handed_out: &'c Cell<u64>,
    reported: u64,
    open: usize,
    most_open: usize,
    most_kept: u64,
}

impl Listener for Counting<'_> {
    fn begin(&mut self, _: FlowId, _: String, _: String, _: bool) {
        self.open += 1;
        self.most_open = self.most_open.max(self.open);
    }
    fn on_event(&mut self, _: FlowId, event: &CaptureEvent<'_>) {
        if let CaptureEventKind::Bytes(bytes) = event.kind {
            self.reported += bytes.len() as u64;
        }
        self.most_kept = self.most_kept.max(self.handed_out.get().saturating_sub(self.reported));
    }
    fn end(&mut self, _: FlowId) {
        self.open -= 1;
    }
}

/// Reads so many packets, and says how many conversations were open and how many bytes were kept.
fn run(packet: impl FnMut(u32) -> Tcp) -> (usize, u64, Summary) {
    let handed_out = Cell::new(0);
    let endless =
        Endless { packet, number: 0, buffer: Pcap::new(101).0, handed_out: &handed_out, left: TOTAL };
    let mut counting = Counting { handed_out: &handed_out, reported: 0, open: 0, most_open: 0, most_kept: 0 };
    let mut read_so_far = 0;
    let summary = read(endless, &mut |read| read_so_far = read, &mut counting).unwrap();
    assert!(read_so_far >= TOTAL);
    assert_eq!(counting.open, 0);
    (counting.most_open, counting.most_kept, summary)
}

#[test]
fn one_that_never_ends() {
    let payload = vec![b'x'; 1400];
    let (open, kept, summary) = run(|number| match opening().get(number as usize) {
        Some(segment) => segment.clone(),
        None => c("A", 1 + (number - 3) * 1400, 1, &payload),
    });
    assert_eq!((open, summary.flows), (1, 1));
    assert!(kept <= 128 << 10, "{kept}: no more than the window");
}

#[test]
fn many_that_wait_for_their_first_byte() {
    let payload = vec![b'x'; 1400];
    let (open, kept, summary) = run(|number| {
        let port = u16::try_from(number % 10_000).unwrap();
        let segment = match number / 10_000 {
            0 => c("S", 0, 0, ""),
            round => c("A", 2 + (round - 1) * 1400, 1, &payload),
        };
        segment.ports(1024 + port, 443)
    });
    assert_eq!(open, 4096);
    assert!(summary.flows >= 10_000);
    assert!(kept <= KEPT, "{kept}");
}

#[test]
fn some_that_wait_for_their_first_byte() {
    let payload = vec![b'x'; 1400];
    let (open, kept, _) = run(|number| {
        let port = u16::try_from(number % 1000).unwrap();
        let segment = match number / 1000 {
            0 => c("S", 0, 0, ""),
            round => c("A", 2 + (round - 1) * 1400, 1, &payload),
        };
        segment.ports(1024 + port, 443)
    });
    assert_eq!(open, 1000);
    assert!((8 << 20..KEPT).contains(&kept), "{kept}");
}
