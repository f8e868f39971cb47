//! The tests of [`interop::score`], by name.

use std::process::ExitCode;

fn main() -> ExitCode {
    interop::score::main()
}
