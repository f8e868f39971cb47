//! The owner of a symbol: from its mangled name to a crate, from the crate to one of four owners.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context as _, Result};
use cargo_metadata::MetadataCommand;

use crate::workspace;

/// Where code comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// handclasp's crates except the provider.
    Own,
    /// The provider and its dependencies.
    Crypto,
    /// `core`, `alloc`, `compiler_builtins`.
    Library,
    /// Start-up, heap, drivers, network, the programs themselves.
    Device,
}

/// The provider whose dependencies are cryptography.
const PROVIDER: &str = "handclasp-provider-rustcrypto";
const LIBRARY: [&str; 3] = ["core", "alloc", "compiler_builtins"];
/// The crate of the programs, which is not part of the stack.
const OUTSIDE: &str = "handclasp_firmware";

/// The crates of cryptography.
pub struct Owners {
    crypto: BTreeSet<String>,
}

impl Owners {
    /// Asks cargo for the dependencies of the provider.
    pub fn find() -> Result<Self> {
        let metadata = MetadataCommand::new()
            .manifest_path(workspace::root().join("firmware/Cargo.toml"))
            .exec()
            .context("firmware/Cargo.toml")?;
        let resolve = metadata.resolve.as_ref().context("cargo metadata resolved nothing")?;
        let nodes: HashMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, &node.dependencies)).collect();
        let names: HashMap<_, _> =
            metadata.packages.iter().map(|package| (&package.id, package.name.as_str())).collect();

        let provider = metadata.packages.iter().find(|package| package.name.as_str() == PROVIDER);
        let mut open = vec![&provider.with_context(|| format!("firmware does not use {PROVIDER}"))?.id];
        let mut seen: BTreeSet<_> = open.iter().copied().collect();
        while let Some(id) = open.pop() {
            for next in nodes.get(id).copied().into_iter().flatten() {
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        let names = seen.into_iter().filter_map(|id| names.get(id));
        let foreign = names.filter(|name| **name == PROVIDER || !name.starts_with("handclasp"));
        Ok(Self { crypto: foreign.map(|name| name.replace('-', "_")).collect() })
    }

    #[cfg(test)]
    pub fn of_crates(crypto: &[&str]) -> Self {
        Self { crypto: crypto.iter().map(|&name| name.to_owned()).collect() }
    }

    /// The owner of a crate.
    pub fn of(&self, name: &str) -> Owner {
        match name {
            _ if self.crypto.contains(name) => Owner::Crypto,
            _ if LIBRARY.contains(&name) => Owner::Library,
            OUTSIDE => Owner::Device,
            _ if name.starts_with("handclasp_") => Owner::Own,
            _ => Owner::Device,
        }
    }
}

/// The demangled name of a symbol, without hashes.
pub fn demangled(mangled: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(mangled))
}

/// The crate that a symbol belongs to: the first in its name that is not part of Rust's library, so that
/// `<Vec<handclasp_codec::CodePoint>>::push` belongs to the codec; else the library's.
pub fn crate_of(mangled: &str) -> String {
    let roots = match rustc_demangle::try_demangle(mangled) {
        Ok(name) => roots(&name.to_string()),
        Err(_) => return unmangled(mangled).to_owned(),
    };
    let other = roots.iter().find(|root| !LIBRARY.contains(&root.as_str()));
    other.or_else(|| roots.first()).map_or("?", String::as_str).to_owned()
}

/// The crates in a demangled name, in order: mangling v0 gives them a hash, `core[8787f43e282added]::fmt`;
/// in legacy names they come before the first `::` of a path.
fn roots(name: &str) -> Vec<String> {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let mut hashed = Vec::new();
    let mut plain = Vec::new();
    let mut rest = name;
    let mut before = "";
    while let Some(start) = rest.find(is_word) {
        before = if start > 0 { &rest[..start] } else { before };
        let tail = &rest[start..];
        let end = tail.find(|character| !is_word(character)).unwrap_or(tail.len());
        let (word, behind) = tail.split_at(end);
        let hash = behind.strip_prefix('[').and_then(|inside| inside.split_once(']'));
        if hash.is_some_and(|(hash, _)| hash.len() > 4 && hash.chars().all(|digit| digit.is_ascii_hexdigit()))
        {
            hashed.push(word.to_owned());
        } else if behind.starts_with("::") && !before.ends_with("::") {
            plain.push(word.to_owned());
        }
        (before, rest) = ("", behind);
    }
    if hashed.is_empty() { plain } else { hashed }
}

/// The crate of a name that is not mangled: start-up, or the compiler's arithmetic and memory functions.
fn unmangled(name: &str) -> &'static str {
    const MEMORY: [&str; 5] = ["memcpy", "memmove", "memset", "memcmp", "bcmp"];
    if name.starts_with("__aeabi_") || name.starts_with("__") && name.ends_with("3") || MEMORY.contains(&name)
    {
        return "compiler_builtins";
    }
    "start-up"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generic_code_belongs_to_the_crate_that_uses_it() {
        let of = |name: &str| roots(name);
        assert_eq!(
            of("<alloc[00aa11]::vec::Vec<handclasp_codec[bb22cc]::Word>>::push"),
            ["alloc", "handclasp_codec"]
        );
        assert_eq!(of("<[u8; 32] as core[8787f43]::fmt::Debug>::fmt"), ["core"]);
        assert_eq!(of("core::fmt::write::h89dfac7bd1a93064"), ["core"]);
        assert_eq!(of("<alloc::vec::Vec<u8> as core::fmt::Debug>::fmt"), ["alloc", "core"]);
    }

    #[test]
    fn names_are_assigned_to_crates() {
        assert_eq!(crate_of("_RNvNtCsdBezzDwma51_7mycrate3foo3bar"), "mycrate");
        assert_eq!(crate_of("_ZN4core3fmt5write17h89dfac7bd1a93064E"), "core");
        assert_eq!(crate_of("__aeabi_memcpy"), "compiler_builtins");
        assert_eq!(crate_of("__divsi3"), "compiler_builtins");
        assert_eq!(crate_of("Reset"), "start-up");
    }

    #[test]
    fn crates_are_assigned_to_owners() {
        let owners = Owners { crypto: ["sha2".to_owned()].into() };
        assert_eq!(owners.of("sha2"), Owner::Crypto);
        assert_eq!(owners.of("alloc"), Owner::Library);
        assert_eq!(owners.of("handclasp_codec"), Owner::Own);
        assert_eq!(owners.of("handclasp_firmware"), Owner::Device);
        assert_eq!(owners.of("client12"), Owner::Device);
    }
}
