//! Manual pages and completions as their readers take them.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use super::{manual, write};

/// The files, written once for all tests.
fn files() -> &'static Path {
    static FILES: OnceLock<PathBuf> = OnceLock::new();
    FILES.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/package-files");
        let _ = std::fs::remove_dir_all(&folder);
        write(&folder).unwrap();
        folder
    })
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Every page, by mandoc's checks and by man with groff's warnings.
#[test]
fn pages_are_read_without_a_warning() {
    for page in manual::pages() {
        let path = files().join("man").join(page.file_name());
        let lint = run(Command::new("mandoc").args(["-T", "lint", "-W", "warning"]).arg(&path));
        // A date would differ between builds of the same sources.
        let said = text(&lint.stdout);
        let found: Vec<_> = said.lines().filter(|line| !line.contains("missing date")).collect();
        assert!(found.is_empty(), "{}: {found:#?}", path.display());
        let mut man = Command::new("man");
        man.args(["--warnings", "--local-file", "-Tutf8"])
            .arg(&path)
            .env("MANWIDTH", "100")
            .env("LC_ALL", "C.UTF-8");
        let shown = run(&mut man);
        assert!(
            shown.status.success() && shown.stderr.is_empty(),
            "{}: {}",
            path.display(),
            text(&shown.stderr)
        );
    }
}

/// A page as a terminal shows it, without bold letters.
fn shown(name: &str) -> String {
    let path = files().join("man").join(name);
    let mut mandoc = Command::new("mandoc");
    let shown = text(&run(mandoc.args(["-T", "ascii", "-O", "width=100"]).arg(path)).stdout);
    let mut plain = String::new();
    for letter in shown.chars() {
        match letter {
            '\u{8}' => drop(plain.pop()),
            letter => plain.push(letter),
        }
    }
    plain
}

#[test]
fn pages_have_their_sections() {
    for (page, wanted) in [
        (
            "handclasp.1",
            &["COMMANDS\n", "handclasp-connect(1)", "EXIT STATUS\n", "Refused by the peer.", "SEE ALSO\n"][..],
        ),
        (
            "handclasp-connect.1",
            &[
                "printf 'GET / HTTP/1.0\\r\\nHost: example.org\\r\\n\\r\\n' | handclasp connect example.org:443",
                "When standard input ends,",
                "   Pre-shared key\n",
                "--psk-hex <VALUE>",
                "SSL_CERT_FILE",
                "~/.config/handclasp/known_peers",
                "env:NAME",
                "handclasp(1),",
            ],
        ),
        ("handclasp-serve.1", &["   Limits\n", "~/.config/handclasp/known_clients", "SSH_AUTH_SOCK"]),
        ("handclasp-id-new.1", &["DIR/rotations.pem", "handclasp-id(1), ", "handclasp-id-show(1)"]),
        ("handclasp-lint.1", &["Something is wrong in a file."]),
    ] {
        let shown = shown(page);
        let parts = ["NAME", "SYNOPSIS", "EXAMPLES", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "SEE ALSO"];
        let places: Vec<_> = parts.iter().map(|part| shown.find(&format!("\n{part}\n"))).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{page}: {places:?}\n{shown}");
        for wanted in wanted {
            assert!(shown.contains(wanted), "{page} lacks {wanted:?}:\n{shown}");
        }
    }
    assert!(!shown("handclasp-demo.1").contains("ENVIRONMENT"), "it reads no variables");
}

/// What bash offers behind these words.
fn offered(words: &[&str]) -> Vec<String> {
    let script = format!(
        "source {}\nCOMP_WORDS=({}); COMP_CWORD={}; _handclasp handclasp \"${{COMP_WORDS[COMP_CWORD]}}\" \
         \"${{COMP_WORDS[COMP_CWORD-1]}}\"; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        files().join("completions/handclasp.bash").display(),
        words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
        words.len() - 1,
    );
    let output = run(Command::new("bash").args(["--norc", "-c", &script]));
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn bash_completes() {
    assert_eq!(offered(&["handclasp", "con"]), ["connect"]);
    assert_eq!(offered(&["handclasp", "id", "re"]), ["renew"]);
    assert_eq!(offered(&["handclasp", "connect", "--psk-h"]), ["--psk-hex", "--psk-hash"]);
    assert_eq!(offered(&["handclasp", "connect", "--policy", "tls"]), ["tls13_only"]);
    for file in ["handclasp.bash", "_handclasp", "handclasp.fish"] {
        let completions = std::fs::read_to_string(files().join("completions").join(file)).unwrap();
        assert!(
            completions.contains("psk-hex") && !completions.contains("insecure"),
            "{file}: a flag that is hidden"
        );
    }
}

/// Their syntax; zsh and fish load completions when they are needed.
#[test]
fn zsh_and_fish_read_their_completions() {
    for (shell, file) in [("zsh", "_handclasp"), ("fish", "handclasp.fish")] {
        let output = run(Command::new(shell).arg("-n").arg(files().join("completions").join(file)));
        assert!(output.status.success() && output.stderr.is_empty(), "{shell}: {}", text(&output.stderr));
    }
    let complete = format!(
        "source {}; complete -C 'handclasp conn'",
        files().join("completions/handclasp.fish").display()
    );
    let fish = run(Command::new("fish").args(["--no-config", "-c", &complete]).env("HOME", files()));
    assert!(text(&fish.stdout).starts_with("connect\t"), "{} {}", text(&fish.stdout), text(&fish.stderr));
}
