//! Finds where TLS starts in a stream: record headers (RFC 8446 §5.1), the ClientHello of SSL 2 (RFC 5246
//! §E.2), and TLS after plaintext of another protocol (STARTTLS, a proxy request). The record of a hello is
//! recognised by its form, so no list of protocols is needed.

/// Length of a record header in bytes.
pub(super) const HEADER: usize = 5;

/// Maximum length in a record header (RFC 5246 §6.2.3).
pub(super) const LONGEST: usize = (1 << 14) + 2048;

/// What the first bytes of a stream are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StreamStart {
    /// A record header.
    Record,
    /// A ClientHello of SSL 2; its length in bytes.
    Ssl2Hello(usize),
    /// Too few bytes to decide.
    Incomplete,
    /// Bytes that are not TLS.
    NotTls,
}

/// Classifies the first bytes of a stream.
pub(super) fn stream_start(bytes: &[u8]) -> StreamStart {
    match bytes {
        [high @ 0x80..=0xff, low, 1, 0, 2, ..] | [high @ 0x80..=0xff, low, 1, 3, 0..=4, ..] => {
            StreamStart::Ssl2Hello(2 + (usize::from(*high & 0x7f) << 8 | usize::from(*low)))
        }
        [0x80..=0xff] | [0x80..=0xff, _] | [0x80..=0xff, _, 1] | [0x80..=0xff, _, 1, 0 | 3] => {
            StreamStart::Incomplete
        }
        [] | [20..=26] | [20..=26, 3] => StreamStart::Incomplete,
        [20..=26, 3, 0..=4, ..] => StreamStart::Record,
        _ => StreamStart::NotTls,
    }
}

/// Whether a record header may start here; the bytes may be truncated.
pub(super) fn is_header(bytes: &[u8]) -> bool {
    matches!(bytes, [] | [20..=26] | [20..=26, 3, ..])
}

/// The record header at the start of these bytes: content type and length.
pub(super) fn header(bytes: &[u8]) -> Option<(u8, usize)> {
    let [content_type @ 20..=26, 3, 0..=4, high, low, ..] = bytes else { return None };
    let length = usize::from(*high) << 8 | usize::from(*low);
    (length <= LONGEST).then_some((*content_type, length))
}

/// Bytes that identify the record of a hello.
const HELLO: usize = 11;

/// Finds the first record with a hello or, if the peer speaks TLS, with an alert. Returns its index, and
/// the number of bytes that need not be searched again: fewer than all if a hello may start at the end.
pub(super) fn find(bytes: &[u8], peer_speaks_tls: bool) -> (Option<usize>, usize) {
    for (index, window) in bytes.windows(HELLO).enumerate() {
        if is_hello(window) || peer_speaks_tls && is_alert(window) {
            return (Some(index), index);
        }
    }
    let tail = bytes.len().saturating_sub(HELLO - 1);
    // The rest is too short for a hello, but may be an alert.
    let rest = bytes.get(tail..).unwrap_or_default();
    let alert = (0..rest.len()).find(|at| peer_speaks_tls && rest.get(*at..).is_some_and(is_alert));
    let open = (0..rest.len()).find(|at| rest.get(*at..).is_some_and(may_be_hello));
    match (alert, open) {
        (Some(alert), _) => (Some(tail + alert), tail + alert),
        (None, Some(open)) => (None, tail + open),
        (None, None) => (None, bytes.len()),
    }
}

/// Whether a record with a hello starts here: both lengths and both versions are plausible.
fn is_hello(window: &[u8]) -> bool {
    let [22, 3, 0..=4, high, low, 1 | 2, 0, middle, last, 3, 0..=4] = window else { return false };
    let (record, message) = (u16::from_be_bytes([*high, *low]), u16::from_be_bytes([*middle, *last]));
    (40..=1 << 14).contains(&record) && message >= 36
}

fn is_alert(bytes: &[u8]) -> bool {
    matches!(bytes, [21, 3, 0..=4, 0, 2, 1 | 2, _, ..])
}

/// Whether these bytes may be the start of a record with a hello.
fn may_be_hello(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [22] | [22, 3]
            | [22, 3, 0..=4]
            | [22, 3, 0..=4, _]
            | [22, 3, 0..=4, _, _]
            | [22, 3, 0..=4, _, _, 1 | 2]
            | [22, 3, 0..=4, _, _, 1 | 2, 0, ..]
    )
}

/// Whether these bytes are text: no protected record starts so.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let plain = |byte: &u8| matches!(byte, b'\t' | b'\r' | b'\n' | b' '..=b'~');
    bytes.len() >= 8 && bytes.iter().take(32).all(plain)
}

/// Finds where records begin again, after a gap or in a capture that begins late: at a header whose record
/// is followed by another header. At index 0 one header is enough, since most packets end where a record
/// ends.
pub(super) fn resync(bytes: &[u8]) -> Resync {
    for index in 0..bytes.len() {
        let rest = bytes.get(index..).unwrap_or_default();
        match header(rest) {
            Some(_) if index == 0 => return Resync::At(0),
            Some((_, length)) if length > 0 => match rest.get(HEADER + length..) {
                Some(next) if next.len() >= 3 && header_prefix(next) => return Resync::At(index),
                Some([]) => return Resync::At(index),
                Some(next) if next.len() >= 3 => {}
                Some(_) | None => return Resync::Possible(index),
            },
            None if rest.len() < HEADER && header_prefix(rest) => return Resync::Possible(index),
            Some(_) | None => {}
        }
    }
    Resync::NotFound
}

/// Where records begin again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resync {
    /// At this index.
    At(usize),
    /// At this index, if another record follows.
    Possible(usize),
    /// Not within these bytes.
    NotFound,
}

fn header_prefix(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=26] | [20..=26, 3] | [20..=26, 3, 0..=4, ..])
}

/// After a header with a length beyond the limit: the shortest length after which complete records follow,
/// up to the end of these bytes. The last record may be truncated, the first may not. `bytes` start after
/// the header.
pub(super) fn smaller_length(bytes: &[u8]) -> Option<u32> {
    // Whether records follow from each index on, computed from the end, so that each index is examined
    // once.
    let mut follow = vec![false; bytes.len() + 1];
    let mut least = None;
    for at in (1..bytes.len()).rev() {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some((_, length)) = header(rest) else { continue };
        let end = at + HEADER + length;
        let behind = bytes.get(end..);
        let follows = behind.is_some_and(|behind| {
            behind.is_empty()
                || follow.get(end) == Some(&true)
                || header(behind).is_none() && header_prefix(behind)
                || header(behind).is_some_and(|(_, length)| behind.len() < HEADER + length)
        });
        if follows {
            least = Some(at);
        }
        if let Some(here) = follow.get_mut(at) {
            *here = follows;
        }
    }
    least.and_then(|at| u32::try_from(at).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same by following each sequence of records to its end.
    fn chain(bytes: &[u8], mut at: usize) -> bool {
        let mut whole = false;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let Some((_, length)) = header(rest) else { return whole && header_prefix(rest) };
            if rest.len() < HEADER + length {
                return whole;
            }
            whole = true;
            at += HEADER + length;
        }
        whole
    }

    #[test]
    fn the_least_length_is_that_of_the_first_chain() {
        let pieces: [&[u8]; 6] = [
            &[22, 3, 3, 0, 2, 9, 9],
            &[23, 3, 3, 0, 0],
            &[7],
            &[22, 3],
            &[21, 3, 3, 0, 9, 1],
            &[22, 3, 3, 0, 1, 0],
        ];
        let mut seed = 1_u32;
        for _ in 0..2000 {
            let mut bytes = Vec::new();
            for _ in 0..6 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                bytes.extend(pieces[usize::try_from(seed >> 16).unwrap() % pieces.len()]);
            }
            let slow = (1..bytes.len()).find(|at| chain(&bytes, *at)).map(|at| u32::try_from(at).unwrap());
            assert_eq!(smaller_length(&bytes), slow, "{bytes:?}");
        }
        // Quadratic time would take an hour here.
        let many = [23, 3, 3, 0, 0].repeat(1 << 20);
        assert_eq!(smaller_length(&many), Some(5));
    }
}
