//! `handclasp explain`: what a hex dump says.

use std::{
    io::{IsTerminal, Read, Write},
    path::Path,
};

use handclasp_explain::{Paint, explain_hex, render};

use crate::{args::Explain, exit::Failure};

pub fn run(arguments: &Explain) -> Result<(), Failure> {
    let told =
        |error: &dyn std::fmt::Display| Failure::Transport(format!("{}: {error}", arguments.file.display()));
    let mut text = String::new();
    let outcome = if arguments.file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text)
    } else {
        std::fs::File::open(&arguments.file).and_then(|mut file| file.read_to_string(&mut text))
    };
    outcome.map_err(|error| told(&error))?;
    let explanation = explain_hex(&text).map_err(|error| told(&error))?;
    let mut out = std::io::stdout().lock();
    let paint = if out.is_terminal() { Paint::Colours } else { Paint::Plain };
    // Whoever stops reading has seen enough.
    let _ = writeln!(out, "{}", render(&explanation, paint).trim_end());
    Ok(())
}
