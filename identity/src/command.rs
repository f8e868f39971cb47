//! A signer that is a command of the user: for keys that nothing else here reaches, such as a TPM by its
//! own tools, a cloud service, or a script.
//!
//! The protocol, version 1, is one process for each request; the arguments are appended to the command:
//!
//! | arguments | standard input | standard output |
//! |---|---|---|
//! | `describe` | empty | the description, as text |
//! | `sign SCHEME` | the message, or its hash value | the signature, as bytes |
//!
//! ```text
//! handclasp-signer 1
//! schemes: ecdsa_secp256r1_sha256
//! input: digest
//! pace: slow
//! -----BEGIN PUBLIC KEY-----
//! …
//! -----END PUBLIC KEY-----
//! ```
//!
//! `schemes` are names of RFC 8446 §4.2.3, in order of preference; `input` is `message` (the default) or
//! `digest`; `pace` is `immediate`, `slow` (the default) or `interactive`. An exit status other than 0 is a
//! refusal, and the last line on standard error its reason.

mod error;
mod process;

use std::{
    boxed::Box,
    ffi::{OsStr, OsString},
    string::{String, ToString},
    time::Duration,
    vec::Vec,
};

use handclasp_codec::SignatureScheme;
use rustls_pki_types::{CertificateDer, SubjectPublicKeyInfoDer, pem::PemObject};

use crate::{ExternalSigner, Identity, SignerFailure, SignerInput, SignerPace};

pub use error::{CommandError, CommandProblem};

/// How long a request may take unless [`SignerCommand::timeout`] says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A command that signs, see [`crate::command`].
#[derive(Clone, Debug)]
pub struct SignerCommand {
    program: OsString,
    arguments: Vec<OsString>,
    /// Environment variables that it does not inherit.
    withheld: Vec<OsString>,
    timeout: Duration,
    /// The line of [`SignerCommand::shell`].
    line: Option<String>,
}

impl SignerCommand {
    /// A program, by its path or by its name on the PATH.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref().to_os_string();
        Self { program, arguments: Vec::new(), withheld: Vec::new(), timeout: TIMEOUT, line: None }
    }

    /// A line for the shell `sh`, such as `tpm-sign --handle 0x81000001`.
    pub fn shell(line: &str) -> Self {
        let script = std::format!("{line} \"$@\"");
        // The word behind the script is its $0.
        let shell = Self::new("sh").argument("-c").argument(script).argument("handclasp-signer");
        Self { line: Some(line.to_string()), ..shell }
    }

    /// Adds an argument in front of those of the protocol.
    #[must_use]
    pub fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_os_string());
        self
    }

    /// Sets the time for each request; 30 seconds without. The process is killed when it is over.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Withholds an environment variable, such as one with a secret that is not for the command. It inherits
    /// all others.
    #[must_use]
    pub fn without_variable(mut self, name: impl AsRef<OsStr>) -> Self {
        self.withheld.push(name.as_ref().to_os_string());
        self
    }

    /// Asks the command for its description.
    ///
    /// # Errors
    /// A command that does not start, fails, takes too long, or describes something else.
    pub fn open(&self) -> Result<CommandSigner, CommandError> {
        let failed = |problem| CommandError { command: self.name(), request: "describe".into(), problem };
        let output = process::run(self, &["describe"], &[]).map_err(failed)?;
        let description = Description::parse(&output).map_err(CommandProblem::Description).map_err(failed)?;
        Ok(CommandSigner { command: self.clone(), description })
    }

    /// The command in messages.
    fn name(&self) -> String {
        if let Some(line) = &self.line {
            return line.clone();
        }
        let words = [&self.program].into_iter().chain(&self.arguments);
        let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
        words.join(" ")
    }
}

/// The signer of a [`SignerCommand`].
#[derive(Clone, Debug)]
pub struct CommandSigner {
    command: SignerCommand,
    description: Description,
}

/// What a command says of itself.
#[derive(Clone, Debug)]
struct Description {
    public_key: Vec<u8>,
    schemes: Vec<SignatureScheme>,
    input: SignerInput,
    pace: SignerPace,
}

impl Description {
    fn parse(output: &[u8]) -> Result<Self, String> {
        let text = core::str::from_utf8(output).map_err(|_| "it is not text".to_string())?;
        let mut lines = text.lines().map(str::trim);
        match lines.next() {
            Some("handclasp-signer 1") => {}
            found => {
                let found = found.unwrap_or_default();
                return Err(std::format!(
                    "expected \"handclasp-signer 1\" in its first line, found {found:?}"
                ));
            }
        }
        let (mut schemes, mut input, mut pace) = (Vec::new(), SignerInput::Message, SignerPace::Slow);
        for line in lines.take_while(|line| !line.starts_with("-----")).filter(|line| !line.is_empty()) {
            let (name, value) =
                line.split_once(':').map(|(name, value)| (name, value.trim())).unwrap_or((line, ""));
            let unknown = |expected: &str| std::format!("{name}: expected {expected}, found {value:?}");
            match (name, value) {
                ("schemes", names) => {
                    for name in names.split_ascii_whitespace() {
                        let scheme = SignatureScheme::from_name(name).ok_or_else(|| {
                            std::format!(
                                "schemes: {name:?} is not a signature scheme of RFC 8446 §4.2.3, such as \
                                 ecdsa_secp256r1_sha256"
                            )
                        })?;
                        schemes.push(scheme);
                    }
                }
                ("input", "message") => input = SignerInput::Message,
                ("input", "digest") => input = SignerInput::Digest,
                ("input", _) => return Err(unknown("message or digest")),
                ("pace", "immediate") => pace = SignerPace::Immediate,
                ("pace", "slow") => pace = SignerPace::Slow,
                ("pace", "interactive") => pace = SignerPace::Interactive,
                ("pace", _) => return Err(unknown("immediate, slow or interactive")),
                _ => return Err(std::format!("expected schemes, input or pace, found {line:?}")),
            }
        }
        let key = SubjectPublicKeyInfoDer::from_pem_slice(output)
            .map_err(|_| "it has no public key: expected a section -----BEGIN PUBLIC KEY-----".to_string())?;
        Ok(Self { public_key: key.to_vec(), schemes, input, pace })
    }
}

impl ExternalSigner for CommandSigner {
    fn public_key(&self) -> &[u8] {
        &self.description.public_key
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &self.description.schemes
    }

    fn input(&self) -> SignerInput {
        self.description.input
    }

    fn pace(&self) -> SignerPace {
        self.description.pace
    }

    fn sign(&self, scheme: SignatureScheme, input: &[u8]) -> Result<Vec<u8>, SignerFailure> {
        let name = scheme.name().ok_or(SignerFailure::Scheme)?;
        process::run(&self.command, &["sign", name], input).map_err(|problem| {
            let (command, request) = (self.command.name(), std::format!("sign {name}"));
            SignerFailure::Said(CommandError { command, request, problem }.to_string())
        })
    }
}

impl Identity {
    /// The identity whose private key a command has, with its certificate chain, leaf first. With an empty
    /// chain it is a raw public key until [`Identity::with_chain`] gives it one.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use handclasp_identity::{CertificateParams, Identity, command::SignerCommand};
    ///
    /// let command = SignerCommand::shell("/usr/local/bin/tpm-signer --handle 0x81000001");
    /// let identity = Identity::from_command(&command, Vec::new())?;
    /// println!("{}", identity.certificate_request(&CertificateParams::new(&["device.example"]))?.pem());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`SignerCommand::open`] and [`Identity::from_external`].
    pub fn from_command(
        command: &SignerCommand,
        chain: Vec<CertificateDer<'static>>,
    ) -> Result<Self, CommandError> {
        let signer = command.open()?;
        Self::from_external(chain, Box::new(signer)).map_err(|error| CommandError {
            command: command.name(),
            request: "sign".into(),
            problem: CommandProblem::Identity(Box::new(error)),
        })
    }
}
