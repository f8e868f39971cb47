//! The vector files in this directory: one `name = hexadecimal` per line; `#` starts a comment. Used by
//! the tests of `schedule` and `record`.

use std::{collections::HashMap, ops::Index};

/// Values of one file by name.
pub struct Vectors(HashMap<&'static str, Vec<u8>>);

impl Vectors {
    /// Loads the file with this name, without `.txt`.
    pub fn load(name: &str) -> Self {
        let text = match name {
            "rfc8448-3" => include_str!("rfc8448-3.txt"),
            "rfc8448-4" => include_str!("rfc8448-4.txt"),
            "rfc8448-5" => include_str!("rfc8448-5.txt"),
            "rfc8448-6" => include_str!("rfc8448-6.txt"),
            "tls12-c02b" => include_str!("tls12-c02b.txt"),
            "tls12-c030" => include_str!("tls12-c030.txt"),
            "tls12-cca8" => include_str!("tls12-cca8.txt"),
            "tls12-c0ac" => include_str!("tls12-c0ac.txt"),
            "tls12-c0ae" => include_str!("tls12-c0ae.txt"),
            "tls12-c009" => include_str!("tls12-c009.txt"),
            "tls12-c036" => include_str!("tls12-c036.txt"),
            "tls12-c023" => include_str!("tls12-c023.txt"),
            "tls12-00af" => include_str!("tls12-00af.txt"),
            "tls13-1301" => include_str!("tls13-1301.txt"),
            "tls13-1302" => include_str!("tls13-1302.txt"),
            "tls13-1303" => include_str!("tls13-1303.txt"),
            "psk-imported" => include_str!("psk-imported.txt"),
            "tls13-1304" => include_str!("tls13-1304.txt"),
            "tls13-1305" => include_str!("tls13-1305.txt"),
            "openssl" => include_str!("openssl.txt"),
            "psk-premaster" => include_str!("psk-premaster.txt"),
            _ => panic!("no vectors {name}"),
        };
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self(
            lines.filter_map(|line| line.split_once(" = ")).map(|(name, value)| (name, hex(value))).collect(),
        )
    }

    /// Returns the value, if the file has it.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }
}

impl Index<&str> for Vectors {
    type Output = [u8];
    fn index(&self, name: &str) -> &[u8] {
        self.get(name).unwrap_or_else(|| panic!("no value {name}"))
    }
}

/// Decodes hexadecimal.
pub fn hex(text: &str) -> Vec<u8> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    assert!(rest.is_empty(), "odd number of hexadecimal digits");
    pairs.iter().map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
