//! Bytes in order, each once.

use super::*;

#[test]
fn out_of_order() {
    let lines =
        after_opening([c("A", 6, 1, "world"), c("FA", 11, 1, ""), c("A", 1, 1, "hello"), s("A", 1, 12, "")]);
    assert_eq!(lines, ["C#6 \"hello\"", "C#4 \"world\"", "C#5 fin", "S#7 acknowledged"]);
}

#[test]
fn the_first_copy_counts() {
    let lines = after_opening([
        c("A", 1, 1, "abc"),
        c("A", 1, 1, "ABCd"),
        c("A", 2, 1, "BC"),
        c("A", 7, 1, "g"),
        c("A", 5, 1, "efGHi"),
        c("A", 9, 1, "Ij"),
    ]);
    assert_eq!(
        lines,
        ["C#4 \"abc\"", "C#5 \"d\"", "C#8 \"ef\"", "C#7 \"g\"", "C#8 \"Hi\"", "C#9 \"j\""],
        "the copy that came first, also of what waited"
    );
}

#[test]
fn pieces_that_wait_do_not_overlap() {
    let lines = after_opening([
        c("A", 4, 1, "d"),
        c("A", 6, 1, "f"),
        c("A", 3, 1, "CDEFGH"),
        c("A", 2, 1, "bC"),
        c("A", 1, 1, "A"),
    ]);
    assert_eq!(
        lines,
        ["C#8 \"A\"", "C#7 \"b\"", "C#6 \"C\"", "C#4 \"d\"", "C#6 \"E\"", "C#5 \"f\"", "C#6 \"GH\""]
    );
}

#[test]
fn sequence_numbers_wrap_around() {
    let near = |segment: Tcp| segment.initial(u32::MAX - 3, u32::MAX);
    let segments = opened([c("A", 1, 1, "ab"), c("A", 6, 1, "fg"), c("A", 3, 1, "cde"), s("A", 1, 8, "!")]);
    let segments: Vec<Tcp> = segments.into_iter().map(near).collect();
    assert_eq!(
        heard(&segments)[2..],
        ["C#4 \"ab\"", "C#6 \"cde\"", "C#5 \"fg\"", "S#7 acknowledged", "S#7 \"!\""]
    );
}

#[test]
fn keep_alives_and_probes_of_a_closed_window() {
    let lines = after_opening([
        c("A", 1, 1, "ab"),
        s("A", 1, 3, ""),
        c("A", 2, 1, ""),
        s("A", 1, 3, ""),
        c("A", 2, 1, "\0"),
        s("A", 1, 3, ""),
        c("A", 3, 1, "c"),
        s("A", 1, 3, ""),
        c("A", 3, 1, "cde"),
        s("A", 1, 6, ""),
    ]);
    assert_eq!(
        lines,
        ["C#4 \"ab\"", "S#5 acknowledged", "C#10 \"c\"", "C#12 \"de\"", "S#13 acknowledged"],
        "a byte before, and a byte too many"
    );
}

#[test]
fn data_beside_the_syn() {
    let fast = [c("S", 0, 0, "hello"), s("SA", 0, 6, ""), c("A", 6, 1, " again")];
    assert_eq!(
        heard(&fast),
        ["C#1 syn", "C#1 \"hello\"", "S#2 synack", "S#2 acknowledged", "C#3 \" again\""]
    );
    let not_taken = [c("S", 0, 0, "hello"), s("SA", 0, 1, ""), c("A", 1, 1, "hello again")];
    assert_eq!(heard(&not_taken), ["C#1 syn", "C#1 \"hello\"", "S#2 synack", "C#3 \" again\""]);
}

#[test]
fn the_syn_is_captured_behind_its_answer() {
    let lines = heard(&[s("SA", 0, 1, ""), c("S", 0, 0, ""), c("A", 1, 1, "a")]);
    assert_eq!(lines, ["S#1 synack", "C#2 syn", "C#3 \"a\""]);
}

#[test]
fn an_acknowledgment_is_captured_before_its_bytes() {
    let lines = after_opening([s("A", 1, 6, ""), c("A", 1, 1, "hello"), s("A", 1, 6, "hi")]);
    assert_eq!(lines, ["C#5 \"hello\"", "S#5 acknowledged", "S#6 \"hi\""]);
}

#[test]
fn acknowledged_once_for_all_that_was_sent() {
    let lines = after_opening([
        c("A", 1, 1, "ab"),
        c("A", 3, 1, "cd"),
        s("A", 1, 3, ""),
        s("A", 1, 5, ""),
        s("A", 1, 5, ""),
    ]);
    assert_eq!(lines, ["C#4 \"ab\"", "C#5 \"cd\"", "S#7 acknowledged"]);
}
