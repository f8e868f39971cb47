//! The Ethernet MAC of Stellaris microcontrollers (data sheet, section 16) as a device of smoltcp.

use cortex_m::interrupt::InterruptNumber;
use smoltcp::{
    phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken},
    time::Instant,
};

use crate::board::registers::{read, write};

const MAC: usize = 0x4004_8000;
const INTERRUPT_STATUS: usize = MAC;
const INTERRUPT_MASK: usize = MAC + 0x04;
const RECEIVE_CONTROL: usize = MAC + 0x08;
const TRANSMIT_CONTROL: usize = MAC + 0x0c;
const DATA: usize = MAC + 0x10;
const ADDRESS_LOW: usize = MAC + 0x14;
const ADDRESS_HIGH: usize = MAC + 0x18;
const FRAMES: usize = MAC + 0x34;
const TRANSMIT_REQUEST: usize = MAC + 0x38;
const RECEIVED: u32 = 1;

/// Longest frame in bytes, without its checksum. Less would do for records of 1 KiB, but not every network stack
/// heeds the maximum segment size: QEMU's sends 1440 bytes to a device that asks for 1146.
pub const FRAME_MAX: usize = 1514;
/// Bytes around a frame in the queue of received ones: its length in front, a checksum behind.
const LENGTH: usize = 2;
const CHECKSUM: usize = 4;
/// Bytes of two addresses and the type, which the length of a sent frame does not count.
const HEADER: usize = 14;

/// The address of the board on its network.
pub const ADDRESS: [u8; 6] = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56];

/// The MAC, with a buffer for each direction.
pub struct Ethernet {
    received: &'static mut [u8; FRAME_MAX],
    sent: &'static mut [u8; FRAME_MAX],
}

/// The number of an interrupt.
#[derive(Clone, Copy)]
pub struct Interrupt(pub u16);

// SAFETY: the number is that of the data sheet, below those that the controller has.
unsafe impl InterruptNumber for Interrupt {
    fn number(self) -> u16 {
        self.0
    }
}

impl Ethernet {
    pub(super) const INTERRUPT: Interrupt = Interrupt(42);

    /// Sets the address and enables both directions.
    pub(super) fn start() -> Self {
        let [a, b, c, d, e, f] = ADDRESS;
        write(INTERRUPT_MASK, 0);
        write(ADDRESS_LOW, u32::from_le_bytes([a, b, c, d]));
        write(ADDRESS_HIGH, u32::from_le_bytes([e, f, 0, 0]));
        // Full duplex, checksums and padding by the MAC, transmitter on.
        write(TRANSMIT_CONTROL, 1 << 4 | 1 << 2 | 1 << 1 | 1);
        // Frames with a wrong checksum are dropped; multicast is not needed; empty the queue, receiver on.
        write(RECEIVE_CONTROL, 1 << 4 | 1 << 3 | 1);
        let received = cortex_m::singleton!(: [u8; FRAME_MAX] = [0; FRAME_MAX]);
        let sent = cortex_m::singleton!(: [u8; FRAME_MAX] = [0; FRAME_MAX]);
        let (Some(received), Some(sent)) = (received, sent) else { unreachable!("started once") };
        Self { received, sent }
    }

    /// Whether a frame waits in the MAC.
    pub fn has_frame() -> bool {
        read(FRAMES) != 0
    }

    /// Sets whether a frame raises the interrupt.
    pub(super) fn set_interrupt(raise: bool) {
        write(INTERRUPT_MASK, if raise { RECEIVED } else { 0 });
    }

    #[cfg(feature = "fault-injection")]
    /// The frame that was taken last, and a token to send one.
    pub(crate) fn buffers(&mut self) -> (&[u8; FRAME_MAX], Sent<'_>) {
        (self.received, Sent(self.sent))
    }

    /// Takes a frame out of the MAC; its length, or `None` if it is longer than the buffer.
    pub(crate) fn take(&mut self) -> Option<usize> {
        write(INTERRUPT_STATUS, RECEIVED);
        let [low, high, first, second] = read(DATA).to_le_bytes();
        let total = usize::from(u16::from_le_bytes([low, high]));
        let length = total.saturating_sub(LENGTH + CHECKSUM);
        let mut put = |index: usize, byte: u8| {
            if let Some(place) = self.received.get_mut(index) {
                *place = byte;
            }
        };
        put(0, first);
        put(1, second);
        for index in (2..total - LENGTH).step_by(4) {
            for (offset, byte) in read(DATA).to_le_bytes().into_iter().enumerate() {
                put(index + offset, byte);
            }
        }
        (length <= FRAME_MAX).then_some(length)
    }
}

impl Device for Ethernet {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Sent<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Received<'_>, Sent<'_>)> {
        while Self::has_frame() {
            if let Some(length) = self.take() {
                return Some((Received(&self.received[..length]), Sent(self.sent)));
            }
        }
        None
    }

    fn transmit(&mut self, _: Instant) -> Option<Sent<'_>> {
        (read(TRANSMIT_REQUEST) & 1 == 0).then_some(Sent(self.sent))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = FRAME_MAX;
        capabilities
    }
}

/// A frame that came.
pub struct Received<'a>(&'a [u8]);

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read_frame: F) -> R {
        read_frame(self.0)
    }
}

/// A frame to send.
pub struct Sent<'a>(&'a mut [u8; FRAME_MAX]);

impl TxToken for Sent<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, write_frame: F) -> R {
        let frame = &mut self.0[..length];
        let value = write_frame(frame);
        while read(TRANSMIT_REQUEST) & 1 != 0 {}
        let payload = (length - HEADER) as u16;
        let [low, high] = payload.to_le_bytes();
        let (first, rest) = frame.split_at(2);
        write(DATA, u32::from_le_bytes([low, high, first[0], first[1]]));
        for chunk in rest.chunks(4) {
            let mut word = [0; 4];
            word[..chunk.len()].copy_from_slice(chunk);
            write(DATA, u32::from_le_bytes(word));
        }
        write(TRANSMIT_REQUEST, 1);
        value
    }
}
