//! The things that can be changed in a captured ClientHello.

use std::fmt;

use handclasp_codec::{ExtensionType, ProtocolVersion};
use handclasp_explain::Diagnosis;

use super::hello::{SUITES12, SUITES13};
use super::raw::Raw;

/// One thing to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Offer this version too, with what belongs to it.
    Version(ProtocolVersion),
    Suites,
    Groups,
    Schemes,
    /// Send the name of the host.
    ServerName,
    Add(ExtensionType),
    LeaveOut(ExtensionType),
    /// Offer the null compression method.
    Compression,
}

/// Extensions that other changes are about.
const LISTS: [ExtensionType; 5] = [
    ExtensionType::supported_versions,
    ExtensionType::key_share,
    ExtensionType::supported_groups,
    ExtensionType::signature_algorithms,
    ExtensionType::server_name,
];

/// Extensions that some servers insist on.
const INSISTED_ON: [ExtensionType; 3] = [
    ExtensionType::extended_master_secret,
    ExtensionType::renegotiation_info,
    ExtensionType::psk_key_exchange_modes,
];

impl Change {
    /// All that would change something, towards a usual hello.
    pub fn all(captured: &Raw, usual: &Raw) -> Vec<Self> {
        let mut all = vec![
            Self::Version(ProtocolVersion::TLS_1_3),
            Self::Version(ProtocolVersion::TLS_1_2),
            Self::Suites,
            Self::Groups,
            Self::Schemes,
            Self::ServerName,
            Self::Compression,
        ];
        all.extend(INSISTED_ON.map(Self::Add));
        all.push(Self::LeaveOut(ExtensionType::server_name));
        let others = captured.extensions.iter().map(|(found, _)| *found);
        all.extend(others.filter(|found| !LISTS.contains(found)).map(Self::LeaveOut));
        all.retain(|change| {
            let mut changed = captured.clone();
            change.apply(&mut changed, usual);
            changed != *captured
        });
        all
    }

    /// Whether it is a large one, of several things that belong together.
    pub fn is_large(self) -> bool {
        matches!(self, Self::Version(_))
    }

    /// Changes it. What proves a session or key over the whole hello goes: it would be wrong.
    pub fn apply(self, hello: &mut Raw, usual: &Raw) {
        let before = hello.clone();
        self.only(hello, usual);
        if *hello != before {
            hello.leave_out(ExtensionType::pre_shared_key);
            hello.leave_out(ExtensionType::early_data);
        }
    }

    fn only(self, hello: &mut Raw, usual: &Raw) {
        match self {
            Self::Version(version) => offer(version, hello, usual),
            Self::Suites => {
                let tls13 = hello.get(ExtensionType::supported_versions).is_some();
                add_suites(hello, SUITES12);
                if tls13 {
                    add_suites(hello, SUITES13);
                }
            }
            Self::Groups => hello.join(ExtensionType::supported_groups, usual),
            Self::Schemes => hello.join(ExtensionType::signature_algorithms, usual),
            Self::ServerName => copy(ExtensionType::server_name, hello, usual),
            Self::Add(extension) if hello.get(extension).is_none() => copy(extension, hello, usual),
            Self::Add(_) => {}
            Self::LeaveOut(extension) => hello.leave_out(extension),
            Self::Compression if !hello.compression.contains(&0) => hello.compression.push(0),
            Self::Compression => {}
        }
    }

    /// What it is, in words, and what the server then takes.
    pub fn words(self, hello: &Raw, diagnosis: Option<&Diagnosis>) -> String {
        let story = diagnosis.map(|diagnosis| &diagnosis.conversation);
        let takes = |what: Option<String>| {
            what.map_or_else(String::new, |what| format!(": the server accepts {what}"))
        };
        let absent = |extension, otherwise: &str| match hello.get(extension) {
            Some(_) => otherwise.to_owned(),
            None => format!("send {extension}"),
        };
        match self {
            Self::Suites => {
                let suite = story.and_then(|story| story.suite());
                format!("offer more cipher suites{}", takes(suite.map(|suite| suite.to_string())))
            }
            Self::Groups => {
                let group = story.and_then(|story| story.group());
                let what = absent(ExtensionType::supported_groups, "offer more groups");
                format!("{what}{}", takes(group.map(|group| group.to_string())))
            }
            Self::Schemes => {
                let scheme = story.and_then(|story| story.server_scheme());
                let what = absent(ExtensionType::signature_algorithms, "offer more signature schemes");
                format!("{what}{}", takes(scheme.map(|scheme| scheme.to_string())))
            }
            Self::Version(_) | Self::ServerName | Self::Add(_) | Self::LeaveOut(_) | Self::Compression => {
                self.to_string()
            }
        }
    }
}

/// The change alone, for those that are asking about it.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => {
                write!(
                    f,
                    "also offer {}, with cipher suites of that version",
                    handclasp_report::Named(*version)
                )
            }
            Self::Suites => f.write_str("offer more cipher suites"),
            Self::Groups => f.write_str("offer more groups"),
            Self::Schemes => f.write_str("offer more signature schemes"),
            Self::ServerName => f.write_str("send server_name with the host's name"),
            Self::Add(extension) => write!(f, "send {extension}"),
            Self::LeaveOut(extension) => write!(f, "remove {extension}"),
            Self::Compression => f.write_str("offer the null compression method"),
        }
    }
}

fn copy(extension: ExtensionType, hello: &mut Raw, from: &Raw) {
    if let Some(data) = from.get(extension) {
        hello.set(extension, data.to_vec());
    }
}

fn add_suites(hello: &mut Raw, more: &[handclasp::CipherSuite]) {
    let missing: Vec<_> = more.iter().copied().filter(|suite| !hello.suites.contains(suite)).collect();
    hello.suites.extend(missing);
}

/// Offers a version with suites, groups and schemes that it can work with.
fn offer(version: ProtocolVersion, hello: &mut Raw, usual: &Raw) {
    let tls13 = version == ProtocolVersion::TLS_1_3;
    let listed = |version: ProtocolVersion, data: Option<&[u8]>| {
        let list = data.and_then(|data| data.get(1..)).unwrap_or_default();
        list.chunks_exact(2).any(|found| found == version.0.to_be_bytes())
    };
    let there = hello.get(ExtensionType::supported_versions);
    let already = match (tls13, there) {
        (true, there) => listed(version, there),
        (false, None) => hello.legacy_version >= ProtocolVersion::TLS_1_2,
        (false, there) => listed(version, there),
    };
    if already {
        return;
    }
    if tls13 || there.is_some() {
        copy(ExtensionType::supported_versions, hello, usual);
    }
    if tls13 {
        // The share is of one of the usual groups.
        copy(ExtensionType::key_share, hello, usual);
        hello.join(ExtensionType::supported_groups, usual);
    }
    hello.legacy_version = ProtocolVersion::TLS_1_2;
    add_suites(hello, if tls13 { SUITES13 } else { SUITES12 });
    for list in [ExtensionType::supported_groups, ExtensionType::signature_algorithms] {
        if hello.get(list).is_none() {
            copy(list, hello, usual);
        }
    }
}
