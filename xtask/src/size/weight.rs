//! What a program weighs, whose the bytes are, and what should not be there.
//!
//! Code is counted by symbol, and a symbol by the crate it is there for. What the linker
//! inlined counts where it went, so that the split is approximate; the sums are exact.
//!
//! Called by: `size`.

use std::collections::BTreeMap;

use crate::size::elf::{Image, Symbol};
use crate::size::owner::{Owner, Owners, crate_of, demangled};
use crate::size::table::Table;

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
text: code, constants, vectors; own: handclasp's rooms; library: core, alloc, compiler_builtins; device:
start-up, heap, semihosting, the probe. By symbol, approximate: link-time inlining moves code between them.";

/// What a client with a pre-shared key has no use for: part of a symbol's name, and why.
const STRANGERS: [(&str, &str); 3] = [
    ("handclasp_handshake::server", "a client links the server"),
    ("p256::", "a client without certificates links P-256"),
    ("core::fmt::", "text is made on a device"),
];

/// The row of one program.
pub fn row(target: &str, program: &str, image: &Image, owners: &Owners) -> Vec<String> {
    let of = |owner: Owner| -> u64 {
        let code = image.symbols.iter().filter(|symbol| symbol.is_code);
        code.filter(|symbol| owners.of(&crate_of(&symbol.name)) == owner).map(|symbol| symbol.size).sum()
    };
    let (own, crypto, library) = (of(Owner::Own), of(Owner::Crypto), of(Owner::Library));
    // Padding and what has no name goes to the device.
    let device = image.code.saturating_sub(own + crypto + library);
    let less_crypto = image.text().saturating_sub(crypto);
    let numbers =
        [image.text(), less_crypto, own, crypto, library, device, image.constants, image.data, image.bss];
    let names = [target, program].into_iter().map(str::to_owned);
    names.chain(numbers.iter().map(u64::to_string)).collect()
}

/// Complaints about what a client links and has no use for.
pub fn strangers(target: &str, program: &str, image: &Image) -> Vec<String> {
    let names: Vec<(String, u64)> =
        image.symbols.iter().map(|symbol| (demangled(&symbol.name), symbol.size)).collect();
    STRANGERS
        .into_iter()
        .filter_map(|(part, why)| {
            let found: Vec<_> = names.iter().filter(|(name, _)| name.contains(part)).collect();
            let bytes: u64 = found.iter().map(|(_, size)| size).sum();
            let (first, _) = found.first()?;
            Some(format!(
                "{target} {program}: {why}: {} symbols, {bytes} bytes, such as {first}",
                found.len()
            ))
        })
        .collect()
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

/// The crate, with the module in Rust's own: `core::fmt` means something else than `core::slice`.
fn group(symbol: &Symbol) -> String {
    let name = crate_of(&symbol.name);
    let text = demangled(&symbol.name);
    match name == "core" && text.contains("core::fmt::") {
        true => "core::fmt".to_owned(),
        false => name,
    }
}
