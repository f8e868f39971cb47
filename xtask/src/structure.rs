//! `cargo xtask structure`: the rules of the project that cargo does not check. The quick
//! ones read the sources; the slow ones run cargo.

mod arrows;
mod bare_metal;
mod crate_heads;
mod cycles;
mod dependencies;
mod layers;
mod lengths;
mod links;
mod non_exhaustive;
mod process_words;
mod scan;
mod threats;
mod wasm;

use anyhow::Result;

use crate::step::{Outcome, Steps};
use crate::workspace;
use crate::{capi, cargo_deny};

/// Runs the checks; `quick`: only those that read sources.
pub fn run(steps: &mut Steps, quick: bool) {
    steps.run("crate arrows", arrows::check);
    steps.run("file and function lengths", lengths::check);
    steps.run("heads, lints, no unsafe", crate_heads::check);
    steps.run("layers of explain", layers::check);
    steps.run("imports in circles", cycles::check);
    steps.run("non-exhaustive enums", non_exhaustive::check);
    steps.run("links", links::check);
    steps.run("words", process_words::check);
    steps.run("tests of THREATS.md", threats::check);
    steps.run("C header", capi::check_header);
    if quick {
        return;
    }
    steps.run("dependencies", dependencies::check);
    steps.run("licences", cargo_deny::check);
    steps.run("fmt", || quiet(&["fmt", "--all", "--", "--check", "-l"]));
    steps.run("clippy", || {
        quiet(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])
    });
    steps.run("bare metal", bare_metal::check);
    steps.run("WebAssembly", wasm::check);
}

/// A cargo command that says nothing unless it fails.
fn quiet(arguments: &[&str]) -> Result<Outcome> {
    workspace::output(workspace::cargo().args(arguments))?;
    Ok(Outcome::passed(""))
}
