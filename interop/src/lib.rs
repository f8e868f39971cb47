//! Interoperability tests: the built program against OpenSSL, GnuTLS, Java, Mbed TLS, rustls and mosquitto,
//! over loopback sockets, and against avahi in network namespaces; as two ends around real services and their own clients;
//! and its explanations of labelled captures. Each row of the tables in `matrix/`, `check/`, `ask/` and `services/` and
//! each capture is one test with a name:
//!
//! ```sh
//! cargo test -p interop -- --list
//! cargo test -p interop matrix::gnutls
//! cargo test -p interop 'matrix::openssl::client 1.3 ALPN'
//! cargo test -p interop score::own::psk
//! ```
//!
//! The program of the profile `suites` is tested, and built first; `INTEROP_PROGRAM=target/debug/handclasp`
//! tests another one, and `INTEROP_CAPTURES=FOLDER` reads other captures. A test whose peer is not installed
//! fails and names the Debian package; `cargo xtask test --install-peers` installs all of them. `cargo xtask
//! matrix`, `check` and `score` run the same tests and print one line.

pub mod ask;
pub mod check;
pub mod credentials;
pub mod discovery;
pub mod fixtures;
pub mod harness;
pub mod lan;
pub mod matrix;
pub mod mbedtls_source;
pub mod peers;
pub mod process;
pub mod recorder;
pub mod score;
pub mod services;
pub mod table;
pub mod workspace;
