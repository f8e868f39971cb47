//! server_name: RFC 6066 §3. A server's answer is empty.

use crate::{List, NameType, structure::structure};

structure! {
    /// ServerNameList. That no type comes twice is for the machine to see.
    #[derive(Copy)]
    ServerNameList<'a> {
        /// One host name in practice.
        server_name_list: List<'a, ServerName<'a>> => list16(1..=0xffff),
    }
}

structure! {
    /// ServerName. Only host_name was ever defined; RFC 6066 asks every later type to begin
    /// with two bytes of length as well.
    #[derive(Copy, PartialEq, Eq)]
    ServerName<'a> in server_name_entry {
        /// host_name.
        name_type: NameType => word,
        /// ASCII, without a trailing dot; for the machine to check.
        host_name: &'a [u8] => opaque16(1..=0xffff),
    }
}

impl<'a> ServerNameList<'a> {
    /// The first host name.
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
        fails!(ServerNameList<'_>, "0000", Problem::OutOfRange { .. }, 0);
        fails!(ServerNameList<'_>, "0003 00 0000", Problem::OutOfRange { .. }, 3);
        fails!(ServerNameList<'_>, "0005 00 0003 6161", Problem::Truncated { .. }, 5);
    }
}
