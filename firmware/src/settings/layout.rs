//! The layout of the settings in flash, for three readers: the firmware, its build script, which passes the place to the
//! linker, and `cargo xtask firmware`, which writes settings.
//!
//! Entries one after another: a tag of one byte, a length of two (big-endian), the value. Erased flash, or zeros, ends
//! them.

/// Where the settings begin.
pub const START: usize = 0x3_c000;
/// Bytes of flash that are kept for them.
pub const LENGTH: usize = 0x4000;

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

/// The header of an entry.
pub fn header(tag: Tag, length: u16) -> [u8; 3] {
    let [high, low] = length.to_be_bytes();
    [tag as u8, high, low]
}

/// Splits off the first entry: its tag, its value, and what follows. `None` at the end.
pub fn split(settings: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (header, behind) = settings.split_first_chunk::<3>()?;
    let [tag, high, low] = *header;
    let length = usize::from(u16::from_be_bytes([high, low]));
    let (value, rest) = behind.split_at_checked(length)?;
    (tag != 0 && tag != 0xff).then_some((tag, value, rest))
}
