//! the cryptography of microcontrollers: RustCrypto, pure Rust
