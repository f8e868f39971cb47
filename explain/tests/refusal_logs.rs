//! Logs of programs that refuse an identity, each made by running the program: the exact cause where a line states
//! it, and merely possible causes where it does not.

use handclasp_explain::{Cause, Confidence, Evidence, Explainer};

const MEASURED: &str = include_str!("vectors/log-refusals.txt");

#[test]
fn each_refusal_is_named_as_surely_as_its_line() {
    let entries = MEASURED.split("\n== ").skip(1);
    let (mut count, mut wrong) = (0, Vec::new());
    for entry in entries {
        let (head, text) = entry.split_once('\n').expect("a line behind the head");
        let fields: Vec<&str> = head.split(" | ").collect();
        let [id, side, cause, _program] = fields[..4] else { panic!("{head}") };
        let cause = Cause::ALL.iter().find(|known| known.id() == cause).expect("a known cause");
        let mut evidence = Evidence::default();
        let log = Some(text.to_owned());
        match side {
            "client" => evidence.client_log = log,
            _ => evidence.server_log = log,
        }
        let explained =
            Explainer::new(&evidence).explain_logs().unwrap_or_else(|error| panic!("{id}: {error}"));
        let first = explained.verdict().expect(id);
        let right = match fields.get(4) {
            None => first.cause == *cause && first.confidence == Confidence::Observed,
            Some(words) => {
                assert_eq!(*words, "possible", "{head}");
                first.confidence == Confidence::Possible
            }
        };
        if !right {
            wrong.push(format!("{id}: {} {:?}", first.cause.id(), first.confidence));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 60, "{count}");
}
