//! Faults of network and power, for tests: frames lost, damaged and out of order, segments of one byte, and
//! cuts of the power. The entry `Faults` of the settings says which, one byte each, see [`Kind`].

use core::{
    mem::MaybeUninit,
    sync::atomic::{AtomicU32, Ordering},
};

use smoltcp::{
    phy::{Device, DeviceCapabilities, FaultInjector, RxToken},
    socket::tcp,
    time::{Duration, Instant},
};

use crate::{
    board::{
        self, clock,
        ethernet::{Ethernet, FRAME_MAX, Sent},
        serial,
    },
    settings::{self, Tag},
};

mod counted;

use crate::faults::counted::{After, Before};

/// The network device with faults. What the injector damages on its way out, the stack overwrites: damage is
/// in received frames.
pub type Faulty = After<FaultInjector<Before<OutOfOrder>>>;

/// The place of each fault in the entry.
#[derive(Clone, Copy)]
enum Kind {
    /// Percent of the frames that are lost.
    Lost,
    /// Percent of the received frames in which a bit is flipped.
    Damaged,
    /// Every how many-th received frame comes behind its successor.
    Late,
    /// The most bytes of a segment.
    Segment,
    /// How often the power is cut, each time a little later after the first frame. Every other start is left
    /// alone, so that what follows a cut is seen.
    PowerCuts,
    /// By how much later, at first, in sixteenths of a millisecond, which has a million instructions.
    CutStep,
}

fn setting(kind: Kind) -> u8 {
    settings::bytes(Tag::Faults).get(kind as usize).copied().unwrap_or_default()
}

/// Puts the faults of the settings between the network and the MAC.
pub fn faulty(ethernet: Ethernet) -> Faulty {
    let late = cortex_m::singleton!(: [u8; FRAME_MAX] = [0; FRAME_MAX]).unwrap();
    let device = OutOfOrder {
        ethernet,
        late,
        length: 0,
        since: Instant::ZERO,
        is_due: false,
        received: 0,
        every: setting(Kind::Late),
    };
    let other = settings::bytes(Tag::Seed).first().copied().unwrap_or_default();
    let mut faulty = FaultInjector::new(Before(device), 0x2545_f491 ^ boots() ^ u32::from(other) << 16);
    faulty.set_drop_chance(setting(Kind::Lost));
    faulty.set_corrupt_chance(setting(Kind::Damaged));
    After(faulty)
}

/// The bytes of a segment: all, or as many as the settings say, once the last ones have arrived.
pub(crate) fn piece<'b>(bytes: &'b [u8], socket: &tcp::Socket<'_>) -> &'b [u8] {
    match usize::from(setting(Kind::Segment)) {
        0 => bytes,
        _ if socket.send_queue() > 0 => &[],
        length => {
            if bytes.len() > length {
                counted::SHORT.increment();
            }
            &bytes[..bytes.len().min(length)]
        }
    }
}

/// The receive buffer of a socket, which is also the window that the peer sees.
pub(crate) fn window(buffer: &mut [u8]) -> &mut [u8] {
    match usize::from(setting(Kind::Segment)) {
        0 => buffer,
        length => &mut buffer[..length],
    }
}

/// Delivers some frames behind the next one.
pub struct OutOfOrder {
    ethernet: Ethernet,
    late: &'static mut [u8; FRAME_MAX],
    /// Of the frame that is kept back; 0: none is.
    length: usize,
    since: Instant,
    is_due: bool,
    received: u8,
    every: u8,
}

/// A frame in one of the two buffers.
pub struct Received<'a>(&'a [u8]);

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read_frame: F) -> R {
        read_frame(self.0)
    }
}

impl Device for OutOfOrder {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Sent<'a>;

    fn receive(&mut self, now: Instant) -> Option<(Received<'_>, Sent<'_>)> {
        // Without a successor it comes in the end all the same.
        if self.is_due || self.length > 0 && now > self.since + Duration::from_millis(20) {
            self.is_due = false;
            let length = core::mem::take(&mut self.length);
            let (_, sent) = self.ethernet.buffers();
            return Some((Received(&self.late[..length]), sent));
        }
        while Ethernet::has_frame() {
            let Some(length) = self.ethernet.take() else { continue };
            first_frame();
            self.received = self.received.wrapping_add(1);
            let is_late = self.every > 0 && self.received.is_multiple_of(self.every);
            if is_late && self.length == 0 {
                self.late[..length].copy_from_slice(&self.ethernet.buffers().0[..length]);
                (self.length, self.since) = (length, now);
                continue;
            }
            self.is_due = self.length > 0;
            if self.is_due {
                counted::LATE.increment();
            }
            let (received, sent) = self.ethernet.buffers();
            return Some((Received(&received[..length]), sent));
        }
        None
    }

    fn transmit(&mut self, now: Instant) -> Option<Sent<'_>> {
        self.ethernet.transmit(now)
    }

    fn capabilities(&self) -> DeviceCapabilities {
        self.ethernet.capabilities()
    }
}

/// Counts the starts since the power came; a reset keeps the RAM.
#[unsafe(link_section = ".uninit.boots")]
static BOOTS: MaybeUninit<AtomicU32> = MaybeUninit::uninit();

const MARK: u32 = 0xb007_0000;

fn boots() -> u32 {
    // SAFETY: every pattern of bits is a number.
    let count = unsafe { BOOTS.assume_init_ref() }.load(Ordering::Relaxed);
    if count & 0xffff_0000 == MARK { count & 0xffff } else { 0 }
}

/// Prints the number of the start.
pub(crate) fn start() {
    serial::line("boot", &[("number", boots() as usize)]);
}

/// The millisecond of the first received frame; 0 before it.
static FIRST_FRAME: AtomicU32 = AtomicU32::new(0);

/// Delays the first frame a little longer from cut to cut, so that the cuts, which come with the tick of the
/// clock, fall on different instructions.
fn first_frame() {
    if FIRST_FRAME.load(Ordering::Relaxed) == 0 {
        let (_, sixteenths) = cut_at();
        cortex_m::asm::delay(sixteenths * (INSTRUCTIONS_PER_MILLISECOND / 16) / INSTRUCTIONS_PER_DELAY);
        FIRST_FRAME.store(clock::milliseconds().max(1), Ordering::Relaxed);
    }
}

/// Of a millisecond, under QEMU.
const INSTRUCTIONS_PER_MILLISECOND: u32 = 1_000_000;
/// What QEMU executes for a cycle that `delay` counts, about.
const INSTRUCTIONS_PER_DELAY: u32 = 1;

/// When this start ends, if it does, after the first frame: milliseconds, and the sixteenths by which the first
/// frame is delayed.
fn cut_at() -> (u32, u32) {
    let number = boots() / 2;
    // Dense in the beginning, and late enough in the end for a peer that takes its time.
    let sixteenths = u32::from(setting(Kind::CutStep)) * (number + number * number / 16);
    (sixteenths / 16, sixteenths % 16)
}

/// Called every millisecond: resets the board, later from cut to cut, as often as the settings say.
pub(crate) fn power_cut(now: u32) {
    let (count, first) = (boots(), FIRST_FRAME.load(Ordering::Relaxed));
    let (milliseconds, _) = cut_at();
    let is_cut = count.is_multiple_of(2) && count / 2 < u32::from(setting(Kind::PowerCuts));
    if is_cut && first > 0 && now > first + milliseconds {
        // It may fall into a line.
        serial::send(b"\n");
        serial::line("cut", &[("after", (now - first) as usize)]);
        board::reset();
    }
}

/// Prints what failed, and counts a start, before the board is reset.
pub(crate) fn next_boot() {
    counted::print();
    // SAFETY: every pattern of bits is a number.
    unsafe { BOOTS.assume_init_ref() }.store(MARK | (boots() + 1), Ordering::Relaxed);
}

/// The number of this start, so that a restarted device does not use a port again.
pub(crate) fn mix(seed: u64) -> u64 {
    seed ^ u64::from(boots()).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
