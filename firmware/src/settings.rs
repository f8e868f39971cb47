//! What differs from device to device: addresses, keys, certificates. They lie in flash pages of their own,
//! written when the device is provisioned (`cargo xtask firmware` passes a file to QEMU), so that one
//! program serves all devices.

#[allow(dead_code, reason = "this program reads settings, `cargo xtask firmware` writes them")]
mod layout;

pub use layout::Tag;

fn pages() -> &'static [u8] {
    // SAFETY: flash of the board, which the linker keeps free (build.rs) and the program does not write to.
    unsafe { core::slice::from_raw_parts(core::ptr::with_exposed_provenance(layout::START), layout::LENGTH) }
}

/// Returns the values of all entries with this tag.
pub fn all(tag: Tag) -> impl Iterator<Item = &'static [u8]> {
    let mut rest = pages();
    core::iter::from_fn(move || {
        loop {
            let (found, value, behind) = layout::split(rest)?;
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
