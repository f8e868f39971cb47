//! `capi/include/handclasp.h`, generated from the sources of the crate `capi`.

use std::fs;

use anyhow::{Context as _, Result, bail};
use cbindgen::{Builder, Config, Language};

use crate::step::Outcome;
use crate::workspace;

/// The header, relative to the root.
const HEADER: &str = "capi/include/handclasp.h";

/// Names of the types in C.
const TYPES: &[(&str, &str)] = &[
    ("Code", "hc_code"),
    ("Config", "hc_config"),
    ("Connection", "hc_connection"),
    ("Failure", "hc_failure"),
    ("Need", "hc_need"),
    ("Negotiated", "hc_negotiated"),
    ("PanicHook", "hc_panic_function"),
    ("RandomFunction", "hc_random_function"),
];

/// What stands above the declarations.
const HEAD: &str = include_str!("head.h");

/// What stands below them: functions that the program provides.
const TAIL: &str = include_str!("tail.h");

/// Writes the header.
pub fn write() -> Result<Outcome> {
    fs::write(workspace::root().join(HEADER), generate()?)?;
    Ok(Outcome::passed(HEADER))
}

/// Compares the header with the sources.
pub fn check() -> Result<Outcome> {
    if generate()? != workspace::read(HEADER)? {
        bail!("{HEADER} is not what the sources say; run: cargo xtask capi --header");
    }
    Ok(Outcome::passed(HEADER))
}

fn generate() -> Result<String> {
    let mut config = Config {
        language: Language::C,
        header: Some(HEAD.trim_end().to_owned()),
        trailer: Some(TAIL.trim_end().to_owned()),
        include_guard: Some("HANDCLASP_H".to_owned()),
        no_includes: true,
        sys_includes: vec!["stddef.h".to_owned(), "stdint.h".to_owned()],
        cpp_compat: true,
        usize_is_size_t: true,
        documentation: true,
        line_length: 100,
        ..Config::default()
    };
    for (rust, c) in TYPES {
        config.export.rename.insert((*rust).to_owned(), (*c).to_owned());
    }
    // It follows the modules.
    let builder = Builder::new().with_config(config).with_src(workspace::root().join("capi/src/lib.rs"));
    let mut text = Vec::new();
    builder.generate().context("cbindgen")?.write(&mut text);
    // Some compilers of devices refuse comments that are not ASCII.
    Ok(String::from_utf8(text)?.replace('…', "...").replace('§', "section "))
}
