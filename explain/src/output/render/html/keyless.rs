//! Keeps pre-shared keys out of the HTML page, which may be passed on. The terminal shows the key in a
//! fix; the page shows a placeholder.

use handclasp_trust::Psk;

use crate::input::evidence::TypedSecret;

/// Placeholder for the key.
const NAMED: &str = "the hex that the terminal shows";

/// A fix with every given key, under every reading of it, replaced by the placeholder.
pub(super) fn keyless(fix: &str, psks: &[TypedSecret]) -> String {
    let is_key = |word: &str| psks.iter().any(|typed| reads_as(typed.as_str(), word));
    fix.split(' ').map(|word| if is_key(word) { NAMED } else { word }).collect::<Vec<_>>().join(" ")
}

/// Whether a word is one of the key's readings, in hex.
fn reads_as(typed: &str, word: &str) -> bool {
    Psk::interpretations(typed).iter().any(|reading| {
        word.len() == 2 * reading.bytes.len()
            && reading.bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() == word
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reading_is_named_and_the_rest_stays() {
        let psks = [TypedSecret::new("abc123")];
        assert_eq!(keyless("give it 616263313233", &psks), format!("give it {NAMED}"));
        assert_eq!(keyless("give it abc123 now", &psks), format!("give it {NAMED} now"));
        assert_eq!(keyless("give it 6162633132 or abc", &psks), "give it 6162633132 or abc");
        assert_eq!(keyless("give it 616263313233", &[]), "give it 616263313233");
    }
}
