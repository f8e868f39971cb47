//! Keys in an ssh-agent: Ed25519, ECDSA and, for TLS 1.2, RSA.
//!
//! An agent signs whole messages by the hash that belongs to the key. RSA keys sign RSASSA-PKCS1-v1_5 only,
//! which TLS 1.3 does not permit. Keys of security keys (`sk-…`) sign structures of their own and are of no
//! use here. Each request is a connection of its own, so that an agent may be restarted between two.
//!
//! The messages are those of the SSH agent protocol (draft-miller-ssh-agent); their fields are encoded by
//! the crate `ssh-encoding`. The clients on crates.io bring `rsa` and three curves with them to parse keys
//! that are only passed through here.

mod error;
mod key;
mod wire;

use std::{
    boxed::Box,
    env, fs,
    path::{Path, PathBuf},
    string::{String, ToString},
    time::Duration,
    vec::Vec,
};

use handclasp_codec::SignatureScheme;
use rustls_pki_types::CertificateDer;

use crate::{ExternalSigner, Identity, SignerFailure, SignerPace};

pub use error::{AgentError, AgentProblem};
pub use key::AgentKey;

/// How long an agent may take. A person may have to confirm a signature, or touch a card.
const TIMEOUT: Duration = Duration::from_secs(60);

/// An ssh-agent, by its socket.
#[derive(Clone, Debug)]
pub struct SshAgent {
    socket: PathBuf,
    timeout: Duration,
}

impl SshAgent {
    /// The agent of the environment (`SSH_AUTH_SOCK`).
    ///
    /// # Errors
    /// The variable is not set.
    pub fn from_environment() -> Result<Self, AgentError> {
        match env::var_os("SSH_AUTH_SOCK").filter(|path| !path.is_empty()) {
            Some(path) => Ok(Self::at(path)),
            None => Err(AgentError::new(
                AgentProblem::NoAgent,
                "SSH_AUTH_SOCK is not set: start an agent with `eval $(ssh-agent)` and add a key with `ssh-add`",
            )),
        }
    }

    /// The agent at this socket.
    pub fn at(socket: impl Into<PathBuf>) -> Self {
        Self { socket: socket.into(), timeout: TIMEOUT }
    }

    /// Sets the time for each request and its whole answer; 60 seconds without.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The keys that the agent holds, those included that cannot be used here.
    ///
    /// # Errors
    /// An agent that cannot be reached, or answers something else.
    pub fn keys(&self) -> Result<Vec<AgentKey>, AgentError> {
        wire::identities(self)
    }

    /// The signer of one key: its fingerprint (`SHA256:…`), its comment, the path of its public key file
    /// (ending in `.pub`), or the line in such a file.
    ///
    /// # Errors
    /// No such key, several of that comment, or one that cannot be used in TLS.
    pub fn signer(&self, key: &str) -> Result<AgentSigner, AgentError> {
        let line = match key.ends_with(".pub") && Path::new(key).is_file() {
            true => fs::read_to_string(key)
                .map_err(|error| AgentError::new(AgentProblem::NoKey, std::format!("{key}: {error}")))?,
            false => key.to_string(),
        };
        let keys = self.keys()?;
        let list = || match keys.is_empty() {
            true => String::from("it holds none; add one with `ssh-add`"),
            false => {
                let names: Vec<String> = keys.iter().map(ToString::to_string).collect();
                std::format!("it holds {}", names.join(" and "))
            }
        };
        let mut found = keys.iter().filter(|one| one.is(&line));
        match (found.next(), found.next()) {
            (Some(one), None) => {
                let (spki, schemes) = one.usable()?;
                Ok(AgentSigner { agent: self.clone(), blob: one.blob().to_vec(), spki, schemes })
            }
            (None, _) => Err(AgentError::new(
                AgentProblem::NoKey,
                std::format!("the ssh-agent has no key {key:?}; {}", list()),
            )),
            (Some(_), Some(_)) => Err(AgentError::new(
                AgentProblem::SeveralKeys,
                std::format!("the ssh-agent has several keys {key:?}: name a fingerprint; {}", list()),
            )),
        }
    }
}

/// A key in an ssh-agent.
#[derive(Clone, Debug)]
pub struct AgentSigner {
    agent: SshAgent,
    /// The public key as the agent knows it.
    blob: Vec<u8>,
    spki: Vec<u8>,
    schemes: &'static [SignatureScheme],
}

impl AgentSigner {
    /// The fingerprint of the key, `SHA256:…`, which names it whatever its comment becomes.
    pub fn fingerprint(&self) -> String {
        AgentKey::new(self.blob.clone(), String::new()).fingerprint()
    }
}

impl ExternalSigner for AgentSigner {
    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn schemes(&self) -> &[SignatureScheme] {
        self.schemes
    }

    /// An agent may hold the key in a smart card.
    fn pace(&self) -> SignerPace {
        SignerPace::Slow
    }

    fn sign(&self, scheme: SignatureScheme, message: &[u8]) -> Result<Vec<u8>, SignerFailure> {
        if !self.schemes.contains(&scheme) {
            return Err(SignerFailure::Scheme);
        }
        let signature = wire::sign(&self.agent, &self.blob, message, key::flags(scheme));
        let signature = signature.map_err(|error| match error.problem {
            AgentProblem::Refused => SignerFailure::Because(error::REFUSED),
            _ => SignerFailure::Said(error.to_string()),
        })?;
        key::signature(&signature)
            .ok_or(SignerFailure::Because("the ssh-agent returned a signature of another form than SSH's"))
    }
}

impl Identity {
    /// The identity whose private key an ssh-agent holds, with its certificate chain, leaf first. With an
    /// empty chain it is a raw public key until [`Identity::with_chain`] gives it one. `key` is as for
    /// [`SshAgent::signer`].
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use handclasp_identity::{CertificateParams, Identity, ssh_agent::SshAgent};
    ///
    /// let agent = SshAgent::from_environment()?;
    /// let identity = Identity::from_ssh_agent(&agent, "me@laptop", Vec::new())?;
    /// let certificate = identity.self_signed_certificate(&CertificateParams::new(&["laptop.local"]))?;
    /// let identity = identity.with_chain(vec![certificate])?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`SshAgent::signer`] and [`Identity::from_external`].
    pub fn from_ssh_agent(
        agent: &SshAgent,
        key: &str,
        chain: Vec<CertificateDer<'static>>,
    ) -> Result<Self, AgentError> {
        let signer = agent.signer(key)?;
        Self::from_external(chain, Box::new(signer))
            .map_err(|error| AgentError::new(AgentProblem::Identity, error))
    }
}
