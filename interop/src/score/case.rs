//! Labelled captures, and `handclasp explain` run on one of them.
//!
//! A folder holds tables of labels (`FAMILY.toml`) beside the captures that they name (`NAME.pcapng`,
//! or `NAME.pcap` with its key log in the label). The older layout is read too: `NAME.json` the
//! label, `NAME.pcap` the capture, `NAME.keys` its key log.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::Value;

use crate::process::Running;

/// Two orders of magnitude more than any capture takes.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A capture and its label.
pub struct Case {
    /// The base name of the capture.
    pub name: String,
    /// The cause.
    pub cause: String,
    /// Causes that these inputs cannot tell from it.
    pub also_accept: Vec<String>,
    /// The side that must act.
    pub side: String,
    /// The highest grade that the inputs allow.
    grade: String,
    /// The same for other causes, where it differs.
    grades: BTreeMap<String, String>,
    /// Causes that are right as advice.
    pub advice: Vec<String>,
    inputs: Value,
    /// The key log, if the capture cannot hold it.
    key_log: Option<String>,
    /// The capture.
    pub capture: PathBuf,
    /// The folder of the roots that `inputs` names.
    pki: PathBuf,
}

/// One finding of the program.
pub struct Finding {
    /// The cause.
    pub cause: String,
    /// The confidence.
    pub grade: String,
    /// The side that must act.
    pub side: String,
    /// Whether it is advice instead of a failure.
    pub is_advice: bool,
    /// Number of its conversation; `None` for a finding of a report.
    pub conversation: Option<u64>,
}

/// All labels of a folder, by name.
pub fn all(folder: &Path) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    let (mut tables, mut captures) = (0, BTreeSet::new());
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        match path.extension().and_then(OsStr::to_str) {
            Some("toml") => {
                tables += 1;
                cases.extend(table(folder, &path).with_context(|| path.display().to_string())?);
            }
            Some("json") => cases.push(file(folder, &path).with_context(|| path.display().to_string())?),
            Some("pcapng" | "pcap") => drop(captures.insert(path)),
            _ => {}
        }
    }
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    if cases.is_empty() {
        bail!("{}: no labels (FAMILY.toml or NAME.json) here", folder.display());
    }
    for case in &cases {
        captures.remove(&case.capture);
    }
    match captures.first() {
        Some(capture) if tables > 0 => bail!("{}: a capture without a label", capture.display()),
        _ => Ok(cases),
    }
}

/// The cases of a table of labels.
fn table(folder: &Path, path: &Path) -> Result<Vec<Case>> {
    let labels: BTreeMap<String, Value> = toml::from_str(&std::fs::read_to_string(path)?)?;
    let case = |(name, label): (String, Value)| {
        let capture = folder.join(format!("{name}.pcapng"));
        let capture = if capture.exists() { capture } else { capture.with_extension("pcap") };
        let key_log = label["key_log"].as_str().map(str::to_owned);
        read(folder, name.clone(), &label, capture, key_log).context(name)
    };
    labels.into_iter().map(case).collect()
}

/// The case of a label in a file of its own.
fn file(folder: &Path, path: &Path) -> Result<Case> {
    let label: Value = serde_json::from_slice(&std::fs::read(path)?)?;
    let name = label["name"].as_str().context("no name")?.to_owned();
    let capture = folder.join(format!("{name}.pcap"));
    let keys = folder.join(format!("{name}.keys"));
    let key_log = if keys.exists() { Some(std::fs::read_to_string(keys)?) } else { None };
    read(folder, name, &label, capture, key_log)
}

fn read(
    folder: &Path,
    name: String,
    label: &Value,
    capture: PathBuf,
    key_log: Option<String>,
) -> Result<Case> {
    let text = |key: &str| label[key].as_str().map(str::to_owned).ok_or_else(|| anyhow!("no {key}"));
    let list = |key: &str| -> Vec<String> { strings(&label[key]) };
    let grades = label["grades"].as_object().into_iter().flatten();
    Ok(Case {
        name,
        cause: text("cause")?,
        also_accept: list("also_accept"),
        side: text("side_at_fault")?,
        grade: text("grade")?,
        grades: grades.filter_map(|(id, grade)| Some((id.clone(), grade.as_str()?.to_owned()))).collect(),
        advice: list("advice"),
        inputs: label["inputs"].clone(),
        key_log,
        capture,
        pki: folder.join("pki"),
    })
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

impl Case {
    /// Whether a cause is right as the first finding.
    pub fn accepts(&self, cause: &str) -> bool {
        self.cause == cause || self.also_accept.iter().any(|also| also == cause)
    }

    /// The highest grade that the inputs allow for a cause.
    pub fn allowed_grade(&self, cause: &str) -> &str {
        self.grades.get(cause).unwrap_or(&self.grade)
    }

    /// Runs the program; its findings, the likeliest first.
    pub fn findings(&self, program: &Path) -> Result<Vec<Finding>> {
        let folder = tempfile::tempdir()?;
        let mut command = self.command(program, folder.path())?;
        let mut running = Running::start(&mut command)?;
        running.close_input();
        let Some(status) = running.exit(Instant::now() + TIMEOUT) else {
            bail!("no answer within {} s", TIMEOUT.as_secs());
        };
        let report: Value = serde_json::from_str(&running.out_text())
            .map_err(|error| anyhow!("{status}, no JSON ({error}): {}", running.err_text().trim()))?;
        let findings = report["findings"].as_array().with_context(|| format!("{status}, no findings"))?;
        Ok(findings.iter().map(finding).collect())
    }

    /// The command with all that a user would give.
    fn command(&self, program: &Path, folder: &Path) -> Result<Command> {
        let stage = |from: &Path, to: &str| -> Result<PathBuf> {
            let to = folder.join(to);
            std::fs::copy(from, &to).with_context(|| from.display().to_string())?;
            Ok(to)
        };
        let form = self.capture.extension().unwrap_or_default().to_string_lossy();
        let capture = stage(&self.capture, &format!("case.{form}"))?;
        let mut command = Command::new(program);
        command.arg("explain").arg(capture);
        if let Some(key_log) = &self.key_log {
            let keys = folder.join("case.keys");
            std::fs::write(&keys, key_log)?;
            command.arg("--keys").arg(keys);
        }
        for candidate in strings(&self.inputs["psk_candidates"]) {
            command.arg("--psk").arg(candidate);
        }
        if let Some(name) = self.inputs["expected_name"].as_str() {
            command.arg("--name").arg(name);
        }
        if let Some(roots) = self.inputs["roots"].as_str().filter(|roots| *roots != "none") {
            command.arg("--roots").arg(stage(&self.pki.join(roots), "roots.pem")?);
        }
        if let Some(clock) = self.inputs["clock"].as_str() {
            command.arg("--at").arg(clock);
        }
        command.arg("--json");
        Ok(command)
    }
}

fn finding(finding: &Value) -> Finding {
    let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    Finding {
        cause: text("cause"),
        grade: text("grade"),
        side: text("side"),
        is_advice: finding["severity"] == "advice",
        conversation: finding["conversation"].as_u64(),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A label without files.
    pub fn case(cause: &str, also: &[&str], grade: &str) -> Case {
        Case {
            name: "one".to_owned(),
            cause: cause.to_owned(),
            also_accept: also.iter().map(|also| (*also).to_owned()).collect(),
            side: "config".to_owned(),
            grade: grade.to_owned(),
            grades: BTreeMap::new(),
            advice: Vec::new(),
            inputs: Value::Null,
            key_log: None,
            capture: PathBuf::new(),
            pki: PathBuf::new(),
        }
    }

    /// A finding.
    pub fn finding(cause: &str, grade: &str) -> Finding {
        Finding {
            cause: cause.to_owned(),
            grade: grade.to_owned(),
            side: "config".to_owned(),
            is_advice: false,
            conversation: Some(1),
        }
    }

    fn arguments(case: &Case) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let command = case.command(Path::new("handclasp"), folder.path()).unwrap();
        let shown = |argument: &OsStr| match Path::new(argument).strip_prefix(folder.path()) {
            Ok(staged) => format!("{}={}", staged.display(), std::fs::read_to_string(argument).unwrap()),
            Err(_) => argument.to_string_lossy().into_owned(),
        };
        command.get_args().map(shown).collect()
    }

    #[test]
    fn a_table_of_labels() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).unwrap();
        let labels = r#"
            [a]
            cause = "none"
            also_accept = ["sni.missing"]
            side_at_fault = "none"
            grade = "observed"
            grades = { "sni.missing" = "possible" }
            inputs = { psk_candidates = ["x"], roots = "r.pem" }
            [b]
            cause = "sni.missing"
            side_at_fault = "client"
            grade = "observed"
            key_log = """
one
two
""""#;
        write("family.toml", labels);
        write("a.pcapng", "A");
        write("b.pcap", "B");
        std::fs::create_dir(folder.path().join("pki")).unwrap();
        write("pki/r.pem", "R");
        let cases = all(folder.path()).unwrap();
        let [a, b] = &cases[..] else { panic!("{}", cases.len()) };
        assert!(a.accepts("sni.missing") && a.accepts("none") && !a.accepts("x"));
        assert_eq!((a.allowed_grade("sni.missing"), a.allowed_grade("none")), ("possible", "observed"));
        assert_eq!(
            arguments(a),
            ["explain", "case.pcapng=A", "--psk", "x", "--roots", "roots.pem=R", "--json"]
        );
        assert_eq!(arguments(b), ["explain", "case.pcap=B", "--keys", "case.keys=one\ntwo\n", "--json"]);
        write("c.pcap", "C");
        assert!(all(folder.path()).is_err_and(|error| error.to_string().contains("c.pcap")));
    }

    #[test]
    fn labels_in_files_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).unwrap();
        let label = r#"{"name": "a", "cause": "none", "also_accept": ["sni.missing"], "side_at_fault": "none",
            "grade": "observed", "grades": {"sni.missing": "possible"}, "inputs": {"expected_name": "x"}}"#;
        write("a.json", label);
        write("a.pcap", "A");
        write("a.keys", "K");
        let cases = all(folder.path()).unwrap();
        assert!(cases[0].accepts("sni.missing") && cases[0].accepts("none") && !cases[0].accepts("x"));
        assert_eq!(
            (cases[0].allowed_grade("sni.missing"), cases[0].allowed_grade("none")),
            ("possible", "observed")
        );
        let expected = ["explain", "case.pcap=A", "--keys", "case.keys=K", "--name", "x", "--json"];
        assert_eq!(arguments(&cases[0]), expected);
        assert!(all(&folder.path().join("none")).is_err());
    }
}
