//! Numbers in a line: `-0x2700`, `-9984`, `FFFF8100`, `80072F7D`.

/// A number and how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// Of 32 bits in two's complement below zero if its highest 16 bits are set.
    pub(super) value: i64,
    pub(super) is_hex: bool,
}

/// The numbers of a line in lower case, in their order.
pub(super) fn numbers(lower: &str) -> impl Iterator<Item = Number> {
    lower.split(|found: char| !(found.is_ascii_alphanumeric() || found == '-')).filter_map(number)
}

fn number(word: &str) -> Option<Number> {
    let (sign, digits) = word.strip_prefix('-').map_or((1, word), |rest| (-1, rest));
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| bare(digits)) {
        let value = i64::from(u32::from_str_radix(hex, 16).ok()?);
        // Mbed TLS prints what a function returned as `%d (-0x%04x)`: 5 as `-0xfffffffb`.
        if sign < 0 && value >= 0x8000_0000 {
            return None;
        }
        let value = if value >= 0xffff_0000 { value.checked_sub(1 << 32)? } else { value };
        return Some(Number { value: value.checked_mul(sign)?, is_hex: true });
    }
    let all_digits = !digits.is_empty() && digits.chars().all(|found| found.is_ascii_digit());
    let value = all_digits.then(|| digits.parse::<i64>().ok()).flatten()?;
    Some(Number { value: value.checked_mul(sign)?, is_hex: false })
}

/// Eight digits of an error of Windows or of a negative number.
fn bare(digits: &str) -> Option<&str> {
    let known = ["8007", "8009", "800b", "ffff"].iter().any(|start| digits.starts_with(start));
    (digits.len() == 8 && known && digits.chars().all(|found| found.is_ascii_hexdigit())).then_some(digits)
}

/// The number behind the first of some words that stands before one, over spaces and punctuation.
pub(super) fn behind(lower: &str, marks: &[&str]) -> Option<i64> {
    let at_start = |rest: &str| {
        let rest = rest.trim_start_matches([' ', ':', '=', '(', '[', '"']);
        let end =
            rest.find(|found: char| !(found.is_ascii_alphanumeric() || found == '-')).unwrap_or(rest.len());
        number(rest.get(..end)?).map(|number| number.value)
    };
    marks.iter().find_map(|mark| lower.split(mark).skip(1).find_map(at_start))
}

/// Whether a line contains one of some words.
pub(super) fn has(lower: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| lower.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_notation() {
        for (text, value, is_hex) in [
            ("returned -0x2700", -0x2700, true),
            ("start_ssl_client(): (-9984)", -9984, false),
            ("res=ffff8100 (ssl", -0x7f00, true),
            ("ret = 0xffff8880", -0x7780, true),
            ("code: 80072f7d", 0x8007_2f7d, true),
            ("+qmtopen: 0,-1", 0, false),
        ] {
            assert_eq!(numbers(text).next(), Some(Number { value, is_hex }), "{text}");
        }
        assert_eq!(numbers("ffff81 0x 0xzz - a1").next(), None);
        assert_eq!(numbers("returned (-0xffffec80)").next(), None);
        assert_eq!(behind("rv = 0x70 (x)", &["failed: ", "rv"]), Some(0x70));
        assert_eq!(behind("rv = x", &["rv"]), None);
    }
}
