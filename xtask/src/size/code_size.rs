//! The code size of a program, by owner, and symbols that it should not link.
//!
//! Code is counted by symbol, and a symbol belongs to the crate that asked for it. Inlined code counts where
//! it was inlined, so the split is approximate; the sums are exact.

use std::collections::BTreeMap;

use crate::size::elf::{Image, Symbol};
use crate::size::owner::{Owner, Owners, crate_of, demangled};
use crate::size::table::Table;
use interop::process::contains;

/// The table's header.
pub const HEADER: [&str; 11] = [
    "target",
    "program",
    "text",
    "less crypto",
    "own",
    "crypto",
    "library",
    "device",
    "constants",
    "data",
    "bss",
];

/// Below the table.
pub const LEGEND: &str = "\
text: code, constants, vectors; own: handclasp's crates; library: core, alloc, compiler_builtins; device:
vectors, start-up, heap, semihosting, the probe. Code is counted by symbol: its sum is exact, its split
approximate: link-time inlining moves code from one owner to another.";

/// Symbols that a client with a pre-shared key does not need: part of the name, and what it means.
const UNNEEDED_SYMBOLS: [(&str, &str); 3] = [
    ("handclasp_handshake::server", "a client links the server"),
    ("p256::", "a client without certificates links P-256"),
    ("core::fmt::", "a device formats text"),
];

/// Texts that show unneeded data in the constants: a sample, and what it belongs to.
const UNNEEDED_TEXTS: [(&str, &str); 4] = [
    ("TLS_RSA_WITH_", "the names of cipher suites"),
    ("legacy_session_id", "the names of fields"),
    ("The peer", "the texts of faults"),
    ("called `", "the texts of panics"),
];

/// The row of one program.
pub fn row(target: &str, program: &str, image: &Image, owners: &Owners) -> Vec<String> {
    let code_of = |owner: Owner| -> u64 {
        let code = image.symbols.iter().filter(|symbol| symbol.is_code);
        code.filter(|symbol| owners.of(&crate_of(&symbol.name)) == owner).map(|symbol| symbol.size).sum()
    };
    let (own, crypto, library) = (code_of(Owner::Own), code_of(Owner::Crypto), code_of(Owner::Library));
    // Padding and code without a symbol count as the device's.
    let device = (image.code + image.vectors).saturating_sub(own + crypto + library);
    let less_crypto = image.text().saturating_sub(crypto);
    let constants = image.constants.len() as u64;
    let numbers = [image.text(), less_crypto, own, crypto, library, device, constants, image.data, image.bss];
    let names = [target, program].into_iter().map(str::to_owned);
    names.chain(numbers.iter().map(u64::to_string)).collect()
}

/// Complaints about what a client links and does not need.
pub fn unneeded(target: &str, program: &str, image: &Image) -> Vec<String> {
    let names: Vec<(String, u64)> =
        image.symbols.iter().map(|symbol| (demangled(&symbol.name), symbol.size)).collect();
    let linked = UNNEEDED_SYMBOLS.into_iter().filter_map(|(part, why)| {
        let found: Vec<_> = names.iter().filter(|(name, _)| name.contains(part)).collect();
        let bytes: u64 = found.iter().map(|(_, size)| size).sum();
        let (first, _) = found.first()?;
        Some(format!("{target} {program}: {why}: {} symbols, {bytes} bytes, such as {first}", found.len()))
    });
    let texts = UNNEEDED_TEXTS
        .into_iter()
        .filter(|(text, _)| contains(&image.constants, text))
        .map(|(text, what)| format!("{target} {program}: {what} are linked, such as `{text}`"));
    linked.chain(texts).collect()
}

/// The crates by size, and the `count` largest functions.
pub fn list(target: &str, program: &str, image: &Image, owners: &Owners, count: usize) -> String {
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
    format!("\n{target} {program}\n{by_crate}\n{largest}")
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
        assert!(unneeded("m0", "client", &image(b"tls13 derived", &["Reset"])).is_empty());
        let large = image(b"TLS_RSA_WITH_NULL_MD5", &["_ZN4core3fmt5write17h89dfac7bd1a93064E"]);
        let complaints = unneeded("m0", "client", &large).join("\n");
        assert!(complaints.contains("m0 client: a device formats text: 1 symbols, 10 bytes"));
        assert!(complaints.contains("the names of cipher suites"));
    }
}
