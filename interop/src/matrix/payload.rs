//! What is sent through a connection. Digits only: `s_server` and `s_client` take some letters
//! at the beginning of their input for commands, and print notes between the bytes they
//! receive; among notes without digits, digits are found again.

use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

/// What OpenSSL says.
pub const FROM_OPENSSL: &str = "10 hello from openssl\n";

/// What we say.
pub const FROM_US: &str = "20 hello from handclasp\n";

/// What our server replies where it is told to.
pub const REPLY: &str = "30 hello from a server that speaks first";

/// 10 MB.
pub const LENGTH: usize = 10 * 1024 * 1024;

/// Stands before the digits and among no other output.
const MARK: &[u8] = b"31415926535897932384";

/// The large payload: a mark, and digits that do not repeat.
pub fn large() -> &'static [u8] {
    static LARGE: OnceLock<Vec<u8>> = OnceLock::new();
    LARGE.get_or_init(|| {
        // Any generator with a long period does (xorshift64): records that arrive in the wrong
        // order, twice or not at all must show.
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

/// The digits that came, from the mark on.
pub fn digits(told: &[u8]) -> Vec<u8> {
    let start = told.windows(MARK.len()).position(|window| window == MARK).unwrap_or(told.len());
    told[start..].iter().copied().filter(u8::is_ascii_digit).take(LENGTH).collect()
}

/// Whether everything may have come.
pub fn is_complete(told: &[u8]) -> bool {
    // Looking is expensive; before enough has come there is nothing to find.
    told.len() >= LENGTH && digits(told).len() == LENGTH
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
        let told = [b"CIPHER is AES128\n", first, b"Read BLOCK\n", second, b"\nDONE\n"].concat();
        assert!(is_complete(&told));
        assert_eq!(hash(&digits(&told)), hash(large()));
        assert!(!is_complete(&told[..told.len() - 10]));
        assert!(digits(b"12").is_empty());
    }
}
