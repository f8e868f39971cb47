//! The commands of the section "A key in hardware" of docs/identity.md, run as they stand there.

mod keys;
mod program;

use std::path::Path;

use keys::{Lab, free_port};

const IDENTITY: &str = include_str!("../../docs/identity.md");

#[test]
fn a_key_in_hardware() {
    let (_, section) = IDENTITY.split_once("\n### A key in hardware\n").expect("the section");
    let (_, commands) = section.split_once("```sh\n").expect("its commands");
    let (commands, _) = commands.split_once("```").expect("their end");
    // The port, which another program may use here, is all that differs.
    let commands = commands.replace("8443", &free_port().to_string());
    let lab = Lab::new("hardware-commands");
    let folder = Path::new(program::program()).parent().expect("a folder").display().to_string();
    let said = lab.sh(&format!("set -e; PATH={folder}:$PATH\n{commands}"));
    assert!(said.contains("CKA_NEVER_EXTRACTABLE=true") && said.contains("welcome"), "{said}");
    assert!(said.contains("connected: TLS 1.3"), "{said}");
}
