//! psk_key_exchange_modes: RFC 8446 §4.2.9.

use crate::{List, PskKeyExchangeMode, structure::structure};

structure! {
    /// Content of psk_key_exchange_modes (`PskKeyExchangeModes`).
    #[derive(Copy)]
    PskKeyExchangeModes<'a> {
        /// Modes that the client supports; the server must choose one of them.
        ke_modes: List<'a, PskKeyExchangeMode> => words8(1..=0xff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::known;
    use crate::*;

    #[test]
    fn modes_and_grease() {
        let modes = [PskKeyExchangeMode::psk_dhe_ke, PskKeyExchangeMode(0x2a)];
        known!(PskKeyExchangeModes<'_>, PskKeyExchangeModes { ke_modes: List::of(&modes) }, "02 01 2a");
    }
}
