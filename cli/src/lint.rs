//! `handclasp lint`: what is wrong with a request, certificate, key or CRL, and at which byte.

use std::{fmt::Write as _, io::Read as _, path::Path};

use handclasp_lint::{Finding, Item, LintReport, Linter, Purpose, Severity};
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    args::{self, Lint},
    exit::Failure,
    output,
    passphrase::FilePassphrase,
};

/// The largest file that is read: chains and CRLs are smaller.
const FILE_MAX: u64 = 16 << 20;

/// Runs it.
pub fn run(arguments: &Lint) -> Result<(), Failure> {
    let mut linter = if arguments.no_clock { Linter::without_clock() } else { Linter::now() };
    if let Some(name) = &arguments.name {
        linter = linter.for_name(name);
    }
    if let Some(purpose) = arguments.purpose {
        linter = linter.for_purpose(match purpose {
            args::lint::Purpose::Server => Purpose::Server,
            args::lint::Purpose::Client => Purpose::Client,
            args::lint::Purpose::Ca => Purpose::Ca,
        });
    }
    let mut files = Vec::new();
    for path in &arguments.files {
        files.push(read(path)?);
    }
    let names: Vec<_> = arguments.files.iter().map(|path| path.display().to_string()).collect();
    let mut passphrase =
        FilePassphrase::new(arguments.passphrase.as_deref(), Path::new(&names.join(" or ")))?;
    let report = linter.lint_files(&files, &mut passphrase);
    output::write(text(arguments, &report)?.as_bytes())?;
    if report.is_wrong() {
        return Err(Failure::Found(count(&report)));
    }
    Ok(())
}

/// A file, which may be a private key.
fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let shown = path.display();
    let failed = |error: std::io::Error| Failure::usage(format!("{shown}: {error}"));
    let mut bytes = Zeroizing::new(Vec::new());
    if path.as_os_str() == "-" {
        std::io::stdin().lock().take(FILE_MAX).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        std::fs::File::open(path).map_err(failed)?.take(FILE_MAX).read_to_end(&mut bytes).map_err(failed)?;
    }
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) >= FILE_MAX {
        return Err(Failure::usage(format!("{shown}: expected a file of less than {FILE_MAX} bytes")));
    }
    Ok(bytes)
}

/// The report as it is printed.
fn text(arguments: &Lint, report: &LintReport) -> Result<String, Failure> {
    let mut out = String::new();
    if arguments.json {
        let value =
            json!({ "items": report.items.iter().map(|item| json_of(arguments, item)).collect::<Vec<_>>() });
        let shown =
            serde_json::to_string_pretty(&value).map_err(|error| Failure::Output(error.to_string()))?;
        return Ok(shown + "\n");
    }
    for item in &report.items {
        // Writing to a String does not fail.
        let _ = writeln!(out, "{}: {} (byte {})", file(arguments, item), item.kind, item.start);
        for (name, value) in &item.facts {
            let _ = writeln!(out, "  {name}: {value}");
        }
        for finding in &item.findings {
            let words = finding.code.words();
            let _ = writeln!(out, "  {finding}\n    peer: {}\n    fix: {}", words.peer, words.fix);
        }
        if item.findings.is_empty() {
            let _ = writeln!(out, "  nothing is wrong");
        }
    }
    Ok(out)
}

/// The file that a structure is in.
fn file(arguments: &Lint, item: &Item) -> String {
    arguments.files.get(item.file).map_or_else(String::new, |path| path.display().to_string())
}

/// One structure in JSON.
fn json_of(arguments: &Lint, item: &Item) -> serde_json::Value {
    let finding = |finding: &Finding| {
        let words = finding.code.words();
        json!({
            "code": words.id,
            "severity": words.severity.to_string(),
            "title": words.title,
            "der_offset": finding.place.der,
            "file_offset": finding.place.file,
            "expected": finding.expected,
            "found": finding.found,
            "peer": words.peer,
            "fix": words.fix,
        })
    };
    let facts: serde_json::Map<String, serde_json::Value> =
        item.facts.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    json!({
        "file": file(arguments, item),
        "kind": item.kind.to_string(),
        "offset": item.start,
        "facts": facts,
        "findings": item.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

/// How many findings there are.
fn count(report: &LintReport) -> String {
    let of = |severity| report.findings().filter(|finding| finding.severity() == severity).count();
    let plural = |count: usize, noun: &str| match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    };
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    format!("{}, {}", plural(errors, "error"), plural(warnings, "warning"))
}
