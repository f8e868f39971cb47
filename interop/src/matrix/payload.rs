//! The data sent through a connection. Digits only: `s_server` and `s_client` take some letters at the
//! beginning of their input for commands and print notes between the bytes that they receive. The notes
//! have no digits, so the payload can be separated from them.

use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

/// The line that OpenSSL sends.
pub const FROM_OPENSSL: &str = "10 hello from openssl\n";

/// The line that handclasp sends.
pub const FROM_HANDCLASP: &str = "20 hello from handclasp\n";

/// The reply of our server with `--reply`.
pub const REPLY: &str = "30 hello from a server that speaks first";

/// Length of the large payload: 10 MB.
pub const LENGTH: usize = 10 * 1024 * 1024;

/// Precedes the digits of the large payload; occurs in no other output.
const MARK: &[u8] = b"31415926535897932384";

/// The large payload: the mark, then digits without a period.
pub fn large() -> &'static [u8] {
    static LARGE: OnceLock<Vec<u8>> = OnceLock::new();
    LARGE.get_or_init(|| {
        // xorshift64: with a long period, records that arrive reordered, twice or not at all change
        // the hash.
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let digits = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            b"0123456789abcdef"[(state >> 60) as usize % 10]
        });
        MARK.iter().copied().chain(digits).take(LENGTH).collect()
    })
}

/// The digits in an output, from the mark on.
pub fn digits(output: &[u8]) -> Vec<u8> {
    let start = output.windows(MARK.len()).position(|window| window == MARK).unwrap_or(output.len());
    output[start..].iter().copied().filter(u8::is_ascii_digit).take(LENGTH).collect()
}

/// Whether the output holds the whole large payload.
pub fn is_complete(output: &[u8]) -> bool {
    // The search is expensive; the length rules most calls out.
    output.len() >= LENGTH && digits(output).len() == LENGTH
}

/// SHA-256 as hex.
pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_found_among_notes() {
        let (first, second) = large().split_at(LENGTH / 2);
        let output = [b"CIPHER is AES128\n", first, b"Read BLOCK\n", second, b"\nDONE\n"].concat();
        assert!(is_complete(&output));
        assert_eq!(hash(&digits(&output)), hash(large()));
        assert!(!is_complete(&output[..output.len() - 10]));
        assert!(digits(b"12").is_empty());
    }
}
