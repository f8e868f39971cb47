//! The tests of [`interop::services`], by name.

use std::process::ExitCode;

fn main() -> ExitCode {
    interop::harness::main_of_half_waiting_tests(interop::services::tests())
}
