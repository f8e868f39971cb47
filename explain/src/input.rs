//! Inputs of every kind, converted to capture events or bytes. One file for each kind.

pub mod capture;
pub mod capture_event;
pub mod config;
pub mod evidence;
pub mod frame;
pub mod hex;
pub(crate) mod input_kind;
pub mod report_lines;

use handclasp_codec::ContentType;

/// Contiguous bytes of one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The direction, if the input names it.
    pub direction: Option<Direction>,
    /// Whether the bytes include record headers.
    pub form: Form,
    /// The bytes of this part.
    pub bytes: Vec<u8>,
    /// Bytes that followed and are missing from the input.
    pub missing: usize,
}

impl Part {
    /// A part of which nothing is missing.
    pub(crate) fn new(direction: Option<Direction>, form: Form, bytes: Vec<u8>) -> Self {
        Self { direction, form, bytes, missing: 0 }
    }
}

/// Whether bytes begin with a record of TLS.
pub(crate) fn begins_record(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=23, 3, 0..=4, _, _, ..])
}

/// Whether bytes begin with the record of a ClientHello.
pub(crate) fn begins_client_hello(bytes: &[u8]) -> bool {
    matches!(bytes, [22, 3, 0..=4, _, _, 1, ..])
}

/// A direction, seen from the program that wrote the dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Sent by that program.
    Sent,
    /// Received by that program.
    Received,
}

/// Form of the bytes of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The stream as sent over the transport, records included. The default.
    Stream,
    /// The content of records, without record headers (`openssl -msg`).
    Content(ContentType),
}
