//! A set of cases, and its tests.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, Result};

use super::case::{self, Case};
use super::figures::Figures;
use super::floors::Floor;
use super::judgement::Judgement;
use super::known_misses::KnownMisses;
use crate::fixtures::Fixtures;
use crate::harness::{Test, Transcript};

/// The cases of one folder.
pub struct Set {
    name: String,
    cases: Vec<Case>,
    /// One for each case, made when the first test asks for it.
    judgements: Vec<OnceLock<Judgement>>,
    /// `None` for a folder of the user: there its misses count only against the floor.
    known_misses: Option<KnownMisses>,
    floor: Floor,
}

/// A case of a set as a test.
pub struct CaseTest {
    /// Its set.
    pub set: Arc<Set>,
    /// Its place in the set.
    pub index: usize,
}

/// The figures of a set as a test.
pub struct FiguresTest {
    /// The set.
    pub set: Arc<Set>,
}

impl Set {
    /// Reads the labels of a folder. The folders of the repository (`ours`) have floors and lists of
    /// known misses.
    pub fn read(folder: &Path, ours: bool) -> Result<Self> {
        let name = folder.file_name().context("a folder without a name")?.to_string_lossy().into_owned();
        let cases = case::all(folder)?;
        let judgements = cases.iter().map(|_| OnceLock::new()).collect();
        let known_misses = if ours { Some(KnownMisses::of_set(&name, &cases)?) } else { None };
        let floor = if ours { Floor::of_set(&name)? } else { Floor::default() };
        Ok(Self { name, cases, judgements, known_misses, floor })
    }

    /// The number of cases.
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// The figures of the cases that were judged, in one line, and below it what they leave out. Empty
    /// if none was.
    pub fn summary(&self) -> String {
        let figures = self.figures();
        if figures.is_empty() {
            return String::new();
        }
        let details: String = figures.details().iter().map(|line| format!("  {line}\n")).collect();
        format!("{}: {figures}\n{details}", self.name)
    }

    fn figures(&self) -> Figures {
        let mut figures = Figures::default();
        for judgement in self.judgements.iter().filter_map(OnceLock::get) {
            figures.add(judgement);
        }
        figures
    }

    fn judgement(&self, index: usize, fixtures: &Fixtures) -> Result<(&Case, &Judgement)> {
        let program = fixtures.program()?;
        let (case, slot) = self.cases.get(index).zip(self.judgements.get(index)).context("no such case")?;
        Ok((case, slot.get_or_init(|| Judgement::of(case, case.findings(program)))))
    }
}

impl Test for CaseTest {
    fn name(&self) -> String {
        let case = self.set.cases.get(self.index).map_or("", |case| &case.name);
        format!("score::{}::{case}", self.set.name)
    }

    fn run(&self, fixtures: &Fixtures) -> Result<Transcript> {
        let (case, judgement) = self.set.judgement(self.index, fixtures)?;
        let mut failures = judgement.violations();
        if let Some(known_misses) = &self.set.known_misses {
            failures.extend(known_misses.failure(&case.name, judgement.miss.as_deref()));
        }
        Ok(Transcript { failures, log: format!("  capture: {}\n", case.capture.display()) })
    }
}

impl Test for FiguresTest {
    fn name(&self) -> String {
        format!("score::{}::figures", self.set.name)
    }

    fn run(&self, fixtures: &Fixtures) -> Result<Transcript> {
        for index in 0..self.set.len() {
            self.set.judgement(index, fixtures)?;
        }
        let figures = self.set.figures();
        Ok(Transcript { failures: self.set.floor.failures(&figures), log: format!("  {figures}\n") })
    }
}
