//! The text of a program: its parts, and symbols that it should not link.
//!
//! Code is counted by symbol, and a symbol belongs to the crate that asked for it. Inlined code counts where
//! it was inlined, so the split is approximate; the sums are exact.

use std::collections::BTreeMap;

use crate::firmware::elf::{Image, Symbol};
use crate::firmware::owner::{Owner, Owners, crate_of, demangled};
use crate::firmware::programs::{Core, Profile};
use crate::firmware::table::Table;
use interop::process::contains;

/// Other stacks, for comparison; not measured by this command.
pub const OTHERS: &str = "\
Beside them, Cortex-M4, by other hands or by hand, not by this command (KB of text):
  Mbed TLS 3.6.6, -Os / LTO: 1.2 PSK client 19.7 / 18.1; 1.2 PSK server 19.3 / 17.9; 1.3 PSK client with P-256
    50.3 / 45.3; 1.2 server P-256 50.2 / 45.8; 1.3 server P-256 67.1 / 59.7. Heap peak of the servers with 2 KB
    buffers: 7.4 (1.2), 8.8 (1.3) KB; stack 1.2 and 2.1 KB.
  embedded-tls 0.19: 1.3 client, 62 without verification, 85 with it; stack 32 KB when it verifies.
";

/// The parts of a program's text, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// All of it.
    pub flash: u64,
    /// What the same program without TLS has more than the bare board.
    pub network: u64,
    /// Without the network.
    pub total: u64,
    /// Cryptography.
    pub crypto: u64,
    /// The bare board.
    pub board: u64,
    /// The rest: handclasp, and what it uses of Rust's library.
    pub own: u64,
}

impl Weight {
    /// Weighs a program.
    pub fn new(image: &Image, plain: &Image, bare: &Image, owners: &Owners) -> Self {
        let code = image.symbols.iter().filter(|symbol| owners.of(&crate_of(&symbol.name)) == Owner::Crypto);
        let crypto = code.map(|symbol| symbol.size).sum();
        let (flash, board) = (image.text(), bare.text());
        let network = plain.text().saturating_sub(board);
        let total = flash.saturating_sub(network);
        Self { flash, network, total, crypto, board, own: total.saturating_sub(crypto + board) }
    }
}

/// Symbols that some profiles do not need: part of the symbol's name, what it means, and a word in the names
/// of those profiles.
const UNNEEDED_SYMBOLS: [(&str, &str, &str); 5] = [
    ("handclasp_handshake::server", "a client links the server", "client"),
    ("handclasp_handshake::client", "a server links the client", "server"),
    ("p256::", "a profile without certificates links P-256", "PSK"),
    ("rustcrypto::verify", "a server that asks for no certificate verifies signatures", "server, P-256"),
    ("core::fmt::write", "a device formats text", ""),
];

/// Texts that show unneeded data in the constants: a sample, and what it belongs to.
const UNNEEDED_TEXTS: [(&str, &str); 4] = [
    ("TLS_RSA_WITH_", "the names of cipher suites"),
    ("legacy_session_id", "the names of fields"),
    ("The peer", "the texts of faults"),
    ("called `", "the texts of panics"),
];

/// Complaints about what a client links and does not need.
pub fn unneeded(core: Core, profile: &Profile, image: &Image) -> Vec<String> {
    let names: Vec<(String, u64)> =
        image.symbols.iter().map(|symbol| (demangled(&symbol.name), symbol.size)).collect();
    let who = format!("{}, {}", profile.name, core.name);
    let of_profile = UNNEEDED_SYMBOLS.into_iter().filter(|(_, _, word)| profile.name.contains(word));
    let linked = of_profile.filter_map(|(part, why, _)| {
        let found: Vec<_> = names.iter().filter(|(name, _)| name.contains(part)).collect();
        let bytes: u64 = found.iter().map(|(_, size)| size).sum();
        let (first, _) = found.first()?;
        Some(format!("{who}: {why}: {} symbols, {bytes} bytes, such as {first}", found.len()))
    });
    let texts = UNNEEDED_TEXTS
        .into_iter()
        .filter(|(text, _)| contains(&image.constants, text))
        .map(|(text, what)| format!("{who}: {what} are linked, such as `{text}`"));
    linked.chain(texts).collect()
}

/// The crates by size, and the `count` largest functions.
pub fn list(core: Core, profile: &Profile, image: &Image, owners: &Owners, count: usize) -> String {
    let mut crates: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for symbol in &image.symbols {
        let (code, constants) = crates.entry(group(symbol)).or_default();
        match symbol.is_code {
            true => *code += symbol.size,
            false => *constants += symbol.size,
        }
    }
    let mut crates: Vec<_> = crates.into_iter().collect();
    crates.sort_by_key(|(_, (code, constants))| std::cmp::Reverse(code + constants));
    let mut by_crate = Table::new(&["code", "named constants", "crate", "owner"]);
    for (name, (code, constants)) in crates {
        let owner = format!("{:?}", owners.of(name.split("::").next().unwrap_or_default())).to_lowercase();
        by_crate.row(vec![code.to_string(), constants.to_string(), name, owner]);
    }

    let mut symbols: Vec<&Symbol> = image.symbols.iter().collect();
    symbols.sort_by_key(|symbol| std::cmp::Reverse(symbol.size));
    let mut largest = Table::new(&["bytes", "crate", "symbol"]);
    for symbol in symbols.into_iter().take(count) {
        largest.row(vec![symbol.size.to_string(), crate_of(&symbol.name), demangled(&symbol.name)]);
    }
    format!("\n{} {}\n{by_crate}\n{largest}", core.name, profile.name)
}

/// The crate of a symbol; `core::fmt` apart from the rest of `core`.
fn group(symbol: &Symbol) -> String {
    let name = crate_of(&symbol.name);
    let text = demangled(&symbol.name);
    match name == "core" && text.contains("core::fmt::") {
        true => "core::fmt".to_owned(),
        false => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firmware::programs::{CORES, profile};

    #[test]
    fn unneeded_symbols_and_texts_are_named() {
        let symbol = |name: &str| Symbol { name: name.to_owned(), size: 10, is_code: true };
        let image = |constants: &[u8], names: &[&str]| Image {
            code: 100,
            vectors: 8,
            constants: constants.to_vec(),
            data: 0,
            bss: 0,
            symbols: names.iter().copied().map(symbol).collect(),
        };
        let profile_of = |name| profile(name).unwrap();
        let (core, profile) = (CORES[0], profile_of("1.2 PSK client"));
        assert!(unneeded(core, profile, &image(b"tls13 derived", &["Reset"])).is_empty());
        let large = image(b"TLS_RSA_WITH_NULL_MD5", &["_ZN4core3fmt5write17h89dfac7bd1a93064E"]);
        let complaints = unneeded(core, profile, &large).join("\n");
        assert!(complaints.contains("1.2 PSK client, M0: a device formats text: 1 symbols, 10 bytes"));
        assert!(complaints.contains("the names of cipher suites"));
        assert!(complaints.lines().count() == 2, "{complaints}");
        let verifies = image(b"", &["_ZN29handclasp_provider_rustcrypto6verify4p25617h89dfac7bd1a93064E"]);
        let complaints = unneeded(core, profile_of("1.2 server, P-256"), &verifies).join("\n");
        assert!(
            complaints.contains("a server that asks for no certificate verifies signatures"),
            "{complaints}"
        );
        assert!(unneeded(core, profile_of("MQTT client"), &verifies).is_empty());
    }

    #[test]
    fn own_is_what_is_left() {
        let symbol = |name: &str, size| Symbol { name: name.to_owned(), size, is_code: true };
        let image =
            |code, symbols| Image { code, vectors: 0, constants: Vec::new(), data: 0, bss: 0, symbols };
        let owners = Owners::of_crates(&["sha2"]);
        let linked = image(1000, vec![symbol("_RNvNtCsdBezzDwma51_4sha23foo3bar", 300)]);
        let weight = Weight::new(&linked, &image(250, Vec::new()), &image(50, Vec::new()), &owners);
        let expected = Weight { flash: 1000, network: 200, total: 800, crypto: 300, board: 50, own: 450 };
        assert_eq!(weight, expected);
    }
}
