//! Puts the linker scripts into the linker's search path.
use std::{env, fs, path::Path};

#[path = "src/settings/layout.rs"]
#[allow(dead_code, reason = "the linker needs the place alone")]
mod layout;

fn main() {
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::copy("memory.x", Path::new(&out).join("memory.x")).expect("memory.x can be copied");
    // cortex-m-rt asks for the names of interrupt handlers; `board` has its own table of them.
    let check = format!(
        "ASSERT(ORIGIN(FLASH) + LENGTH(FLASH) <= {:#x}, \"memory.x: the flash of programs reaches the settings\");\n",
        layout::START
    );
    fs::write(Path::new(&out).join("device.x"), check).expect("device.x can be written");
    println!("cargo:rustc-link-search={out}");
    println!("cargo:rerun-if-changed=memory.x");
    println!("cargo:rerun-if-changed=src/settings/layout.rs");
}
