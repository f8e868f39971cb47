//! What a server accepts and requires, found out one thing at a time: each question differs from
//! a hello that is known to work in one respect.

use std::io;

use handclasp::{CipherSuite, KeyKind, NamedGroup, ProtocolVersion, SignatureScheme};
use handclasp_codec::KeyExchangeAlgorithm;
use handclasp_explain::Diagnosis;

use super::chain;
use super::choices::Choices;
use super::hello::{GROUPS, Hello, SCHEMES, SUITES12, SUITES13};
use super::large::{self, LargeProbe};
use super::limits;
use super::observed;
use super::old_versions;
use super::probe::{Answer, Target};

/// The name that a server cannot have (RFC 6761 §6.4).
const WRONG_NAME: &str = "no-such-name.invalid";

/// Protocols that are worth a question each.
const PROTOCOLS: [&str; 5] = ["h2", "http/1.1", "mqtt", "x-amzn-mqtt-ca", "coap"];

/// What was found out.
pub struct Survey {
    /// Each version and what is answered to it.
    pub versions: Vec<(ProtocolVersion, Answer)>,
    /// What is known of each version that is accepted, the newest first.
    pub accepted: Vec<OfVersion>,
    /// The name that was sent.
    pub name: Option<String>,
    /// Without server_name, where one was sent otherwise.
    pub without_name: Option<Answer>,
    /// With a name that the server cannot have.
    pub wrong_name: Option<Answer>,
    /// TLS 1.2.
    pub extended_master_secret: Option<Need>,
    /// TLS 1.2 with CBC: whether encrypt_then_mac is taken up.
    pub encrypt_then_mac: Option<bool>,
    /// TLS 1.2: whether the server sends renegotiation_info (RFC 5746).
    pub renegotiation_info: Option<bool>,
    /// TLS 1.2 with DHE: bits of the server's prime.
    pub dh_bits: Option<usize>,
    /// Large ClientHellos.
    pub large: Vec<LargeProbe>,
    /// Protocols that the server speaks, of those asked for.
    pub protocols: Vec<String>,
    /// The lists may lack something: the limit of connections was near.
    pub cut: bool,
}

/// What is known of a version.
pub struct OfVersion {
    pub version: ProtocolVersion,
    /// Suites accepted.
    pub suites: Vec<CipherSuite>,
    /// Groups accepted.
    pub groups: Vec<NamedGroup>,
    /// The curve of the certificate, where it hides whether others are accepted: in TLS 1.2 it must
    /// stay in the list (RFC 8422 §5.1), and the server prefers it.
    pub hidden_by: Option<NamedGroup>,
    /// Schemes with which the server signs.
    pub schemes: Vec<SignatureScheme>,
    /// Limits of max_fragment_length that the server takes up.
    pub max_fragment_length: Vec<u16>,
    /// What the server says of records that it gets, where it takes up record_size_limit.
    pub record_size_limit: Option<u16>,
    /// The answer to a hello that nothing is missing in.
    pub diagnosis: Box<Diagnosis>,
}

/// Whether something is done, and whether it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The server does not know it.
    No,
    /// It does it if asked.
    Can,
    /// It refuses without.
    Must,
}

impl Survey {
    /// What is known of a version, if it is accepted.
    pub fn of(&self, version: ProtocolVersion) -> Option<&OfVersion> {
        self.accepted.iter().find(|found| found.version == version)
    }

    /// Whether nothing but pre-shared keys is accepted, as far as hellos can tell.
    pub fn is_psk_only(&self) -> bool {
        !self.accepted.is_empty()
            && self.accepted.iter().all(|found| found.suites.iter().all(|suite| suite.is_psk()))
    }

    /// What is spoken in place of TLS.
    pub fn foreign(&self) -> String {
        let diagnosis = self.versions.iter().find_map(|(_, answer)| match answer {
            Answer::NotTls(diagnosis) => Some(diagnosis),
            Answer::Accepted(_)
            | Answer::OtherVersion(_)
            | Answer::Refused(_)
            | Answer::Closed
            | Answer::Silent => None,
        });
        let finding = diagnosis.and_then(|diagnosis| diagnosis.findings.first());
        finding.map_or_else(|| "it responds with something else".to_owned(), |found| found.summary.clone())
    }

    /// The newest version that the server accepts, if all of them are below TLS 1.2.
    pub fn old_only(&self) -> Option<(ProtocolVersion, &Diagnosis)> {
        let mut accepted =
            self.versions.iter().filter_map(|(version, answer)| Some((*version, answer.diagnosis()?)));
        accepted.next().filter(|(version, _)| *version < ProtocolVersion::TLS_1_2)
    }

    /// Whether no version was answered with TLS.
    pub fn is_not_tls(&self) -> bool {
        self.versions.iter().all(|(_, answer)| matches!(answer, Answer::NotTls(_)))
    }
}

impl OfVersion {
    /// A hello that works.
    pub fn hello(&self, name: Option<&str>) -> Hello {
        Hello::usual(name).only(self.version)
    }
}

/// Asks everything. `progress` hears what is asked next.
///
/// # Errors
/// The server cannot be reached.
pub fn survey(target: &mut Target, name: Option<&str>, progress: &mut dyn FnMut(&str)) -> io::Result<Survey> {
    progress("versions");
    let mut name = name;
    let mut versions = versions(target, name)?;
    // A server that refuses this name may still serve those that name none.
    let refused = |answer: &Answer| matches!(answer, Answer::Refused(_) | Answer::Closed);
    let all_refused = versions.iter().all(|(_, answer)| refused(answer));
    if name.is_some() && all_refused {
        let without = self::versions(target, None)?;
        if without.iter().any(|(_, answer)| answer.accepted()) {
            (versions, name) = (without, None);
        }
    }
    let speaks_tls = versions.iter().any(|(_, answer)| !matches!(answer, Answer::NotTls(_)));
    if speaks_tls && !versions.iter().any(|(_, answer)| answer.accepted()) {
        versions.push(old_versions::ssl3(target, name)?);
    }
    let mut found = Survey {
        versions,
        accepted: Vec::new(),
        name: name.map(str::to_owned),
        without_name: None,
        wrong_name: None,
        extended_master_secret: None,
        encrypt_then_mac: None,
        renegotiation_info: None,
        dh_bits: None,
        large: Vec::new(),
        protocols: Vec::new(),
        cut: false,
    };
    for version in [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2] {
        let answer = found.versions.iter().find(|(asked, _)| *asked == version);
        if answer.is_some_and(|(_, answer)| answer.accepted()) {
            of_version(target, version, &mut found, progress)?;
        }
    }
    let Some(base) = found.accepted.first().map(|of| of.hello(name)) else { return Ok(found) };
    progress("server_name");
    if name.is_some() {
        found.without_name = Some(target.ask(&Hello { server_name: None, ..base.clone() })?);
    }
    let wrong = Hello { server_name: Some(WRONG_NAME.to_owned()), ..base.clone() };
    found.wrong_name = Some(target.ask(&wrong)?);
    progress("application protocols");
    found.protocols = protocols(target, &base)?;
    progress("large ClientHellos");
    found.large = large::probes(target, name)?;
    Ok(found)
}

/// One question for each version.
fn versions(target: &mut Target, name: Option<&str>) -> io::Result<Vec<(ProtocolVersion, Answer)>> {
    let mut found = Vec::new();
    for version in [
        ProtocolVersion::TLS_1_3,
        ProtocolVersion::TLS_1_2,
        ProtocolVersion::TLS_1_1,
        ProtocolVersion::TLS_1_0,
    ] {
        let hello = match version < ProtocolVersion::TLS_1_2 {
            true => old_versions::hello(name, version),
            false => Hello::usual(name).only(version),
        };
        found.push((version, target.ask(&hello)?));
    }
    Ok(found)
}

/// The lists of one version, and its extensions.
fn of_version(
    target: &mut Target,
    version: ProtocolVersion,
    found: &mut Survey,
    progress: &mut dyn FnMut(&str),
) -> io::Result<()> {
    let tls13 = version == ProtocolVersion::TLS_1_3;
    let base = Hello::usual(found.name.as_deref()).only(version);
    // A server may announce what it takes only to those who do.
    let full = target.ask(&Hello { record_size_limit: Some(limits::most(version)), ..base.clone() })?;
    let Answer::Accepted(diagnosis) = full else { return Ok(()) };
    let extensions = observed::extensions(&diagnosis).unwrap_or_default();
    progress("cipher suites");
    let mut choices = Choices::new(target);
    let list = if tls13 { SUITES13 } else { SUITES12 };
    let with_suites = |left: &[CipherSuite]| Hello { suites: left.to_vec(), ..base.clone() };
    let suites = choices.all(list, with_suites, Answer::suite)?;
    progress("groups");
    let (groups, hidden_by) = groups(&mut choices, &diagnosis, &suites, &base)?;
    progress("signature schemes");
    let signed = |left: &[SignatureScheme]| Hello {
        schemes: left.to_vec(),
        // What is left out here may be what the chain is signed with.
        chain_schemes: SCHEMES.to_vec(),
        ..base.clone()
    };
    let scheme = |answer: &Answer| answer.diagnosis()?.conversation.server_scheme();
    let schemes = match diagnosis.conversation.server_scheme() {
        Some(_) => choices.all(SCHEMES, signed, scheme)?,
        None => Vec::new(),
    };
    found.cut |= choices.cut;
    progress("extensions");
    if !tls13 {
        found.extended_master_secret = Some(master_secret(target, &base, &extensions)?);
        found.encrypt_then_mac = encrypt_then_mac(target, &base, &suites)?;
        found.renegotiation_info = Some(extensions.renegotiation_info);
        found.dh_bits = dh_bits(target, &base, &suites)?;
    }
    found.accepted.push(OfVersion {
        version,
        suites,
        groups,
        hidden_by,
        schemes,
        max_fragment_length: limits::max_fragment_length(target, &base)?,
        record_size_limit: extensions.record_size_limit,
        diagnosis,
    });
    Ok(())
}

/// The groups of the suites that need one, and the curve that hides others.
fn groups(
    choices: &mut Choices<'_>,
    diagnosis: &Diagnosis,
    suites: &[CipherSuite],
    base: &Hello,
) -> io::Result<(Vec<NamedGroup>, Option<NamedGroup>)> {
    let tls13 = base.tls13();
    let elliptic: Vec<CipherSuite> =
        suites.iter().copied().filter(|suite| tls13 || is_ecdhe(*suite)).collect();
    if elliptic.is_empty() {
        return Ok((Vec::new(), None));
    }
    let of = |left: &[NamedGroup]| Hello { suites: elliptic.clone(), groups: left.to_vec(), ..base.clone() };
    let mut groups = choices.all(GROUPS, of, Answer::group)?;
    // In TLS 1.2 a server may refuse a hello that lacks the curve of its certificate (RFC 8422 §5.1):
    // it stays in the list, last, whatever else is asked.
    let leaf = observed::chain(diagnosis).into_iter().next();
    let curve = leaf.and_then(|leaf| chain::key(&leaf)).and_then(curve_of).filter(|_| !tls13);
    let left = |groups: &[NamedGroup]| -> Vec<NamedGroup> {
        let absent = |group: &NamedGroup| !groups.contains(group) && Some(*group) != curve;
        GROUPS.iter().copied().filter(absent).collect()
    };
    let Some(curve) = curve else { return Ok((groups, None)) };
    let beside = |left: &[NamedGroup]| of(&[left, &[curve]].concat());
    groups.extend(choices.all(&left(&groups), beside, Answer::group)?);
    // Who goes by the client's order has shown everything; so has who prefers another group.
    let other = groups.iter().copied().find(|group| *group != curve);
    let hidden = match other {
        None => groups.contains(&curve),
        Some(other) => {
            let pair = [[curve, other], [other, curve]];
            let taken = pair.map(|pair| choices.first(&of(&pair), Answer::group));
            let [one, two] = taken;
            (one?, two?) == (Some(curve), Some(curve))
        }
    };
    Ok((groups, Some(curve).filter(|_| hidden)))
}

/// The group of a certificate's key.
fn curve_of(kind: KeyKind) -> Option<NamedGroup> {
    match kind {
        KeyKind::P256 => Some(NamedGroup::secp256r1),
        KeyKind::P384 => Some(NamedGroup::secp384r1),
        KeyKind::P521 => Some(NamedGroup::secp521r1),
        KeyKind::Ed25519 | KeyKind::Rsa | KeyKind::RsaPss => None,
    }
}

fn is_ecdhe(suite: CipherSuite) -> bool {
    use KeyExchangeAlgorithm as E;
    matches!(suite.key_exchange_algorithm(), Some(E::Ecdhe | E::EcdhePsk))
}

fn master_secret(target: &mut Target, base: &Hello, taken: &observed::Extensions) -> io::Result<Need> {
    let without = target.ask(&Hello { extended_master_secret: false, ..base.clone() })?;
    Ok(match (taken.extended_master_secret, without.accepted()) {
        (_, false) => Need::Must,
        (true, true) => Need::Can,
        (false, true) => Need::No,
    })
}

/// Whether it is taken up; `None` where there is no suite to try it with.
fn encrypt_then_mac(target: &mut Target, base: &Hello, suites: &[CipherSuite]) -> io::Result<Option<bool>> {
    let cbc: Vec<CipherSuite> = suites.iter().copied().filter(|suite| suite.is_cbc()).collect();
    if cbc.is_empty() {
        return Ok(None);
    }
    let answer = target.ask(&Hello { suites: cbc, encrypt_then_mac: true, ..base.clone() })?;
    Ok(answer.diagnosis().and_then(observed::extensions).map(|taken| taken.encrypt_then_mac))
}

/// The size of the server's own Diffie-Hellman group; `None` without suites of DHE. Groups of RFC 7919 are
/// offered only to servers that require one.
fn dh_bits(target: &mut Target, base: &Hello, suites: &[CipherSuite]) -> io::Result<Option<usize>> {
    let is_dhe = |suite: &CipherSuite| suite.key_exchange_algorithm() == Some(KeyExchangeAlgorithm::Dhe);
    let suites: Vec<CipherSuite> = suites.iter().copied().filter(is_dhe).collect();
    if suites.is_empty() {
        return Ok(None);
    }
    let hello = Hello { suites, ..base.clone() };
    let elliptic = hello.groups.iter().copied().filter(|group| *group != NamedGroup::ffdhe2048).collect();
    let own = target.ask(&Hello { groups: elliptic, ..hello.clone() })?;
    if let Some(bits) = own.diagnosis().and_then(observed::dh_bits) {
        return Ok(Some(bits));
    }
    Ok(target.ask(&hello)?.diagnosis().and_then(observed::dh_bits))
}

/// Those of the usual protocols that the server takes.
fn protocols(target: &mut Target, base: &Hello) -> io::Result<Vec<String>> {
    let list = PROTOCOLS.map(str::to_owned);
    let mut left = list.to_vec();
    let mut taken = Vec::new();
    while !left.is_empty() {
        let answer = target.ask(&Hello { protocols: left.clone(), ..base.clone() })?;
        let chosen = answer.diagnosis().and_then(observed::extensions).and_then(|taken| taken.protocol);
        let Some(chosen) = chosen.filter(|chosen| left.contains(chosen)) else { break };
        left.retain(|other| *other != chosen);
        taken.push(chosen);
    }
    Ok(taken)
}
