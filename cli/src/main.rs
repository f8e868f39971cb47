//! The program `handclasp`.
fn main() {}
