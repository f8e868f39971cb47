//! The tests of [`interop::discovery`], by name.

use std::process::ExitCode;

fn main() -> ExitCode {
    interop::harness::main(interop::discovery::tests())
}
