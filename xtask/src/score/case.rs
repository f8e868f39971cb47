//! One labelled capture: `NAME.pcap`, `NAME.keys` if there is a key log, `NAME.json` the label;
//! and the program run on it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::Value;

use crate::process::Running;

/// More than any capture here takes, by two orders of magnitude.
const PATIENCE: Duration = Duration::from_secs(10);

/// A label.
pub struct Case {
    /// Its name, and that of its files.
    pub name: String,
    /// The cause.
    pub cause: String,
    /// Causes that these inputs cannot tell from it.
    pub also_accept: Vec<String>,
    /// Who must act.
    pub side: String,
    /// The best grade that the inputs allow.
    grade: String,
    /// The same for other causes, where it differs.
    grades: BTreeMap<String, String>,
    /// Advice that is right.
    pub advice: Vec<String>,
    inputs: Value,
    folder: PathBuf,
}

/// One finding of the program.
pub struct Said {
    /// The cause.
    pub cause: String,
    /// How sure.
    pub grade: String,
    /// Who must act.
    pub side: String,
    /// Whether it is not the failure.
    pub is_advice: bool,
}

/// All labels of a folder, by name.
pub fn all(folder: &Path) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            cases.push(read(folder, &path).with_context(|| path.display().to_string())?);
        }
    }
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    if cases.is_empty() {
        bail!("{}: no labels (NAME.json) here", folder.display());
    }
    Ok(cases)
}

fn read(folder: &Path, path: &Path) -> Result<Case> {
    let label: Value = serde_json::from_slice(&std::fs::read(path)?)?;
    let text = |key: &str| label[key].as_str().map(str::to_owned).ok_or_else(|| anyhow!("no {key}"));
    let list = |key: &str| -> Vec<String> { strings(&label[key]) };
    let grades = label["grades"].as_object().into_iter().flatten();
    Ok(Case {
        name: text("name")?,
        cause: text("cause")?,
        also_accept: list("also_accept"),
        side: text("side_at_fault")?,
        grade: text("grade")?,
        grades: grades.filter_map(|(id, grade)| Some((id.clone(), grade.as_str()?.to_owned()))).collect(),
        advice: list("advice"),
        inputs: label["inputs"].clone(),
        folder: folder.to_path_buf(),
    })
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

impl Case {
    /// Whether that is a right first answer.
    pub fn accepts(&self, cause: &str) -> bool {
        self.cause == cause || self.also_accept.iter().any(|also| also == cause)
    }

    /// The best grade that the inputs allow for a cause.
    pub fn allows(&self, cause: &str) -> &str {
        self.grades.get(cause).unwrap_or(&self.grade)
    }

    /// What the program says; its findings, the best first.
    pub fn explained_by(&self, program: &Path) -> Result<Vec<Said>> {
        let folder = tempfile::tempdir()?;
        let mut command = self.command(program, folder.path())?;
        let mut running = Running::start(&mut command)?;
        running.close_input();
        let Some(status) = running.exit(Instant::now() + PATIENCE) else {
            bail!("no answer within {} s", PATIENCE.as_secs());
        };
        let told: Value = serde_json::from_str(&running.out_text())
            .map_err(|error| anyhow!("{status}, no JSON ({error}): {}", running.err_text().trim()))?;
        let findings = told["findings"].as_array().with_context(|| format!("{status}, no findings"))?;
        Ok(findings.iter().map(said).collect())
    }

    /// The command with all that a user would give.
    fn command(&self, program: &Path, folder: &Path) -> Result<Command> {
        let stage = |from: PathBuf, to: &str| -> Result<PathBuf> {
            let to = folder.join(to);
            std::fs::copy(&from, &to).with_context(|| from.display().to_string())?;
            Ok(to)
        };
        let capture = stage(self.folder.join(format!("{}.pcap", self.name)), "case.pcap")?;
        let mut command = Command::new(program);
        command.arg("explain").arg(capture);
        let keys = self.folder.join(format!("{}.keys", self.name));
        if keys.exists() {
            command.arg("--keys").arg(stage(keys, "case.keys")?);
        }
        for candidate in strings(&self.inputs["psk_candidates"]) {
            command.arg("--psk").arg(candidate);
        }
        if let Some(name) = self.inputs["expected_name"].as_str() {
            command.arg("--name").arg(name);
        }
        if let Some(roots) = self.inputs["roots"].as_str().filter(|roots| *roots != "none") {
            command.arg("--roots").arg(stage(self.folder.join("pki").join(roots), "roots.pem")?);
        }
        if let Some(clock) = self.inputs["clock"].as_str() {
            command.arg("--at").arg(clock);
        }
        command.arg("--json");
        Ok(command)
    }
}

fn said(finding: &Value) -> Said {
    let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    Said {
        cause: text("cause"),
        grade: text("grade"),
        side: text("side"),
        is_advice: finding["severity"] == "advice",
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
            folder: PathBuf::new(),
        }
    }

    /// A finding.
    pub fn said(cause: &str, grade: &str) -> Said {
        Said { cause: cause.to_owned(), grade: grade.to_owned(), side: "config".to_owned(), is_advice: false }
    }

    #[test]
    fn labels_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let label = r#"{"name": "a", "cause": "none", "also_accept": ["sni.missing"], "side_at_fault": "none",
            "grade": "observed", "grades": {"sni.missing": "possible"}, "inputs": {"psk_candidates": ["x"]}}"#;
        std::fs::write(folder.path().join("a.json"), label).unwrap();
        let cases = all(folder.path()).unwrap();
        assert!(cases[0].accepts("sni.missing") && cases[0].accepts("none") && !cases[0].accepts("x"));
        assert_eq!((cases[0].allows("sni.missing"), cases[0].allows("none")), ("possible", "observed"));
        assert!(all(&folder.path().join("none")).is_err());
    }
}
