//! `handclasp explain`: what a hex dump says.

use std::{io::Read, path::Path};

use crate::{args::Explain, exit::Failure};

pub fn run(arguments: &Explain) -> Result<(), Failure> {
    let mut text = String::new();
    let outcome = if arguments.file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text)
    } else {
        std::fs::File::open(&arguments.file).and_then(|mut file| file.read_to_string(&mut text))
    };
    outcome.map_err(|error| Failure::Transport(format!("{}: {error}", arguments.file.display())))?;
    let explanation = handclasp_explain::explain_hex(&text)
        .map_err(|error| Failure::Transport(format!("{}: {error}", arguments.file.display())))?;
    println!("{explanation}");
    Ok(())
}
