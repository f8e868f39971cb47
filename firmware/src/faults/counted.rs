//! Counts the faults that were injected, since a run in which nothing fails shows nothing.

use core::sync::atomic::{AtomicU32, Ordering};

use smoltcp::{
    phy::{Device, DeviceCapabilities, RxToken, TxToken},
    time::Instant,
};

use crate::board::serial;

/// A number that interrupts do not write. A Cortex-M0 has no atomic addition.
pub(super) struct Counter(AtomicU32);

impl Counter {
    const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    pub(super) fn increment(&self) {
        self.0.store(self.get().wrapping_add(1), Ordering::Relaxed);
    }

    fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Frames that came late, behind their successor.
pub(super) static LATE: Counter = Counter::new();
/// Segments that were cut short.
pub(super) static SHORT: Counter = Counter::new();
static LOST: Counter = Counter::new();
static DAMAGED: Counter = Counter::new();

/// Frames on the side of the MAC: received, and sent.
static RECEIVED: Counter = Counter::new();
static SENT: Counter = Counter::new();
/// Of the last received frame on the side of the MAC. One flipped bit changes the sum of the bytes.
static SUM: AtomicU32 = AtomicU32::new(0);

fn sum(frame: &[u8]) -> u32 {
    frame.iter().map(|byte| u32::from(*byte)).sum()
}

/// Prints the counts.
pub(super) fn print() {
    let counts = [("lost", &LOST), ("damaged", &DAMAGED), ("late", &LATE), ("short", &SHORT)];
    serial::line("faults", &counts.map(|(name, counter)| (name, counter.get() as usize)));
}

/// The device on the side of the MAC: notes what passes.
pub struct Before<D>(pub(super) D);

/// The device with its faults: counts what did not pass, or not as it was.
pub struct After<D>(pub(super) D);

/// A frame of [`Before`].
pub struct BeforeToken<T>(T);

/// A frame of [`After`].
pub struct AfterToken<T>(T);

impl<D: Device> Device for Before<D> {
    type RxToken<'a>
        = BeforeToken<D::RxToken<'a>>
    where
        D: 'a;
    type TxToken<'a>
        = BeforeToken<D::TxToken<'a>>
    where
        D: 'a;

    fn receive(&mut self, now: Instant) -> Option<(Self::RxToken<'_>, Self::TxToken<'_>)> {
        let (received, sent) = self.0.receive(now)?;
        RECEIVED.increment();
        Some((BeforeToken(received), BeforeToken(sent)))
    }

    fn transmit(&mut self, now: Instant) -> Option<Self::TxToken<'_>> {
        self.0.transmit(now).map(BeforeToken)
    }

    fn capabilities(&self) -> DeviceCapabilities {
        self.0.capabilities()
    }
}

impl<D: Device> Device for After<D> {
    type RxToken<'a>
        = AfterToken<D::RxToken<'a>>
    where
        D: 'a;
    type TxToken<'a>
        = AfterToken<D::TxToken<'a>>
    where
        D: 'a;

    fn receive(&mut self, now: Instant) -> Option<(Self::RxToken<'_>, Self::TxToken<'_>)> {
        let before = RECEIVED.get();
        let tokens = self.0.receive(now);
        if tokens.is_none() && RECEIVED.get() != before {
            LOST.increment();
        }
        tokens.map(|(received, sent)| (AfterToken(received), AfterToken(sent)))
    }

    fn transmit(&mut self, now: Instant) -> Option<Self::TxToken<'_>> {
        self.0.transmit(now).map(AfterToken)
    }

    fn capabilities(&self) -> DeviceCapabilities {
        self.0.capabilities()
    }
}

impl<T: RxToken> RxToken for BeforeToken<T> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        self.0.consume(|frame| {
            SUM.store(sum(frame), Ordering::Relaxed);
            read(frame)
        })
    }
}

impl<T: RxToken> RxToken for AfterToken<T> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        self.0.consume(|frame| {
            if sum(frame) != SUM.load(Ordering::Relaxed) {
                DAMAGED.increment();
            }
            read(frame)
        })
    }
}

impl<T: TxToken> TxToken for BeforeToken<T> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, write: F) -> R {
        SENT.increment();
        self.0.consume(length, write)
    }
}

impl<T: TxToken> TxToken for AfterToken<T> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, write: F) -> R {
        let before = SENT.get();
        let result = self.0.consume(length, write);
        if SENT.get() == before {
            LOST.increment();
        }
        result
    }
}
