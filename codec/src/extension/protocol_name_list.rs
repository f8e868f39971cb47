//! application_layer_protocol_negotiation: RFC 7301 §3.1.

use crate::{List, structure::structure};

structure! {
    /// ProtocolNameList. A server's answer holds exactly one, which is for the machine to see.
    #[derive(Copy)]
    ProtocolNameList<'a> {
        /// The client's preference first.
        protocol_name_list: List<'a, ProtocolName<'a>> => list16(2..=0xffff),
    }
}

structure! {
    /// ProtocolName.
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
        fails!(ProtocolNameList<'_>, "0002 00 00", Problem::OutOfRange { .. }, 2);
    }
}
