//! What stands in a linked program: the sizes of its parts, and its symbols.
//!
//! Called by: `size`, `weight`.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use object::elf::{ELFCLASS32, FileHeader32, SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, SHT_NOBITS, STT_NOTYPE};
use object::read::elf::{FileHeader as _, SectionHeader as _, Sym as _};
use object::{Endianness, FileKind};

/// A function or constant that has a name.
pub struct Symbol {
    /// As mangled.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Whether it is code.
    pub is_code: bool,
}

/// A program.
pub struct Image {
    /// Machine code.
    pub code: u64,
    /// The vector table and constants.
    pub constants: u64,
    /// Statics with a first value, which stands in flash as well.
    pub data: u64,
    /// Statics that begin as zeros. The heap's memory is in a section of its own.
    pub bss: u64,
    /// Symbols of code and constants; several of one place once.
    pub symbols: Vec<Symbol>,
}

/// What a section is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Code,
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
        anyhow::ensure!(FileKind::parse(bytes)? == FileKind::Elf32, "not an ELF file of class {ELFCLASS32}");
        let header = FileHeader32::<Endianness>::parse(bytes)?;
        let endian = header.endian()?;
        let sections = header.sections(endian, bytes)?;

        let mut image = Self { code: 0, constants: 0, data: 0, bss: 0, symbols: Vec::new() };
        let mut parts = Vec::new();
        for section in sections.iter() {
            let name = sections.section_name(endian, section)?;
            let part = part(name, section.sh_type(endian), u64::from(section.sh_flags(endian)));
            let size = u64::from(section.sh_size(endian));
            match part {
                Part::Code => image.code += size,
                Part::Constants => image.constants += size,
                Part::Data => image.data += size,
                Part::Bss => image.bss += size,
                Part::Other => {}
            }
            parts.push(part);
        }

        let table = sections.symbols(endian, bytes, object::elf::SHT_SYMTAB)?;
        let mut found = Vec::new();
        for symbol in table.iter() {
            let section = usize::from(symbol.st_shndx(endian));
            let part = parts.get(section).copied().unwrap_or(Part::Other);
            let size = u64::from(symbol.st_size(endian));
            if size == 0 || symbol.st_type() == STT_NOTYPE || !matches!(part, Part::Code | Part::Constants) {
                continue;
            }
            let name = String::from_utf8_lossy(table.symbol_name(endian, symbol)?).into_owned();
            // The lowest bit of an address of Thumb code only says that it is such.
            found.push((symbol.st_value(endian) & !1, Symbol { name, size, is_code: part == Part::Code }));
        }
        found.sort_by_key(|(address, _)| *address);
        found.dedup_by_key(|(address, _)| *address);
        image.symbols = found.into_iter().map(|(_, symbol)| symbol).collect();
        Ok(image)
    }

    /// Bytes of flash without those of `data`: what `size` calls text.
    pub fn text(&self) -> u64 {
        self.code + self.constants
    }
}

fn part(name: &str, section_type: u32, flags: u64) -> Part {
    let has = |flag: u32| flags & u64::from(flag) != 0;
    match (has(SHF_ALLOC), has(SHF_EXECINSTR), has(SHF_WRITE)) {
        (false, ..) => Part::Other,
        // Memory that nobody sets: the heap's.
        _ if name == ".uninit" => Part::Other,
        (true, true, _) => Part::Code,
        (true, false, false) => Part::Constants,
        (true, false, true) if section_type == SHT_NOBITS => Part::Bss,
        (true, false, true) => Part::Data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_told_apart() {
        let of = |name, section_type, flags| part(name, section_type, u64::from(flags));
        assert!(of(".text", 1, SHF_ALLOC | SHF_EXECINSTR) == Part::Code);
        assert!(of(".vector_table", 1, SHF_ALLOC) == Part::Constants);
        assert!(of(".data", 1, SHF_ALLOC | SHF_WRITE) == Part::Data);
        assert!(of(".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE) == Part::Bss);
        assert!(of(".uninit", SHT_NOBITS, SHF_ALLOC | SHF_WRITE) == Part::Other);
        assert!(of(".debug_line", 1, 0) == Part::Other);
    }

    #[test]
    fn what_is_no_program_is_refused() {
        assert!(Image::parse(b"\x7fELF").is_err());
        assert!(Image::parse(b"").is_err());
    }
}
