//! The software of each side, and how a cause is fixed in it: the setting, command or call by its own name.
//!
//! Signs of a program: the words of its log, the form of its ClientHello, the certificate that it makes for
//! itself, and, weakest, the port on which it listens. The answer says which it was.

mod certificate;
mod client_hello;
mod how_to;
mod log_words;
mod port;

use crate::{
    conversation::Conversation,
    diagnosis::{
        cause::Party,
        finding::{Finding, Severity},
        fix::HowTo,
    },
    input::{capture_event::Side, evidence::Evidence},
};

/// A program or library with settings of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Software {
    Android,
    Apache,
    Arduino,
    BoringSsl,
    Curl,
    DotNet,
    Envoy,
    Erlang,
    Esp8266,
    EspIdf,
    Etcd,
    Exim,
    Firefox,
    FreeRdp,
    Git,
    GnuTls,
    Go,
    HaProxy,
    IngressNginx,
    Java,
    Kafka,
    Kubernetes,
    MbedTls,
    Mosquitto,
    MySql,
    Nginx,
    Node,
    OpenSsl,
    Php,
    Postfix,
    Postgres,
    Python,
    RabbitMq,
    Redis,
    Ruby,
    Rustls,
    Schannel,
    SqlServer,
    Stunnel,
    Traefik,
    WolfSsl,
    Zabbix,
    Zephyr,
}

impl Software {
    /// The name that its project uses.
    fn name(self) -> &'static str {
        match self {
            Self::Android => "Android",
            Self::Apache => "Apache httpd",
            Self::Arduino => "Arduino (ESP32)",
            Self::BoringSsl => "BoringSSL",
            Self::Curl => "curl",
            Self::DotNet => ".NET",
            Self::Envoy => "Envoy",
            Self::Erlang => "Erlang/OTP",
            Self::Esp8266 => "Arduino (ESP8266)",
            Self::EspIdf => "ESP-IDF",
            Self::Etcd => "etcd",
            Self::Exim => "Exim",
            Self::Firefox => "Firefox",
            Self::FreeRdp => "FreeRDP",
            Self::Git => "git",
            Self::GnuTls => "GnuTLS",
            Self::Go => "Go",
            Self::HaProxy => "HAProxy",
            Self::IngressNginx => "ingress-nginx",
            Self::Java => "Java",
            Self::Kafka => "Kafka",
            Self::Kubernetes => "Kubernetes",
            Self::MbedTls => "Mbed TLS",
            Self::Mosquitto => "mosquitto",
            Self::MySql => "MySQL",
            Self::Nginx => "nginx",
            Self::Node => "Node.js",
            Self::OpenSsl => "OpenSSL",
            Self::Php => "PHP",
            Self::Postfix => "Postfix",
            Self::Postgres => "PostgreSQL",
            Self::Python => "Python",
            Self::RabbitMq => "RabbitMQ",
            Self::Redis => "Redis",
            Self::Ruby => "Ruby",
            Self::Rustls => "rustls",
            Self::Schannel => "Windows (Schannel)",
            Self::SqlServer => "SQL Server",
            Self::Stunnel => "stunnel",
            Self::Traefik => "Traefik",
            Self::WolfSsl => "wolfSSL",
            Self::Zabbix => "Zabbix",
            Self::Zephyr => "Zephyr",
        }
    }

    /// What it is built on: a setting of that reaches it too.
    fn built_on(self) -> Option<Self> {
        match self {
            Self::Arduino | Self::EspIdf | Self::Zephyr => Some(Self::MbedTls),
            Self::Android | Self::Kafka => Some(Self::Java),
            Self::DotNet | Self::SqlServer => Some(Self::Schannel),
            Self::Etcd | Self::Kubernetes | Self::Traefik => Some(Self::Go),
            Self::IngressNginx => Some(Self::Nginx),
            Self::RabbitMq => Some(Self::Erlang),
            Self::Git => Some(Self::Curl),
            Self::Curl
            | Self::Exim
            | Self::FreeRdp
            | Self::HaProxy
            | Self::Mosquitto
            | Self::MySql
            | Self::Nginx
            | Self::Node
            | Self::Php
            | Self::Postfix
            | Self::Postgres
            | Self::Python
            | Self::Redis
            | Self::Ruby
            | Self::Stunnel
            | Self::Apache
            | Self::Zabbix => Some(Self::OpenSsl),
            Self::BoringSsl
            | Self::Envoy
            | Self::Erlang
            | Self::Esp8266
            | Self::Firefox
            | Self::GnuTls
            | Self::Go
            | Self::Java
            | Self::MbedTls
            | Self::OpenSsl
            | Self::Rustls
            | Self::Schannel
            | Self::WolfSsl => None,
        }
    }
}

/// What shows which software a side is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Log,
    ClientHello,
    Certificate,
    Port(u16),
}

/// Adds to each failure how it is fixed in the software that is recognised: the side that must act first.
pub(crate) fn add_how_to(conversation: &Conversation, evidence: &Evidence, findings: &mut [Finding]) {
    if findings.iter().all(|finding| finding.severity != Severity::Failure) {
        return;
    }
    let sides = [Side::Client, Side::Server]
        .map(|side| recognise(side, conversation, evidence).map(|(software, sign)| (side, software, sign)));
    for finding in findings.iter_mut().filter(|finding| finding.severity == Severity::Failure) {
        let first = if finding.side == Party::Server { Side::Server } else { Side::Client };
        for of in [first, first.other()] {
            let here = sides.iter().flatten().find(|(side, ..)| *side == of);
            finding.how.extend(
                here.and_then(|(side, software, sign)| {
                    how_to(*side, *software, *sign, finding, conversation)
                }),
            );
        }
    }
}

fn how_to(
    side: Side,
    software: Software,
    sign: Sign,
    finding: &Finding,
    conversation: &Conversation,
) -> Option<HowTo> {
    let of = |software: Software| {
        how_to::lines(software, side, finding.cause, conversation).map(|lines| (software, lines))
    };
    let (named, lines) = of(software).or_else(|| of(software.built_on()?))?;
    let sign = match sign {
        Sign::Log => "recognised by its log".to_owned(),
        Sign::ClientHello => "recognised by its ClientHello".to_owned(),
        Sign::Certificate => "recognised by its default certificate".to_owned(),
        Sign::Port(port) => format!("if it is what usually listens on port {port}"),
    };
    let party = match side {
        Side::Client => Party::Client,
        Side::Server => Party::Server,
    };
    Some(HowTo { software: named.name(), side: party, sign, lines })
}

fn recognise(side: Side, conversation: &Conversation, evidence: &Evidence) -> Option<(Software, Sign)> {
    let log = match side {
        Side::Client => &evidence.client_log,
        Side::Server => &evidence.server_log,
    };
    let in_log =
        log.as_deref().and_then(|log| log_words::software(log, side)).map(|found| (found, Sign::Log));
    in_log.or_else(|| match side {
        Side::Client => {
            let hello = conversation.client_hello()?;
            client_hello::software(&hello).map(|found| (found, Sign::ClientHello))
        }
        Side::Server => certificate::software(conversation)
            .map(|found| (found, Sign::Certificate))
            .or_else(|| port::software(conversation).map(|(found, port)| (found, Sign::Port(port)))),
    })
}

#[cfg(test)]
mod tests;
