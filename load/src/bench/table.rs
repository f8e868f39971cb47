//! Medians and ratios.

use super::{
    rows::{Figures, Row},
    servers::Server,
};

/// Prints a row when it is measured.
pub fn progress(row: &Row, servers: &[&Server], figures: &[Figures]) {
    let costs: Vec<String> = servers
        .iter()
        .zip(figures)
        .map(|(server, figures)| format!("{} {}", server.name, spread(&figures.costs)))
        .collect();
    println!("{:<34} {:<18} {}", row.name, row.units[0], costs.join("  "));
}

/// Prints all rows as Markdown: the median, its ratio to the first server, the least and the greatest.
pub fn print(servers: &[&Server], rows: &[(&Row, Vec<Figures>)]) {
    let names: Vec<&str> = servers.iter().map(|server| server.name).collect();
    println!("\n| row | unit | {} |\n|---|---|{}", names.join(" | "), "---|".repeat(names.len()));
    for (row, figures) in rows {
        line(row.name, row.units[0], figures.iter().map(|figures| &*figures.costs));
        if !row.units[1].is_empty() {
            line("", row.units[1], figures.iter().map(|figures| &*figures.rates));
        }
    }
}

fn line<'f>(name: &str, unit: &str, figures: impl Iterator<Item = &'f [f64]>) {
    let mut first = None;
    let cells: Vec<String> = figures
        .map(|figures| {
            let median = median(figures);
            let first = *first.get_or_insert(median);
            format!("{} ×{:.2}", spread(figures), median / first)
        })
        .collect();
    println!("| {name} | {unit} | {} |", cells.join(" | "));
}

fn spread(figures: &[f64]) -> String {
    let least = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = figures.iter().copied().fold(0.0, f64::max);
    format!("{:.0} ({least:.0}–{greatest:.0})", median(figures))
}

fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
