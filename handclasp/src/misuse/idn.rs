//! Names with other letters than ASCII, in the form that DNS and certificates have (RFC 5891).

/// The name in ASCII. `None` for what has no such form.
pub(super) fn ascii(name: &str) -> Option<String> {
    idna::domain_to_ascii(name).ok().filter(|ascii| !ascii.is_empty())
}
