//! The tests of [`interop::ask`], by name.

use std::process::ExitCode;

fn main() -> ExitCode {
    interop::harness::main(interop::ask::tests())
}
