//! Keys in OpenSSH's ssh-agent, and agents that answer something else.

use std::{
    fs,
    io::{Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use handclasp_codec::SignatureScheme as Scheme;
use handclasp_crypto::{KeyKind, SignError};
use handclasp_identity::{
    CertificateParams, Identity,
    ssh_agent::{AgentError, AgentProblem, SshAgent},
};
use handclasp_provider_aws_lc::{SystemRandom, VERIFY};

/// An agent of OpenSSH in a folder; it ends on drop.
struct Agent {
    folder: tempfile::TempDir,
    process: Child,
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Agent {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let process = Command::new("ssh-agent")
            .args(["-D", "-a"])
            .arg(folder.path().join("socket"))
            .stdout(Stdio::null())
            .spawn()
            .expect("ssh-agent is installed");
        let agent = Self { folder, process };
        // The socket is there a moment before the agent listens.
        while UnixStream::connect(agent.socket()).is_err() {
            thread::sleep(Duration::from_millis(5));
        }
        agent
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    fn run(&self, line: &str) -> String {
        let output = Command::new("sh")
            .args(["-c", line])
            .current_dir(&self.folder)
            .env("SSH_AUTH_SOCK", self.socket())
            .stdin(Stdio::null())
            .output()
            .expect("runs");
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {text}");
        text
    }

    /// Makes a key and adds it.
    fn add(&self, name: &str, kind: &str) {
        self.run(&format!("ssh-keygen -q -N '' -C {name}@test -f {name} {kind} && ssh-add -q {name}"));
    }

    fn load(&self, key: &str) -> Result<Identity, AgentError> {
        Identity::from_ssh_agent(&SshAgent::at(self.socket()), key, Vec::new())
    }
}

fn refused(result: Result<Identity, AgentError>, problem: AgentProblem, words: &str) {
    let error = result.expect_err("refused");
    assert_eq!(error.problem, problem, "{error}");
    assert!(error.to_string().contains(words), "{words:?} is missing: {error}");
}

#[test]
fn keys_of_openssh_sign() {
    let agent = Agent::start();
    for (name, arguments, kind, schemes) in [
        ("ed25519", "-t ed25519", KeyKind::Ed25519, &[Scheme::ed25519][..]),
        ("p256", "-t ecdsa -b 256", KeyKind::P256, &[Scheme::ecdsa_secp256r1_sha256]),
        ("p384", "-t ecdsa -b 384", KeyKind::P384, &[Scheme::ecdsa_secp384r1_sha384]),
        ("p521", "-t ecdsa -b 521", KeyKind::P521, &[Scheme::ecdsa_secp521r1_sha512]),
        ("rsa", "-t rsa -b 2048", KeyKind::Rsa, &[Scheme::rsa_pkcs1_sha256, Scheme::rsa_pkcs1_sha512]),
    ] {
        agent.add(name, arguments);
        let identity = agent.load(&format!("{name}@test")).expect("good");
        assert_eq!((identity.key_kind(), identity.schemes()), (kind, schemes));
        // r and s are shorter now and then.
        for _ in 0..40 {
            identity.sign_verified(schemes[0], b"message", VERIFY, &mut SystemRandom).expect("signs");
        }
        // An agent does not sign RSASSA-PSS, which TLS 1.3 requires of RSA keys.
        assert_eq!(identity.signs_in_tls13(), kind != KeyKind::Rsa);
        if kind != KeyKind::P521 {
            let params = CertificateParams::new(&["a.example"]);
            let certificate = identity.self_signed_certificate(&params).expect("made");
            assert_eq!(identity.with_chain(vec![certificate]).expect("is for the key").chain().len(), 1);
        }
    }
    assert_eq!(SshAgent::at(agent.socket()).keys().expect("listed").len(), 5);
}

#[test]
fn keys_have_several_names() {
    let agent = Agent::start();
    agent.add("one", "-t ed25519");
    agent.add("two", "-t ecdsa");
    let spki = agent.load("one@test").expect("by its comment").spki().to_vec();
    let listed = agent.run("ssh-add -l");
    let fingerprint = listed.split_ascii_whitespace().nth(1).expect("a fingerprint");
    let file = agent.folder.path().join("one.pub").display().to_string();
    let line = fs::read_to_string(&file).expect("a file");
    for name in [fingerprint, &file, line.trim()] {
        assert_eq!(*agent.load(name).expect(name).spki(), spki[..]);
    }
    refused(agent.load("three@test"), AgentProblem::NoKey, "\"two@test\" (ecdsa-sha2-nistp256, SHA256:");
    agent.run("ssh-keygen -q -N '' -C one@test -f again -t ed25519 && ssh-add -q again");
    refused(agent.load("one@test"), AgentProblem::SeveralKeys, "name a fingerprint");
}

#[test]
fn what_an_agent_refuses() {
    let agent = Agent::start();
    refused(agent.load("any"), AgentProblem::NoKey, "`ssh-add`");
    agent.add("key", "-t ecdsa");
    let identity = agent.load("key@test").expect("good");
    agent.run("ssh-add -q -D");
    let gone = identity.sign(Scheme::ecdsa_secp256r1_sha256, b"message", &mut SystemRandom);
    let Err(SignError::Because(words)) = gone else { panic!("{gone:?}") };
    assert!(words.contains("the key was removed"), "{words}");
    // A key with confirmation, and no program that could ask.
    agent.run("ssh-add -q -c key");
    refused(agent.load("key@test"), AgentProblem::Identity, "was not confirmed");
    // A certificate of SSH is not a key.
    agent.run("ssh-keygen -q -s key -I test -n test key.pub && ssh-add -q -D && ssh-add -q key");
    let keys = SshAgent::at(agent.socket()).keys().expect("listed");
    let certificate = keys.iter().find(|key| key.key_type().contains("-cert-")).expect("added with its key");
    refused(agent.load(&certificate.fingerprint()), AgentProblem::UnusableKey, "certificate of SSH");
    let socket = agent.socket();
    drop(agent);
    let left = identity.sign(Scheme::ecdsa_secp256r1_sha256, b"message", &mut SystemRandom);
    assert!(left.is_err());
    assert!(identity.signer_words().expect("it says why").contains("no ssh-agent answers at"));
    let error = SshAgent::at(socket).keys().expect_err("gone");
    assert_eq!(error.problem, AgentProblem::NoAgent);
}

/// An agent that answers every request with these bytes.
fn answering(answer: Vec<u8>) -> (tempfile::TempDir, SshAgent) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).expect("a socket");
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut request = [0; 5];
            let _ = stream.read_exact(&mut request);
            let _ = stream.write_all(&answer);
        }
    });
    (folder, SshAgent::at(path))
}

/// A message of the agent protocol.
fn message(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 1).expect("short");
    [&length.to_be_bytes()[..], &[kind], content].concat()
}

/// The limit is one for the whole answer: each single byte came in time.
#[test]
fn an_agent_that_sends_single_bytes_is_left_at_its_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).expect("a socket");
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        for byte in message(12, &[0; 200]) {
            // The client may have left.
            if stream.write_all(&[byte]).is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(5));
        }
    });
    let error = SshAgent::at(path).timeout(Duration::from_millis(50)).keys().expect_err("too slow");
    assert!(error.to_string().contains("did not answer within 50ms"), "{error}");
    serving.join().expect("no panic");
}

#[test]
fn what_is_not_an_agent() {
    // One key of a security key: type, then fields that do not matter.
    let name = b"sk-ssh-ed25519@openssh.com";
    let blob = [&26u32.to_be_bytes()[..], name].concat();
    let list = [&1u32.to_be_bytes()[..], &30u32.to_be_bytes(), &blob, &4u32.to_be_bytes(), b"card"].concat();
    let sound = message(12, &list);
    let (_folder, agent) = answering(sound.clone());
    assert_eq!(agent.keys().expect("parses")[0].key_type(), "sk-ssh-ed25519@openssh.com");
    let error = Identity::from_ssh_agent(&agent, "card", Vec::new());
    refused(error, AgentProblem::UnusableKey, "security key");
    for end in 0..sound.len() {
        let (_folder, agent) = answering(sound[..end].to_vec());
        let error = agent.keys().expect_err("cut off");
        assert_eq!(error.problem, AgentProblem::Protocol, "cut at byte {end}: {error}");
    }
    for answer in [
        message(12, &list[..list.len() - 1]),
        message(12, &u32::MAX.to_be_bytes()),
        message(14, &list),
        vec![0xff; 64],
        vec![0; 64],
        b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec(),
    ] {
        let (_folder, agent) = answering(answer.clone());
        let error = agent.keys().expect_err("not an agent");
        assert!(error.to_string().contains("is not an ssh-agent"), "{answer:?}: {error}");
    }
    let (_folder, agent) = answering(message(5, &[]));
    assert_eq!(agent.keys().expect_err("refused").problem, AgentProblem::Refused);
}
