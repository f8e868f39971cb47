//! Pointers that are NULL, lengths that are wrong, texts that are cut, a panic.

use std::{ffi::CStr, vec};

use super::*;
use crate::codes::HC_PANIC;

fn texts(text: &str, capacity: usize) -> (Code, std::string::String, usize) {
    let mut out = vec![0x7f_u8; capacity];
    let mut length = 0;
    // SAFETY: a buffer of that capacity and a variable.
    let code = guard(|| unsafe { put_text(&text, out.as_mut_ptr().cast(), capacity, &mut length) });
    let shown = CStr::from_bytes_until_nul(&out).map(|text| text.to_str().unwrap().into());
    (code, shown.unwrap_or_default(), length)
}

#[test]
fn text_is_cut_like_snprintf() {
    assert_eq!(texts("abc", 4), (HC_OK, "abc".into(), 3));
    assert_eq!(texts("abc", 3), (HC_SPACE, "ab".into(), 3));
    assert_eq!(texts("abc", 1), (HC_SPACE, "".into(), 3));
    assert_eq!(texts("abc", 0), (HC_SPACE, "".into(), 3));
    assert_eq!(texts("", 1), (HC_OK, "".into(), 0));
    // A character is whole or left out, and nothing follows a cut.
    assert_eq!(texts("aü", 3), (HC_SPACE, "a".into(), 3));
    assert_eq!(texts("üb", 2), (HC_SPACE, "".into(), 3));
}

#[test]
fn null_and_lengths() {
    let null = core::ptr::null_mut();
    // SAFETY: NULL is permitted.
    unsafe {
        assert_eq!(bytes(null, 0), Ok(&[][..]));
        assert_eq!(bytes(null, 1), Err(HC_NULL));
        assert_eq!(space(null, 1).map(|_| ()), Err(HC_NULL));
        assert_eq!(text(null.cast()), Err(HC_NULL));
        assert_eq!(put::<u32>(null.cast(), 1), Err(HC_NULL));
        assert_eq!(bytes([0].as_ptr(), usize::MAX), Err(HC_LENGTH));
        assert_eq!(text(c"\xff".as_ptr()), Err(HC_TEXT));
    }
}

#[test]
fn a_panic_becomes_a_code() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(std::boxed::Box::new(|_| {}));
    let code = guard(|| panic!("a test"));
    std::panic::set_hook(hook);
    assert_eq!(code, HC_PANIC);
    assert_eq!(guard(|| Ok(())), HC_OK);
}
