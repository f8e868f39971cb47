//! The pins of a peer in its TXT record: `pin=sha256/…`, several separated by commas, since a key of a TXT record
//! appears once (RFC 6763 §6.4). The first is of the key that the peer prefers.

use handclasp_trust::Pin;

/// The key in the TXT record.
pub(crate) const KEY: &str = "pin";

/// How many pins a record holds: one string has at most 255 bytes (RFC 6763 §6.1), `pin=` takes 4, a pin 51.
pub const PINS_MAX: usize = 4;

/// How every pin begins.
const PREFIX: &str = "sha256/";

/// The value for these pins; those after the fourth are left out.
pub(crate) fn value(pins: &[Pin]) -> String {
    let texts: Vec<String> = pins.iter().take(PINS_MAX).map(ToString::to_string).collect();
    texts.join(",")
}

/// The pins of a value. What does not parse is left out.
pub(crate) fn parse(value: &[u8]) -> Vec<Pin> {
    let mut pins = Vec::new();
    for text in std::str::from_utf8(value).unwrap_or_default().split(',').take(PINS_MAX) {
        let pin = Some(text).filter(|text| text.starts_with(PREFIX)).and_then(|text| Pin::parse(text).ok());
        pins.extend(pin.filter(|pin| !pins.contains(pin)));
    }
    pins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_pins_fit_a_string_of_a_txt_record() {
        let pins: Vec<Pin> = (0..6).map(|byte| Pin([byte; 32])).collect();
        let text = value(&pins);
        assert!(KEY.len() + 1 + text.len() <= 255, "{}", text.len());
        assert!(KEY.len() + 1 + text.len() + 52 > 255);
        assert_eq!(parse(text.as_bytes()), pins[..PINS_MAX]);
        assert_eq!(value(&[]), "");
    }

    #[test]
    fn what_is_not_a_pin_is_left_out() {
        let pin = Pin([7; 32]);
        for text in ["", "sha256/", "sha256/AAAA", "sha1/2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "\u{1b}[2J"] {
            assert_eq!(parse(text.as_bytes()), [], "{text}");
            assert_eq!(parse(format!("{text},{pin}").as_bytes()), [pin], "{text}");
        }
        assert_eq!(parse(format!("{pin},{pin}").as_bytes()), [pin]);
        // Only the first four words are looked at.
        assert_eq!(parse(format!(",,,,{pin}").as_bytes()), []);
        assert_eq!(parse(b"\xff\xfe"), []);
        // Base64 alone could be anything.
        assert_eq!(parse(&pin.to_string().as_bytes()[PREFIX.len()..]), []);
    }
}
