//! The tests of [`interop::services`], by name.

use std::process::ExitCode;

fn main() -> ExitCode {
    interop::harness::main(interop::services::tests())
}
