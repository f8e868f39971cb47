//! The minimal configuration: a ClientHello with one cipher suite, one group and as few extensions as
//! the server accepts. Extensions are omitted one by one; those that the server requires stay. Finally
//! our own client completes a handshake with exactly this configuration.

use std::{io, time::SystemTime};

use handclasp::{CipherSuite, NamedGroup, Pin, Policy, ProtocolVersion};
use handclasp_codec::HandshakeType;
use handclasp_explain::{Diagnosis, Side};

use super::chain;
use super::client_share::ClientShare;
use super::cost;
use super::handshake_probe::{End, HandshakeProbe, Kit};
use super::hello::Hello;
use super::observed;
use super::omission::{Omission, Why};
use super::probe::{Answer, Target};
use super::survey::{Need, OfVersion, Survey};
use crate::exit::Failure;

/// Number of initial configurations to try, one connection each.
const BEGINNINGS: usize = 10;

/// The smallest client configuration that this server accepts.
pub struct MinimalProfile {
    /// The ClientHello.
    pub hello: Hello,
    /// Extensions that cannot be omitted, how the server reacts without them, and the hello that showed it.
    pub needed: Vec<(Omission, Why, Hello)>,
    /// Extensions that could be omitted but are recommended, and why.
    pub kept: Vec<(Omission, String)>,
    /// Bytes of the ClientHello, its record's header included.
    pub client_hello: usize,
    /// Whether it uses a pre-shared key.
    pub psk: bool,
    /// The largest handshake record of the server, without its header; in TLS 1.3 before the
    /// protected part.
    pub largest_record: usize,
    /// The largest handshake message of the server, header included.
    pub largest_message: usize,
    /// All its handshake messages.
    pub flight: usize,
    /// The certificates that it shows, its own first.
    pub chain: Vec<Vec<u8>>,
    /// The pin of its key, where the system's roots do not verify the chain.
    pub pin: Option<Pin>,
    /// Result of a handshake of our own client with it.
    pub proof: Proof,
}

/// Result of a handshake of our own client.
#[derive(Debug)]
pub enum Proof {
    /// Complete, with this policy.
    Connects(&'static str),
    /// Complete up to the client certificate, with this policy.
    WantsCertificate(&'static str),
    /// Failed; the reason.
    No(String),
    /// Not tried, because the pre-shared key is not given; expected to succeed with this policy.
    NeedsPsk(&'static str),
}

/// Finds the minimal configuration.
///
/// # Errors
/// The server cannot be reached.
pub fn least(
    target: &mut Target,
    kit: &Kit<'_>,
    found: &Survey,
    progress: &mut dyn FnMut(&str),
) -> Result<Option<MinimalProfile>, Failure> {
    let unreachable = |error: io::Error| Failure::Transport(error.to_string());
    let Some(of) = cheapest_version(found, kit) else { return Ok(None) };
    progress("the minimal configuration");
    let Some((hello, diagnosis)) = beginning(target, found, of).map_err(unreachable)? else {
        return Ok(None);
    };
    let (largest_record, largest_message, flight) = observed::sizes(&diagnosis);
    let mut least = MinimalProfile {
        psk: hello.suites.iter().any(|suite| suite.is_psk()),
        hello,
        needed: Vec::new(),
        kept: Vec::new(),
        client_hello: 0,
        largest_record,
        largest_message,
        flight,
        chain: observed::chain(&diagnosis),
        pin: None,
        proof: Proof::No(String::new()),
    };
    least.reduce(target, found).map_err(unreachable)?;
    let name = least.hello.server_name.as_deref().unwrap_or(kit.host);
    let now = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
    least.pin = chain::pin(&least.chain, name, now);
    let share = ClientShare::of_first(&least.hello.groups).filter(|_| least.hello.tls13());
    least.client_hello = least.hello.record(&[0; 32], share.as_ref()).len();
    progress("verifying the minimal configuration");
    least.prove(target, kit)?;
    Ok(Some(least))
}

/// Of a server that takes nothing but a pre-shared key, and in TLS 1.3 alone: what it took of our own
/// client.
pub fn with_psk(
    target: &mut Target,
    kit: &Kit<'_>,
    diagnosis: &Diagnosis,
) -> Result<Option<MinimalProfile>, Failure> {
    let story = &diagnosis.conversation;
    let (Some(suite), Some(version), Some(hello)) =
        (story.suite(), story.version(), story.last_client_hello())
    else {
        return Ok(None);
    };
    let server_name = hello.extensions.server_name.and(kit.name).map(str::to_owned);
    let (largest_record, largest_message, flight) = observed::sizes(diagnosis);
    let client_hello = story.all(Side::Client, HandshakeType::client_hello).last();
    let mut least = MinimalProfile {
        hello: Hello {
            suites: vec![suite],
            groups: story.group().into_iter().collect(),
            schemes: Vec::new(),
            server_name,
            ..Hello::usual(None).only(version)
        },
        psk: true,
        needed: Vec::new(),
        kept: Vec::new(),
        client_hello: client_hello.map_or(0, |found| found.message.bytes.len() + 5),
        largest_record,
        largest_message,
        flight,
        chain: Vec::new(),
        pin: None,
        proof: Proof::No(String::new()),
    };
    least.prove(target, kit)?;
    Ok(Some(least))
}

/// TLS 1.2 has less code in it than TLS 1.3; a certificate needs no key that both sides hold.
fn cheapest_version<'s>(found: &'s Survey, kit: &Kit<'_>) -> Option<&'s OfVersion> {
    let versions = [ProtocolVersion::TLS_1_2, ProtocolVersion::TLS_1_3];
    let mut accepted = versions.iter().filter_map(|version| found.of(*version)).collect::<Vec<_>>();
    accepted.sort_by_key(|of| of.suites.iter().all(|suite| suite.is_psk()) && !kit.has_psk());
    accepted.into_iter().next()
}

/// A hello of one suite, one group and the scheme that the server signs with, which the server
/// takes. In TLS 1.2 the group must be that of the certificate, too, so several are tried.
fn beginning(
    target: &mut Target,
    found: &Survey,
    of: &OfVersion,
) -> io::Result<Option<(Hello, Box<Diagnosis>)>> {
    let Some(suite) = cost::suite(of) else { return Ok(None) };
    let schemes = cost::schemes(suite, of);
    let groups = cost::groups(suite, of);
    let alone = groups.iter().map(|group| vec![*group]);
    let pairs = groups.iter().skip(1).filter_map(|other| Some(vec![*groups.first()?, *other]));
    let mut lists: Vec<Vec<NamedGroup>> = alone.chain(pairs).collect();
    if lists.is_empty() {
        lists.push(Vec::new());
    }
    let usual = of.hello(found.name.as_deref());
    for groups in lists.into_iter().take(BEGINNINGS) {
        for schemes in &schemes {
            let hello = Hello {
                suites: vec![suite],
                groups: groups.clone(),
                schemes: schemes.clone(),
                session_ticket: false,
                ..usual.clone()
            };
            if let Answer::Accepted(diagnosis) = target.ask(&hello)? {
                return Ok(Some((hello, diagnosis)));
            }
        }
    }
    Ok(None)
}

impl MinimalProfile {
    /// Leaves out what can be left out.
    fn reduce(&mut self, target: &mut Target, found: &Survey) -> io::Result<()> {
        let kept = self.keep(found);
        let left = |part: &Omission| !kept.contains(part);
        // What hardly any server needs first, together.
        let mut bare = self.hello.clone();
        Omission::OPTIONAL.iter().filter(|part| left(part)).for_each(|part| part.leave_out(&mut bare));
        let idle = bare == self.hello || target.ask(&bare)?.accepted();
        if idle {
            self.hello = bare;
        }
        let one_by_one = Omission::OPTIONAL.iter().filter(|_| !idle).chain(&Omission::DECISIVE);
        for part in one_by_one.filter(|part| left(part)).copied() {
            let mut less = self.hello.clone();
            part.leave_out(&mut less);
            // Whatever TLS 1.3 calls mandatory is not tried: RFC 8446 §9.2.
            if less == self.hello || less.tls13() && part.is_mandatory13() {
                continue;
            }
            let answer = target.ask(&less)?;
            let Some(diagnosis) = answer.diagnosis() else {
                self.needed.push((part, Why::Refuses(answer), less));
                continue;
            };
            let signs = diagnosis.conversation.server_scheme();
            if part == Omission::ServerName && observed::chain(diagnosis) != self.chain {
                self.needed.push((part, Why::OtherCertificate, less));
            } else if part == Omission::SignatureAlgorithms && signs.is_some() {
                let with = signs.map_or_else(String::new, |scheme| scheme.to_string());
                self.kept.push((part, format!("without it the server signs with {with}")));
            } else if part == Omission::SupportedGroups && diagnosis.conversation.group().is_some() {
                self.kept.push((part, "without it the server may choose any group".to_owned()));
            } else {
                self.hello = less;
            }
        }
        Ok(())
    }

    /// What is not even tried.
    fn keep(&mut self, found: &Survey) -> Vec<Omission> {
        let does = matches!(found.extended_master_secret, Some(Need::Can | Need::Must));
        if self.hello.tls13() || !does {
            return Vec::new();
        }
        if found.extended_master_secret == Some(Need::Can) {
            let why = "4 bytes that bind the secret to the handshake (RFC 7627)".to_owned();
            self.kept.push((Omission::ExtendedMasterSecret, why));
            return vec![Omission::ExtendedMasterSecret];
        }
        Vec::new()
    }

    /// A whole handshake of our own client with no more than this.
    fn prove(&mut self, target: &mut Target, kit: &Kit<'_>) -> Result<(), Failure> {
        let version = self.hello.versions.first().copied().unwrap_or(ProtocolVersion::TLS_1_2);
        let mut why = String::new();
        for name in ["modern", "compatible"] {
            let policy = match policy(name, version, &self.hello.suites, &self.hello.groups) {
                Ok(policy) => policy,
                Err(error) => {
                    why = error;
                    continue;
                }
            };
            if self.psk && !kit.has_psk() {
                self.proof = Proof::NeedsPsk(name);
                return Ok(());
            }
            let trust = kit.trust(version, self.psk)?;
            let names = self.hello.server_name.is_some();
            let looker = HandshakeProbe::new(policy, trust, kit.identity()?, kit, names);
            let full = looker.look(target).map_err(|error| Failure::Transport(error.to_string()))?;
            let wants = full.wants_certificate() && !kit.has_certificate();
            self.proof = match full.end {
                End::Complete => Proof::Connects(name),
                End::Unclear if !wants => Proof::Connects(name),
                // It came as far as a client without one can.
                End::Unclear | End::Refused(_) if wants => Proof::WantsCertificate(name),
                End::Unclear => Proof::Connects(name),
                End::Refused(error) | End::Failed(error) => {
                    why = error;
                    continue;
                }
            };
            return Ok(());
        }
        self.proof = Proof::No(why);
        Ok(())
    }
}

/// The policy that `handclasp connect` makes of such flags.
fn policy(
    name: &str,
    version: ProtocolVersion,
    suites: &[CipherSuite],
    groups: &[NamedGroup],
) -> Result<Policy, String> {
    let policy = Policy::by_name(name).unwrap_or_default();
    let policy = policy.only_version(version).and_then(|policy| policy.only_suites(suites));
    let policy = match groups {
        [] => policy,
        groups => policy.and_then(|policy| policy.only_groups(groups)),
    };
    policy.map_err(|error| error.to_string())
}
