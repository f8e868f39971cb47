//! Names with other letters than ASCII, in the form that DNS and certificates have.

use handclasp_trust::Name;

/// The form with `xn--` of a name with other letters than ASCII (RFC 5891 §4.4), where it is beyond
/// doubt: letters in their composed form. Names that need more of IDNA than that are left to programs
/// that know all of it.
pub fn ascii_form(name: &str) -> Option<String> {
    let is_letter = |c: char| c.is_alphanumeric() && !matches!(c, '\u{300}'..='\u{36f}');
    if name.is_ascii() || !name.chars().all(|c| is_letter(c) || matches!(c, '-' | '.')) {
        return None;
    }
    let label = |label: &str| match label.is_ascii() {
        true => Some(label.to_owned()),
        false => punycode::encode(label).ok().map(|encoded| format!("xn--{encoded}")),
    };
    let labels: Option<Vec<_>> = name.to_lowercase().split('.').map(label).collect();
    labels.map(|labels| labels.join(".")).filter(|form| Name::parse(form).is_ok())
}
