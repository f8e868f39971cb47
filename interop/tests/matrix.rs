//! The tests of [`interop::matrix`], by name.

use std::process::ExitCode;

fn main() -> ExitCode {
    interop::harness::main(interop::matrix::tests())
}
