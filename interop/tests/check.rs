//! The tests of [`interop::check`], by name.

use std::process::ExitCode;

fn main() -> ExitCode {
    interop::harness::main(interop::check::tests())
}
