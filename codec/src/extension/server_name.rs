//! server_name: RFC 6066 §3. A server's answer has no content.

use crate::{List, NameType, structure::structure};

structure! {
    /// Content of server_name in a ClientHello. The state machine rejects a repeated name type.
    #[derive(Copy)]
    ServerNameList<'a> {
        /// A single host name in practice.
        server_name_list: List<'a, ServerName<'a>> => list16(1..=0xffff),
    }
}

structure! {
    /// A server name. RFC 6066 §3 defines only host_name, and requires later types to begin with a
    /// two-byte length too.
    #[derive(Copy, PartialEq, Eq)]
    ServerName<'a> in server_name_entry {
        /// host_name (0) is the only value defined.
        name_type: NameType => word,
        /// ASCII without a trailing dot, 1 to 65535 bytes; the state machine checks the syntax.
        host_name: &'a [u8] => opaque16(1..=0xffff),
    }
}

impl<'a> ServerNameList<'a> {
    /// Returns the first host name, if there is one.
    pub fn host_name(&self) -> Option<&'a [u8]> {
        let name = self.server_name_list.iter().find(|name| name.name_type == NameType::host_name)?;
        Some(name.host_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn a_host_name() {
        let names = [ServerName { name_type: NameType::host_name, host_name: b"a.example" }];
        let list = ServerNameList { server_name_list: List::of(&names) };
        assert_eq!(list.host_name(), Some(&b"a.example"[..]));
        known!(ServerNameList<'_>, list, "000c 00 0009 612e6578616d706c65");
        fails!(ServerNameList<'_>, "0000", Problem::OutOfRange, _, 0);
        fails!(ServerNameList<'_>, "0003 00 0000", Problem::OutOfRange, _, 3);
        fails!(ServerNameList<'_>, "0005 00 0003 6161", Problem::Truncated, [_, _, 0], 5);
    }
}
