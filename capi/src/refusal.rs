//! Why a change of a configuration was refused.

#[cfg(feature = "words")]
use alloc::string::{String, ToString};

use crate::codes::Code;

/// A code, and its sentence where words are built in.
pub(crate) struct Refusal {
    pub(crate) code: Code,
    #[cfg(feature = "words")]
    pub(crate) words: Option<String>,
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self {
            code,
            #[cfg(feature = "words")]
            words: None,
        }
    }
}

impl Refusal {
    /// With the words of an error, which are dropped in builds without words.
    #[cfg(feature = "words")]
    pub(crate) fn new(code: Code, error: &dyn core::fmt::Display) -> Self {
        Self { code, words: Some(error.to_string()) }
    }

    /// With the words of an error, which are dropped in builds without words.
    #[cfg(not(feature = "words"))]
    pub(crate) fn new<E>(code: Code, _: &E) -> Self {
        Self { code }
    }
}
