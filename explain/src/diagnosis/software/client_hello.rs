//! The library that made a ClientHello, by extensions and lists that only it sends. Programs that change
//! the defaults stay unrecognised; a wrong name would send people to settings that they do not have.

use handclasp_codec::{ClientHello, ECPointFormat};

use super::Software;

/// TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 §3.3).
const SCSV: u16 = 0x00ff;
/// status_request_v2 (RFC 6961): of the libraries here only JSSE sends it.
const STATUS_REQUEST_V2: u16 = 17;
/// signed_certificate_timestamp (RFC 6962 §3.3).
const SCT: u16 = 18;
const ENCRYPT_THEN_MAC: u16 = 22;
const EXTENDED_MASTER_SECRET: u16 = 23;
const RECORD_SIZE_LIMIT: u16 = 28;
const DELEGATED_CREDENTIALS: u16 = 34;
const SESSION_TICKET: u16 = 35;
const STATUS_REQUEST: u16 = 5;
/// curl sends it by default, and no session_ticket beside it.
const POST_HANDSHAKE_AUTH: u16 = 49;
const RENEGOTIATION_INFO: u16 = 0xff01;

/// Default list of Python 3.10 and later behind the suites of TLS 1.3.
const PYTHON: &[u16] = &[0xc02c, 0xc030, 0xc02b, 0xc02f, 0xcca9, 0xcca8, 0xc024, 0xc028, 0xc023, 0xc027];
/// How the default list of Node.js begins behind the suites of TLS 1.3.
const NODE: &[u16] = &[0xc02f, 0xc02b, 0xc030, 0xc02c, 0x009e];

/// The library or program; `None` where nothing belongs to one alone.
pub(super) fn software(hello: &ClientHello<'_>) -> Option<Software> {
    let types: Vec<u16> = hello.extensions.types().map(|extension| extension.0).collect();
    let suites: Vec<u16> = hello.cipher_suites.iter().map(|suite| suite.0).collect();
    let has = |extension: u16| types.contains(&extension);
    let formats: Vec<ECPointFormat> =
        hello.extensions.ec_point_formats.iter().flat_map(|list| list.ec_point_format_list.iter()).collect();
    let formats: Vec<u8> = formats.iter().map(|format| format.0).collect();
    if suites.iter().chain(&types).any(|value| is_grease(*value)) {
        return Some(Software::BoringSsl);
    }
    if has(STATUS_REQUEST_V2) {
        return Some(Software::Java);
    }
    if has(DELEGATED_CREDENTIALS) && has(RECORD_SIZE_LIMIT) {
        return Some(Software::Firefox);
    }
    if has(SCT) && has(RENEGOTIATION_INFO) && !has(ENCRYPT_THEN_MAC) {
        return Some(Software::Go);
    }
    if has(ENCRYPT_THEN_MAC) && has(RECORD_SIZE_LIMIT) && has(STATUS_REQUEST) {
        return Some(Software::GnuTls);
    }
    match formats.as_slice() {
        // uncompressed, ansiX962_compressed_prime, ansiX962_compressed_char2
        [0, 1, 2] => Some(on_openssl(&suites, has(POST_HANDSHAKE_AUTH) && !has(SESSION_TICKET))),
        [0] if has(ENCRYPT_THEN_MAC) && !has(STATUS_REQUEST) => {
            embedded(suites.contains(&SCSV), has(SESSION_TICKET), has(EXTENDED_MASTER_SECRET))
        }
        [0] if suites.contains(&SCSV) && has(STATUS_REQUEST) && !has(RENEGOTIATION_INFO) => {
            Some(Software::Rustls)
        }
        _ => None,
    }
}

/// The program by its suites, else the library.
fn on_openssl(suites: &[u16], of_curl: bool) -> Software {
    let older: Vec<u16> = suites.iter().copied().filter(|suite| suite >> 8 != 0x13).collect();
    if of_curl {
        Software::Curl
    } else if older.starts_with(PYTHON) {
        Software::Python
    } else if older.starts_with(NODE) {
        Software::Node
    } else {
        Software::OpenSsl
    }
}

/// Mbed TLS signals secure renegotiation by the SCSV; wolfSSL does not by default.
fn embedded(scsv: bool, ticket: bool, extended_master_secret: bool) -> Option<Software> {
    match (scsv, ticket) {
        (true, _) if extended_master_secret => Some(Software::MbedTls),
        (false, false) => Some(Software::WolfSsl),
        (true | false, _) => None,
    }
}

/// A value of RFC 8701.
fn is_grease(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}
