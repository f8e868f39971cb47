//! `explain --ask`: the server of a capture is asked now, with the offer of the captured ClientHello.
//!
//! What is sent is the offer with fresh values in the place of everything that belongs to the captured
//! client: random value, session id, key shares. Its tickets, pre-shared keys, early data, cookie and
//! encrypted hello are left out. One connection is made, and a second one where the server wants a key
//! share of another group; each is closed as soon as the answer is clear. Where the capture begins with the
//! plaintext of a protocol that asks for TLS, the connection does, too.

mod dialogue;

use std::{
    io,
    net::IpAddr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use handclasp::{NamedGroup, SystemRandom};
use handclasp_codec::{ClientHello, Decode as _, ExtensionType, Field, HandshakeType};
use handclasp_crypto::Random as _;
use handclasp_explain::{
    Evidence, Explanation, Side,
    conversation::{Conversation, Stage},
    evidence::{AnswerNow, ServerNow},
};

use crate::{
    check::{
        chain,
        client_share::ClientShare,
        hello::Hello,
        observed,
        probe::{Answer, Target},
        raw::Raw,
        variant::in_records,
    },
    exit::Failure,
};
use dialogue::{Beginning, beginning};

/// Between the first connection and one with another key share.
const PAUSE: Duration = Duration::from_millis(20);

/// Extensions that are not sent: those that only the captured client can use, and the compression of
/// certificates, which the answer is read without.
const LEFT_OUT: &[ExtensionType] = &[
    ExtensionType::pre_shared_key,
    ExtensionType::early_data,
    ExtensionType::cookie,
    ExtensionType::tls_cert_with_extern_psk,
    ExtensionType::compress_certificate,
    ExtensionType::encrypted_client_hello,
];

/// Asks the server of the main conversation, or of that with the index `which`, and adds its answer.
/// `given` is the address where the input has none, or another one.
pub fn ask(
    explained: Explanation,
    input: &str,
    given: Option<&str>,
    which: Option<usize>,
    evidence: &Evidence,
) -> Result<Explanation, Failure> {
    let index = which.or_else(|| explained.main_index()).unwrap_or_default();
    let conversation = explained.conversations.get(index).map(|diagnosis| &diagnosis.conversation);
    let captured = conversation.map(|conversation| conversation.server.as_str());
    let address = given.or(captured.filter(|address| !address.is_empty())).ok_or_else(|| {
        Failure::usage(format!("--ask: {input} contains no address of a server; expected --ask HOST:PORT"))
    })?;
    let now = answer(conversation, address, given.is_some(), evidence)
        .map_err(|error| Failure::Transport(format!("--ask {address}: {error}")))?;
    Ok(explained.with_server_now(index, now, evidence))
}

/// What the server answers.
fn answer(
    conversation: Option<&Conversation>,
    address: &str,
    is_given: bool,
    evidence: &Evidence,
) -> io::Result<ServerNow> {
    let offer = conversation
        .and_then(|conversation| conversation.first(Side::Client, HandshakeType::client_hello))
        .and_then(|found| Offer::of_captured(&found.message.bytes));
    let is_ordinary = offer.is_none();
    let offer = offer
        .or_else(|| Offer::usual(address, evidence.name.as_deref()))
        .ok_or_else(|| io::Error::other("the ClientHello cannot be built"))?;
    let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = |answer| {
        let now = ServerNow::new(address, at, answer);
        if is_ordinary { now.with_ordinary_offer() } else { now }
    };
    let begins = conversation.map_or(Beginning::Tls, |conversation| beginning(conversation, address));
    let starttls = match begins {
        Beginning::Starttls(protocol) => Some(protocol),
        Beginning::Other if !is_given => return Ok(now(AnswerNow::Unreachable(OTHER_PLAINTEXT.to_owned()))),
        Beginning::Other | Beginning::Tls => None,
    };
    let host = evidence.name.as_deref().unwrap_or_else(|| host(address));
    let mut target = Target::new(address, PAUSE).starttls(starttls, host);
    let answer = match offer.send(&mut target) {
        Ok(answer) => answer,
        Err(error) => return Ok(now(AnswerNow::Unreachable(error.to_string()))),
    };
    Ok(match answer {
        Answer::Accepted(diagnosis) => {
            let now = now(AnswerNow::Continues).with_conversation(&diagnosis.conversation);
            match chain::system_roots_verify(&now.chain) {
                Some(verify) => now.with_system_roots(verify),
                None => now,
            }
        }
        Answer::OtherVersion(version) => now(AnswerNow::Continues).with_choices(Some(version), None, None),
        Answer::Refused(alert) => now(AnswerNow::Refuses(alert)),
        Answer::Closed => now(AnswerNow::Closes),
        Answer::Silent => now(AnswerNow::Silent),
        Answer::NotTls(diagnosis) => {
            let finding = diagnosis.findings.first();
            let what = finding.map_or("it sends other bytes", |finding| finding.summary.as_str());
            now(AnswerNow::NotTls(what.to_owned()))
        }
    })
}

/// Why a server is not asked whose connection in the capture begins with another protocol.
const OTHER_PLAINTEXT: &str = "before TLS the capture has a protocol that --ask does not speak; --ask HOST:PORT \
                               asks a port that begins with TLS";

/// The host of an address.
fn host(address: &str) -> &str {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    host.trim_start_matches('[').trim_end_matches(']')
}

/// A ClientHello that offers what the captured one offers.
struct Offer {
    hello: Raw,
    /// Groups of the captured key shares that we can make a share of.
    groups: Vec<NamedGroup>,
}

impl Offer {
    /// Takes a captured message; `None` where it does not decode.
    fn of_captured(message: &[u8]) -> Option<Self> {
        let mut hello = Raw::parse(message)?;
        let parsed = ClientHello::from_bytes(message.get(4..)?, Field::client_hello).ok()?;
        let extensions = &parsed.extensions;
        let shares = extensions.key_share.iter().flat_map(|shares| shares.client_shares.iter());
        let listed = extensions.supported_groups.iter().flat_map(|list| list.named_group_list.iter());
        let mut groups: Vec<NamedGroup> = Vec::new();
        // Each share once; without one that we can make, that of the first group that is listed.
        for group in shares.map(|share| share.group).filter(|group| is_ours(*group)) {
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        if groups.is_empty() {
            groups.extend(listed.into_iter().find(|group| is_ours(*group)));
        }
        LEFT_OUT.iter().for_each(|extension| hello.leave_out(*extension));
        // A ticket is a key of the captured client; an empty one asks for a ticket.
        for (extension, empty) in
            [(ExtensionType::session_ticket, Vec::new()), (ExtensionType::renegotiation_info, vec![0])]
        {
            if hello.get(extension).is_some() {
                hello.set(extension, empty);
            }
        }
        Some(Self { hello, groups })
    }

    /// The offer of an ordinary client, where the input has no ClientHello.
    fn usual(address: &str, name: Option<&str>) -> Option<Self> {
        let host = name.unwrap_or_else(|| host(address));
        let name = Some(host).filter(|host| host.parse::<IpAddr>().is_err());
        let hello = Hello::usual(name);
        let record = hello.record(&[0; 32], ClientShare::of_first(&hello.groups).as_ref());
        Self::of_captured(record.get(5..)?)
    }

    /// Sends it, again with another key share where the server wants one.
    fn send(&self, target: &mut Target) -> io::Result<Answer> {
        let answer = self.send_with(target, &self.groups)?;
        let wanted = answer.diagnosis().and_then(|diagnosis| observed::wanted_group(&diagnosis.conversation));
        match wanted.filter(|group| !self.groups.contains(group) && is_ours(*group)) {
            Some(group) => self.send_with(target, &[group]),
            None => Ok(answer),
        }
    }

    fn send_with(&self, target: &mut Target, groups: &[NamedGroup]) -> io::Result<Answer> {
        let mut fresh = [[0; 32]; 2];
        for bytes in &mut fresh {
            SystemRandom.fill(bytes).map_err(|_| io::Error::other("the random number generator failed"))?;
        }
        let [random, session_id] = fresh;
        let shares: Vec<ClientShare> = groups.iter().filter_map(|group| ClientShare::of(*group)).collect();
        let mut hello = self.hello.clone();
        hello.renew(random, session_id);
        if hello.get(ExtensionType::key_share).is_some() {
            hello.set(ExtensionType::key_share, client_shares(&shares));
        }
        let message = hello.message().ok_or_else(|| io::Error::other("the ClientHello is too long"))?;
        target.send(&[in_records(&message)], shares, Stage::ServerFlight)
    }
}

/// Whether we can make a key share of this group.
fn is_ours(group: NamedGroup) -> bool {
    ClientShare::groups().any(|ours| ours == group)
}

/// The content of key_share (RFC 8446 §4.2.8).
fn client_shares(shares: &[ClientShare]) -> Vec<u8> {
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
    let entry = |share: &ClientShare| {
        [&share.group.0.to_be_bytes()[..], &length(&share.public), &share.public].concat()
    };
    let entries: Vec<u8> = shares.iter().flat_map(entry).collect();
    [&length(&entries)[..], &entries].concat()
}

#[cfg(test)]
mod tests;
