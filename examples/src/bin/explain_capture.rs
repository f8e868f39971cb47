//! Explains a capture: every failed conversation in it, with its cause, the evidence and the fixes.
//!
//! `cargo run -p handclasp-examples --bin explain_capture -- FILE`

use std::{env, error::Error};

use handclasp_explain::explain_file;

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: explain_capture FILE")?;
    let explanation = explain_file(&path)?;
    for diagnosis in explanation.conversations.iter().filter(|diagnosis| diagnosis.failed()) {
        println!("{} → {}", diagnosis.conversation.client, diagnosis.conversation.server);
        let Some(finding) = diagnosis.findings.first() else { continue };
        println!("  {} [{}, {}]", finding.summary, finding.cause.id(), finding.confidence.id());
        for line in &finding.evidence {
            println!("  - {line}");
        }
        for fix in &finding.fix {
            println!("  fix ({}): {}", fix.side.unwrap_or(finding.side).id(), fix.text);
        }
    }
    Ok(())
}
