//! Sources that a naive counter of braces gets wrong.

use super::*;

fn named(source: &str) -> Vec<(String, usize, usize)> {
    functions(source).into_iter().map(|f| (f.name, f.line, f.lines)).collect()
}

#[test]
fn comments_strings_and_characters_are_blanked_in_place() {
    let source = "a /* x /* y */ z */ b // c\nd \"e\\\"}\" f 'g' '\\'' 'ü' '\\u{7d}' b'}' h";
    let blanked = blank(source);
    assert_eq!(blanked.len(), source.len());
    assert_eq!(blanked.split_whitespace().collect::<Vec<_>>(), ["a", "b", "d", "f", "h"]);
    assert_eq!(blanked.matches('\n').count(), 1);
}

#[test]
fn raw_and_prefixed_strings_end_where_they_end() {
    let source = r####"a r"\" b r#"x"}"# c br##"y"#}"## d b"\"}" e c"}" f"####;
    assert_eq!(blank(source).split_whitespace().collect::<Vec<_>>(), ["a", "b", "c", "d", "e", "f"]);
}

#[test]
fn lifetimes_labels_and_raw_identifiers_are_code() {
    let source = "fn a<'a>(x: &'a str) -> &'static str { 'out: loop { break 'out; } x }\nfn r#fn() {}";
    assert_eq!(blank(source), source);
    assert_eq!(named(source), [("a".into(), 1, 1), ("r".into(), 2, 1)]);
}

#[test]
fn a_prefix_letter_at_the_end_of_a_word_starts_nothing() {
    assert_eq!(blank("for 'a' in 0b1 {} web\"}\"").trim_end(), "for     in 0b1 {} web");
}

#[test]
fn lengths_run_from_fn_to_the_closing_brace() {
    let source = "\
/// fn not_this() {
pub(crate) async fn long(
    argument: [u8; { 1 + 1 }],
) -> Result<(), ()>
where
    (): Sized,
{
    let text = \"}\";
    if true { inner() }
}

trait T {
    fn declared(&self) -> u8;
    fn given(&self) -> fn(u8) -> u8 {
        |x| x
    }
}
";
    assert_eq!(named(source), [("long".into(), 2, 9), ("given".into(), 14, 3)]);
}

#[test]
fn an_inner_function_counts_twice() {
    let source = "fn outer() {\n    fn inner() {\n    }\n}\n";
    assert_eq!(named(source), [("outer".into(), 1, 4), ("inner".into(), 2, 2)]);
}

#[test]
fn tests_are_known_by_their_module() {
    let source =
        "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nfn d() {}\n";
    let tests: Vec<bool> = functions(source).iter().map(|function| function.test).collect();
    assert_eq!(tests, [false, true, false, false]);
}

#[test]
fn words_are_whole() {
    let blanked = blank("#![forbid(unsafe_code)] // unsafe\nlet unsafely = \"unsafe\";");
    assert!(!has_word(&blanked, "unsafe"));
    assert!(has_word("unsafe {", "unsafe"));
}

#[test]
fn half_sources_end() {
    for source in ["/*", "\"", "r#\"", "'", "'\\", "b'", "fn", "fn a", "fn a(", "fn a() {", "br", "r###"] {
        let _ = functions(source);
        assert_eq!(blank(source).len(), source.len());
    }
}
