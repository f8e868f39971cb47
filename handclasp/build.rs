//! Writes the date of the build into the crate: the earliest time that a machine without a clock assumes.

use std::{
    env,
    time::{SystemTime, UNIX_EPOCH},
};

fn main() {
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    // Reproducible builds name their date: https://reproducible-builds.org/specs/source-date-epoch/
    let date = env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.trim().parse().ok()).unwrap_or(now);
    println!("cargo::rustc-env=HANDCLASP_BUILD_DATE={date}");
}
