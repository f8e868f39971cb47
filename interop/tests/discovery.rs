//! The tests of [`interop::discovery`], by name.

use std::process::ExitCode;

fn main() -> ExitCode {
    interop::harness::main_of_waiting_tests(interop::discovery::tests())
}
