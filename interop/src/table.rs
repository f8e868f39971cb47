//! Tables of cells: columns are separated by tabs, spaces around a value do not count, `-` is an empty
//! value, `#` begins a comment line, and the first row names the columns.

use anyhow::{Context as _, Result, anyhow, ensure};

/// A table that is compiled in.
pub struct Table {
    /// Its path from the root of the repository.
    pub file: &'static str,
    /// Its content.
    pub text: &'static str,
}

/// The [`Table`] at a path below `interop/`.
#[macro_export]
macro_rules! table {
    ($path:literal) => {
        $crate::table::Table {
            file: concat!("interop/", $path),
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path)),
        }
    };
}

impl Table {
    /// Reads every row; an error names the file and the line.
    pub fn read<T, const N: usize>(
        &self,
        columns: [&str; N],
        read_row: impl Fn([&str; N]) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut lines = self
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        let head = lines.next().map(|(_, line)| values(line)).unwrap_or_default();
        ensure!(head == columns, "{}: the columns must be `{}`", self.file, columns.join(" "));
        let mut rows = Vec::new();
        for (number, line) in lines {
            let row = <[&str; N]>::try_from(values(line))
                .map_err(|row| anyhow!("{} columns instead of {N}", row.len()))
                .and_then(&read_row)
                .with_context(|| format!("{}, line {}", self.file, number + 1))?;
            rows.push(row);
        }
        Ok(rows)
    }
}

fn values(line: &str) -> Vec<&str> {
    line.split('\t').map(str::trim).collect()
}

/// The parts of a value between dividers, trimmed.
pub fn list(value: &str, divider: char) -> Vec<String> {
    let parts = value.split(divider).map(str::trim).filter(|part| !part.is_empty());
    parts.filter(|_| value != "-").map(str::to_owned).collect()
}

/// The value; the empty string for `-`.
pub fn optional(value: &str) -> String {
    if value == "-" { String::new() } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str) -> Result<Vec<String>> {
        Table { file: "a.tsv", text }.read(["name", "value"], |[name, value]| {
            ensure!(name != "bad", "bad name");
            Ok(format!("{name}={value}"))
        })
    }

    #[test]
    fn rows_are_read_and_errors_name_the_line() {
        assert_eq!(read("# head\nname \tvalue\n\na\t 1 \n# b\nc\t-\n").unwrap(), ["a=1", "c=-"]);
        let error = |text| format!("{:#}", read(text).unwrap_err());
        assert_eq!(error("name\tvalue\na\t1\nbad\t2"), "a.tsv, line 3: bad name");
        assert_eq!(error("name\tvalue\na"), "a.tsv, line 2: 1 columns instead of 2");
        assert_eq!(error("name\nb"), "a.tsv: the columns must be `name value`");
        assert!(read("").is_err());
    }

    #[test]
    fn lists_are_divided_and_trimmed() {
        assert_eq!(list("a; b c ;", ';'), ["a", "b c"]);
        assert!(list("-", ';').is_empty());
        assert_eq!((optional("-"), optional("a")), (String::new(), "a".to_owned()));
    }
}
