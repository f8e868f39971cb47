//! Damaged captures: cut, flipped, merged. Whatever bytes come, there is an answer: findings, or
//! an error with a place. A panic or an endless loop fails the test.

use std::fs;
use std::path::PathBuf;

use handclasp_explain::{Evidence, Explainer, capture};

/// Of so many captures one is damaged; each run takes the same ones.
const ONE_OF: usize = 7;

/// Numbers without a library: xorshift64, from a fixed seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }
}

/// Captures with the key logs in them, those of the project.
fn captures() -> Vec<(Vec<u8>, Evidence)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../vectors/handshakes");
    let mut files: Vec<PathBuf> = ["corpus", "own"]
        .into_iter()
        .flat_map(|part| fs::read_dir(folder.join(part)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "pcapng" || end == "pcap"))
        .collect();
    files.sort();
    assert!(files.len() > 200, "the captures are not there");
    let read = |path: &PathBuf| {
        let bytes = fs::read(path).unwrap();
        let mut evidence = Evidence::default();
        evidence.key_log = capture::key_log(&bytes[..]).unwrap();
        (bytes, evidence)
    };
    files.iter().step_by(ONE_OF).map(read).collect()
}

/// Length of the header of a file: of a pcapng its first block.
fn header(capture: &[u8]) -> usize {
    if capture.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) { 28 } else { 24 }
}

/// Explains bytes; whether they are a capture at all does not matter.
fn survives(bytes: &[u8], evidence: &Evidence) {
    if let Ok(explained) = Explainer::new(evidence).explain_bytes(bytes) {
        for told in &explained.conversations {
            assert!(told.findings.iter().all(|finding| !finding.summary.is_empty()));
        }
    }
}

#[test]
fn cut_anywhere() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for (bytes, evidence) in captures() {
        for _ in 0..3 {
            let end = numbers.below(bytes.len());
            survives(&bytes[..end], &evidence);
        }
    }
}

#[test]
fn flipped_anywhere() {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    for (bytes, evidence) in captures() {
        for flips in [1, 5, 40] {
            let mut damaged = bytes.clone();
            for _ in 0..flips {
                // Behind the header of the file, so that it stays one.
                let header = header(&bytes);
                let at = header + numbers.below(damaged.len() - header);
                damaged[at] ^= 1 << numbers.below(8);
            }
            survives(&damaged, &evidence);
        }
    }
}

#[test]
fn merged_with_another() {
    let captures = captures();
    for pair in captures.windows(2) {
        let [(first, evidence), (second, _)] = pair else { continue };
        // One file behind the other, with its header and without.
        survives(&[first.as_slice(), second].concat(), evidence);
        survives(&[first.as_slice(), &second[header(second)..]].concat(), evidence);
    }
}

#[test]
fn nothing_but_noise() {
    let mut numbers = Numbers(0x1234_5678_9abc_def1);
    for length in [0, 1, 5, 24, 100, 4000] {
        let mut noise: Vec<u8> = (0..length).map(|_| u8::try_from(numbers.below(256)).unwrap()).collect();
        survives(&noise, &Evidence::default());
        if let Some(start) = noise.get_mut(..3) {
            start.copy_from_slice(&[22, 3, 1]);
            survives(&noise, &Evidence::default());
        }
    }
}
