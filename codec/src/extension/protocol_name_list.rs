//! application_layer_protocol_negotiation: RFC 7301 §3.1.

use crate::{List, structure::structure};

structure! {
    /// Content of ALPN (`ProtocolNameList`). The state machine checks that a server's answer has exactly
    /// one name.
    #[derive(Copy)]
    ProtocolNameList<'a> {
        /// In order of preference.
        protocol_name_list: List<'a, ProtocolName<'a>> => list16(2..=0xffff),
    }
}

structure! {
    /// One protocol name, such as `h2`; 1 to 255 bytes.
    ProtocolName<'a>(opaque8(1..=0xff) in protocol_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn two_protocols() {
        let names = [ProtocolName(b"h2"), ProtocolName(b"mqtt")];
        let value = ProtocolNameList { protocol_name_list: List::of(&names) };
        known!(ProtocolNameList<'_>, value, "0008 02 6832 04 6d717474");
        fails!(ProtocolNameList<'_>, "0002 00 00", Problem::OutOfRange, _, 2);
    }
}
