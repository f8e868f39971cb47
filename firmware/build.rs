//! Puts the linker scripts into the linker's search path.
use std::{env, fs, path::Path};

fn main() {
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::copy("memory.x", Path::new(&out).join("memory.x")).expect("memory.x can be copied");
    // cortex-m-rt asks for the names of interrupt handlers; `board` has its own table of them.
    fs::write(Path::new(&out).join("device.x"), "").expect("device.x can be written");
    println!("cargo:rustc-link-search={out}");
    println!("cargo:rerun-if-changed=memory.x");
}
