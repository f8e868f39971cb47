//! What people have in hand, turned into bytes. Each form has its file.

pub mod capture;
pub mod capture_event;
pub mod config;
pub mod evidence;
pub mod frame;
pub mod hex;
pub(crate) mod input_kind;

use handclasp_codec::ContentType;

/// Bytes of one direction, in one piece as far as TLS is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which way they went, where the input says so.
    pub direction: Option<Direction>,
    /// What they are.
    pub form: Form,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Seen from the program that made the dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// It sent them.
    Sent,
    /// It received them.
    Received,
}

/// What the bytes of a part are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As they went over the wire, or so it must be assumed.
    Stream,
    /// The content of records, already taken out of them (`openssl -msg`).
    Content(ContentType),
}
