//! Small records: which limits a server takes up (RFC 6066 §4, RFC 8449).

use std::io;

use handclasp::ProtocolVersion;
use handclasp_codec::MaxFragmentLength;

use super::hello::Hello;
use super::observed;
use super::probe::Target;

/// The largest record_size_limit: in TLS 1.3 the type counts, too (RFC 8449 §4).
pub fn most(version: ProtocolVersion) -> u16 {
    if version == ProtocolVersion::TLS_1_3 { 16_385 } else { 16_384 }
}

/// The limits of max_fragment_length that are taken up, the smallest first.
///
/// # Errors
/// The server cannot be reached.
pub fn max_fragment_length(target: &mut Target, base: &Hello) -> io::Result<Vec<u16>> {
    let mut taken = Vec::new();
    for (code, limit) in [
        (MaxFragmentLength::two_pow_9, 512),
        (MaxFragmentLength::two_pow_12, 4096),
        (MaxFragmentLength::two_pow_11, 2048),
        (MaxFragmentLength::two_pow_10, 1024),
    ] {
        let answer = target.ask(&Hello { max_fragment_length: Some(code), ..base.clone() })?;
        let echo =
            answer.diagnosis().and_then(observed::extensions).and_then(|taken| taken.max_fragment_length);
        if echo == Some(code) {
            taken.push(limit);
        } else if limit == 4096 && taken.is_empty() {
            // Neither the smallest nor the largest: the server does not know the extension.
            break;
        }
    }
    taken.sort_unstable();
    Ok(taken)
}
