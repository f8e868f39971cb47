//! What differs from device to device: addresses, keys, certificates. They lie in flash pages of their own,
//! written when the device is provisioned (`cargo xtask firmware` passes a file to QEMU), so that one
//! program serves all devices.
//!
//! Entries one after another: a tag of one byte, a length of two (big-endian), the value. Erased flash, or
//! zeros, ends them.

/// The meaning of an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Tag {
    /// The peer: four bytes of IPv4 address, two of port.
    Peer = 1,
    /// The name that the peer's certificate must have, and for server_name.
    PeerName = 2,
    /// The identity of the pre-shared key.
    PskIdentity = 3,
    /// The pre-shared key.
    Psk = 4,
    /// Bytes for the demo source of random numbers.
    Seed = 5,
    /// Milliseconds that a handshake may take.
    Deadline = 6,
    /// Connections until the program ends; 0 for ever.
    Connections = 7,
    /// The most bytes that a received record may hold.
    RecordSize = 8,
    /// A certificate of the own chain (DER), end-entity certificate first.
    Certificate = 9,
    /// The private key of that certificate (PKCS #8).
    PrivateKey = 10,
    /// A root of trust for the peer's chain (DER).
    Root = 11,
    /// Faults of the network, see `faults`.
    Faults = 12,
}

unsafe extern "C" {
    /// The ends of the settings, defined in memory.x.
    static __settings: u8;
    static __settings_end: u8;
}

fn pages() -> &'static [u8] {
    let start = &raw const __settings;
    let length = &raw const __settings_end as usize - start as usize;
    // SAFETY: memory.x keeps these pages of the flash free; the program does not write to flash.
    unsafe { core::slice::from_raw_parts(start, length) }
}

/// Returns the values of all entries with this tag.
pub fn all(tag: Tag) -> impl Iterator<Item = &'static [u8]> {
    let mut rest = pages();
    core::iter::from_fn(move || {
        loop {
            let (header, behind) = rest.split_first_chunk::<3>()?;
            let [found, high, low] = *header;
            if found == 0 || found == 0xff {
                return None;
            }
            let length = usize::from(u16::from_be_bytes([high, low]));
            let (value, behind) = behind.split_at_checked(length)?;
            rest = behind;
            if found == tag as u8 {
                return Some(value);
            }
        }
    })
}

/// Returns the value of the first entry with this tag; empty if there is none.
#[inline(never)]
pub fn bytes(tag: Tag) -> &'static [u8] {
    all(tag).next().unwrap_or_default()
}

/// Returns the value of an entry that is a number (big-endian), or `default`.
pub fn number(tag: Tag, default: u32) -> u32 {
    match bytes(tag) {
        [] => default,
        value => value.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)),
    }
}

/// Returns the address and port of the peer.
pub fn peer() -> Option<([u8; 4], u16)> {
    let (address, port) = bytes(Tag::Peer).split_first_chunk()?;
    Some((*address, u16::from_be_bytes(port.try_into().ok()?)))
}
