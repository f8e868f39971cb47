//! A root, an intermediate and a leaf, and the verdicts of hosts and devices on chains of them.

use handclasp_provider_aws_lc::{SHA256, VERIFY};
use handclasp_report::{CertificateError, CertificateFault};
use handclasp_trust::{
    Name, Role, Roots, Trust, VerifiedKey, VerifyOptions,
    chain::{Anchor, ChainOptions, ChainTime, ChainVerifier},
};
use rustls_pki_types::{CertificateDer, UnixTime};

use super::{Forged, Key};

pub type Judged = Result<VerifiedKey, CertificateError>;

/// The fault of a verdict, without its dates.
pub fn why<T>(verdict: Result<T, CertificateError>) -> Option<CertificateFault> {
    verdict.err().map(|error| error.fault)
}

/// 2027-01-15: within the validity of forged certificates.
pub const NOW: u64 = 1_800_000_000;

pub const fn time(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}

/// Keys of the three, and the root's certificate.
pub struct World {
    pub root: Key,
    pub between: Key,
    pub leaf: Key,
    pub anchor: Vec<u8>,
}

impl World {
    pub fn new() -> Self {
        let root = Key::new();
        let anchor = Forged::authority("root", "root", &root).sign(&root);
        Self { root, between: Key::new(), leaf: Key::new(), anchor }
    }

    /// A sound leaf, issued by the intermediate.
    pub fn good_leaf(&self) -> Forged {
        Forged::leaf("between", &self.leaf)
    }

    /// A sound intermediate, issued by the root.
    pub fn good_between(&self) -> Forged {
        Forged::authority("between", "root", &self.between)
    }

    /// The chain of a leaf and an intermediate.
    pub fn chain(&self, leaf: &Forged, between: &Forged) -> Vec<Vec<u8>> {
        vec![leaf.sign(&self.between), between.sign(&self.root)]
    }

    pub fn host(&self, chain: &[Vec<u8>], role: Role) -> Judged {
        self.host_of(chain, role, a_test(role))
    }

    pub fn host_named(&self, chain: &[Vec<u8>], name: &str) -> Judged {
        self.host_of(chain, Role::Server, Some(Name::parse(name).unwrap()))
    }

    fn host_of(&self, chain: &[Vec<u8>], role: Role, name: Option<Name>) -> Judged {
        let roots = Roots::from_der(&[CertificateDer::from(&self.anchor[..])]).unwrap();
        let options = VerifyOptions::new(role, time(NOW), VERIFY, SHA256).with_name(name.as_ref());
        Trust::WebPki(roots).verify_chain(chain, &options)
    }

    pub fn device(&self, chain: &[Vec<u8>], role: Role) -> Judged {
        self.device_at(chain, role, ChainTime::Now(time(NOW)))
    }

    pub fn device_named(&self, chain: &[Vec<u8>], name: &str) -> Judged {
        let name = Some(Name::parse(name).unwrap());
        device_of(&[&self.anchor], chain, Role::Server, ChainTime::Now(time(NOW)), name)
    }

    pub fn device_at(&self, chain: &[Vec<u8>], role: Role, now: ChainTime) -> Judged {
        device(&[&self.anchor], chain, role, now)
    }
}

/// The name that servers are asked for.
pub fn a_test(role: Role) -> Option<Name> {
    (role == Role::Server).then(|| Name::parse("a.test").unwrap())
}

/// The verdict of a device with these roots.
pub fn device(roots: &[&[u8]], chain: &[Vec<u8>], role: Role, now: ChainTime) -> Judged {
    device_of(roots, chain, role, now, a_test(role))
}

fn device_of(roots: &[&[u8]], chain: &[Vec<u8>], role: Role, now: ChainTime, name: Option<Name>) -> Judged {
    let anchors: Vec<_> = roots.iter().map(|root| Anchor::from_certificate(root).unwrap()).collect();
    let options = ChainOptions::new(&anchors, role, now, VERIFY, SHA256).with_name(name.as_ref());
    let mut verifier = ChainVerifier::new();
    for certificate in chain {
        verifier.certificate(&options, certificate)?;
    }
    verifier.finish(&options)
}
