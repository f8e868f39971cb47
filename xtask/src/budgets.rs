//! Tables of limits: `firmware/budgets.tsv`, `capi/examples/firmware/budgets.tsv`.

use anyhow::{Context as _, Result, bail};

use crate::workspace;

/// A limit of one figure of one program.
pub struct Budget {
    /// The program, or the profile of one.
    pub program: String,
    /// What is counted.
    pub figure: String,
    /// Above it the step fails.
    pub limit: u64,
    /// What the limit is meant to become.
    pub target: u64,
}

impl Budget {
    /// What to say if the figure is above its limit in that file.
    pub fn complaint(&self, found: u64, file: &str) -> Option<String> {
        let Self { program, figure, limit, .. } = self;
        let above = found.checked_sub(*limit).filter(|above| *above > 0)?;
        Some(format!("{program}: {figure} is {found}, {above} above its limit of {limit} in {file}"))
    }
}

/// Reads a table with these figures; lines that begin with `#` are comments, and the first other line is the header.
pub fn read(file: &str, figures: &[&str]) -> Result<Vec<Budget>> {
    let text = workspace::read(file)?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).skip(1);
    lines.map(|line| parse(line, figures).with_context(|| format!("{file}: {line}"))).collect()
}

fn parse(line: &str, figures: &[&str]) -> Result<Budget> {
    let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
    let [program, figure, limit, target] = cells[..] else {
        bail!("expected 4 columns, found {}", cells.len())
    };
    if !figures.contains(&figure) {
        bail!("unknown figure {figure}; expected one of {}", figures.join(", "));
    }
    let number = |text: &str| text.parse().with_context(|| format!("`{text}` is not a number"));
    Ok(Budget {
        program: program.into(),
        figure: figure.into(),
        limit: number(limit)?,
        target: number(target)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_checked() {
        let parse = |line| super::parse(line, &["own"]);
        let budget = parse("1.2 PSK client\town\t90000\t22000").unwrap();
        assert_eq!((budget.limit, budget.target), (90_000, 22_000));
        assert!(parse("1.2 PSK client\tcolour\t1\t1").is_err());
        assert!(parse("1.2 PSK client\town\t1").is_err());
        assert!(parse("1.2 PSK client\town\tx\t1").is_err());
    }

    #[test]
    fn what_is_above_its_limit_is_named() {
        let budget = parse("1.2 PSK client\town\t10\t5", &["own"]).unwrap();
        assert_eq!(budget.complaint(10, "budgets.tsv"), None);
        let expected = "1.2 PSK client: own is 12, 2 above its limit of 10 in budgets.tsv";
        assert_eq!(budget.complaint(12, "budgets.tsv").as_deref(), Some(expected));
    }
}
