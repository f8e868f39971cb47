//! Tables with aligned columns.

use std::fmt;

/// A header and rows.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table whose first row is `header`, unless that is empty.
    pub fn new(header: &[&str]) -> Self {
        let header: Vec<String> = header.iter().map(|&cell| cell.to_owned()).collect();
        Self { rows: if header.is_empty() { Vec::new() } else { vec![header] } }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }
}

impl fmt::Display for Table {
    /// Numbers and their headings are aligned to the right, words to the left.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let column = |index: usize| self.rows.iter().filter_map(move |row| row.get(index));
        let widths: Vec<usize> = (0..columns)
            .map(|index| column(index).map(|cell| cell.chars().count()).max().unwrap_or(0))
            .collect();
        let is_number = |cell: &String| cell.chars().all(|digit| digit.is_ascii_digit());
        let numbers: Vec<bool> = (0..columns).map(|index| column(index).skip(1).all(is_number)).collect();
        for row in &self.rows {
            let mut line = String::new();
            for ((cell, width), number) in row.iter().zip(&widths).zip(&numbers) {
                line += &match number {
                    true => format!("{cell:>width$}  "),
                    false => format!("{cell:<width$}  "),
                };
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(&["name", "n"]);
        table.row(vec!["a".into(), "10".into()]);
        table.row(vec!["longer".into(), "1000".into()]);
        assert_eq!(table.to_string(), "name       n\na         10\nlonger  1000\n");
    }
}
