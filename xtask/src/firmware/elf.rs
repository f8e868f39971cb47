//! The sections of a linked program, their sizes, and its symbols.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use object::read::elf::ElfFile32;
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, SectionKind, SymbolKind};

/// A named function or constant.
pub struct Symbol {
    /// The mangled name.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// Whether it is code.
    pub is_code: bool,
}

/// A program; sizes in bytes.
pub struct Image {
    /// Machine code.
    pub code: u64,
    /// The vector table.
    pub vectors: u64,
    /// Constants: tables, texts, first values of local variables.
    pub constants: Vec<u8>,
    /// Initialized statics; their initial values are in flash, too.
    pub data: u64,
    /// Zero-initialized statics. The memory of the heap is in a section of its own.
    pub bss: u64,
    /// Symbols of code and constants; one for each address.
    pub symbols: Vec<Symbol>,
}

/// The use of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Code,
    Vectors,
    Constants,
    Data,
    Bss,
    Other,
}

impl Image {
    /// Reads a program for a 32-bit machine.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        Self::parse(&bytes).with_context(|| path.display().to_string())
    }

    fn parse(bytes: &[u8]) -> Result<Self> {
        let file: ElfFile32<'_> = ElfFile32::parse(bytes)?;
        let mut image =
            Self { code: 0, vectors: 0, constants: Vec::new(), data: 0, bss: 0, symbols: Vec::new() };
        for section in file.sections() {
            match part(section.name()?, section.kind()) {
                Part::Code => image.code += section.size(),
                Part::Vectors => image.vectors += section.size(),
                Part::Constants => image.constants.extend_from_slice(section.data()?),
                Part::Data => image.data += section.size(),
                Part::Bss => image.bss += section.size(),
                Part::Other => {}
            }
        }
        let mut found = Vec::new();
        for symbol in file.symbols() {
            let (SymbolKind::Text | SymbolKind::Data, Some(index)) = (symbol.kind(), symbol.section_index())
            else {
                continue;
            };
            let section = file.section_by_index(index)?;
            let part = part(section.name()?, section.kind());
            if symbol.size() > 0 && matches!(part, Part::Code | Part::Constants) {
                let (name, size) = (symbol.name()?.to_owned(), symbol.size());
                // The lowest bit of an address only marks Thumb code.
                found.push((symbol.address() & !1, Symbol { name, size, is_code: part == Part::Code }));
            }
        }
        found.sort_by_key(|(address, _)| *address);
        found.dedup_by_key(|(address, _)| *address);
        image.symbols = found.into_iter().map(|(_, symbol)| symbol).collect();
        Ok(image)
    }

    /// Bytes of flash without `data`, as `size` counts text.
    pub fn text(&self) -> u64 {
        self.code + self.vectors + self.constants.len() as u64
    }
}

fn part(name: &str, kind: SectionKind) -> Part {
    match kind {
        // Uninitialized memory: the heap.
        _ if name.starts_with(".uninit") => Part::Other,
        _ if name == ".vector_table" => Part::Vectors,
        SectionKind::Text => Part::Code,
        SectionKind::ReadOnlyData | SectionKind::ReadOnlyDataWithRel | SectionKind::ReadOnlyString => {
            Part::Constants
        }
        SectionKind::Data => Part::Data,
        SectionKind::UninitializedData => Part::Bss,
        _ => Part::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_classified() {
        assert_eq!(part(".text", SectionKind::Text), Part::Code);
        assert_eq!(part(".vector_table", SectionKind::ReadOnlyData), Part::Vectors);
        assert_eq!(part(".rodata", SectionKind::ReadOnlyData), Part::Constants);
        assert_eq!(part(".bss", SectionKind::UninitializedData), Part::Bss);
        assert_eq!(part(".uninit", SectionKind::UninitializedData), Part::Other);
        assert_eq!(part(".debug_line", SectionKind::Debug), Part::Other);
    }

    #[test]
    fn malformed_files_are_refused() {
        assert!(Image::parse(b"\x7fELF").is_err());
        assert!(Image::parse(b"").is_err());
    }
}
