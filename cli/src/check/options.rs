//! The least profile as settings of programs: OpenSSL's command line and our own.

use handclasp::{CipherSuite, NamedGroup, SignatureScheme};
use handclasp_report::Named;

use super::facts::Facts;
use super::minimal_profile::{MinimalProfile, Proof};
use crate::starttls::Protocol;

/// Stands for a key that nobody may print, and for an identity that nobody gave.
const KEY: &str = "KEY_IN_HEX";
const IDENTITY: &str = "IDENTITY";

/// The command line of `openssl s_client`.
pub fn openssl(facts: &Facts, least: &MinimalProfile) -> String {
    let hello = &least.hello;
    let mut words = vec!["openssl s_client -connect".to_owned(), facts.address.clone()];
    words.extend(facts.starttls.and_then(openssl_starttls).map(|word| format!("-starttls {word}")));
    if let (Some(Protocol::Xmpp | Protocol::XmppServer), Some(name)) = (facts.starttls, &hello.server_name) {
        words.push(format!("-xmpphost {name}"));
    }
    let low =
        hello.suites.iter().any(|suite| is_low(*suite)) || hello.schemes.iter().any(|scheme| is_old(*scheme));
    let level = if low { ":@SECLEVEL=0" } else { "" };
    if hello.tls13() {
        words.push("-tls1_3 -ciphersuites".to_owned());
        words.push(names(&hello.suites, |suite| suite.name().map(str::to_owned)));
        if low {
            words.push("-cipher DEFAULT:@SECLEVEL=0".to_owned());
        }
    } else {
        words.push("-tls1_2 -cipher".to_owned());
        words.push(names(&hello.suites, |suite| suite.name().map(openssl_suite)) + level);
    }
    if !hello.groups.is_empty() {
        let groups = names(&hello.groups, |group| openssl_group(*group).map(str::to_owned));
        words.push(format!("-groups {groups}"));
    }
    if !hello.schemes.is_empty() {
        let schemes = names(&hello.schemes, |scheme| openssl_scheme(*scheme).map(str::to_owned));
        words.push(format!("-sigalgs {schemes}"));
    }
    words.push(match &hello.server_name {
        Some(name) => format!("-servername {name}"),
        None => "-noservername".to_owned(),
    });
    if least.psk {
        words.push(format!("-psk {KEY} -psk_identity {}", facts.psk_identity.as_deref().unwrap_or(IDENTITY)));
    }
    if facts.requires_certificate(least) {
        words.push("-cert CLIENT.pem -key CLIENT.key".to_owned());
    }
    words.join(" ")
}

fn names<T>(list: &[T], name: impl Fn(&T) -> Option<String>) -> String {
    list.iter().filter_map(name).collect::<Vec<_>>().join(":")
}

/// Suites that OpenSSL speaks at its lowest level of security only: tags of 8 bytes, 3DES.
fn is_low(suite: CipherSuite) -> bool {
    suite.is_ccm_8() || suite.is_triple_des()
}

/// The same of schemes: those of SHA-1.
fn is_old(scheme: SignatureScheme) -> bool {
    [SignatureScheme::rsa_pkcs1_sha1, SignatureScheme::ecdsa_sha1].contains(&scheme)
}

/// OpenSSL's name of a suite of TLS 1.2: the key exchange, where it is not RSA's, then the cipher.
fn openssl_suite(iana: &str) -> String {
    let Some((exchange, cipher)) = iana.trim_start_matches("TLS_").split_once("_WITH_") else {
        return iana.to_owned();
    };
    let cipher = match cipher {
        "CHACHA20_POLY1305_SHA256" => "CHACHA20_POLY1305".to_owned(),
        "3DES_EDE_CBC_SHA" => "DES_CBC3_SHA".to_owned(),
        // With a pre-shared key the mode is part of the name, otherwise it is not.
        other => match exchange.ends_with("PSK") {
            true => other.to_owned(),
            false => other.replace("_CBC", ""),
        }
        .replace("AES_128", "AES128")
        .replace("AES_256", "AES256")
        .replace("CCM_8", "CCM8"),
    };
    let name = if exchange == "RSA" { cipher } else { format!("{exchange}_{cipher}") };
    name.replace('_', "-")
}

/// The value of `-starttls`; s_client does not know RDP.
fn openssl_starttls(protocol: Protocol) -> Option<&'static str> {
    Some(protocol.name()).filter(|_| protocol != Protocol::Rdp)
}

fn openssl_group(group: NamedGroup) -> Option<&'static str> {
    Some(match group {
        NamedGroup::x25519 => "X25519",
        NamedGroup::x448 => "X448",
        NamedGroup::secp256r1 => "P-256",
        NamedGroup::secp384r1 => "P-384",
        NamedGroup::secp521r1 => "P-521",
        // The registry is open; of the others OpenSSL takes IANA's names.
        other => return other.name(),
    })
}

fn openssl_scheme(scheme: SignatureScheme) -> Option<&'static str> {
    Some(match scheme {
        SignatureScheme::ecdsa_secp256r1_sha256 => "ECDSA+SHA256",
        SignatureScheme::ecdsa_secp384r1_sha384 => "ECDSA+SHA384",
        SignatureScheme::ecdsa_secp521r1_sha512 => "ECDSA+SHA512",
        SignatureScheme::ecdsa_sha1 => "ECDSA+SHA1",
        SignatureScheme::rsa_pkcs1_sha256 => "RSA+SHA256",
        SignatureScheme::rsa_pkcs1_sha384 => "RSA+SHA384",
        SignatureScheme::rsa_pkcs1_sha512 => "RSA+SHA512",
        SignatureScheme::rsa_pkcs1_sha1 => "RSA+SHA1",
        // As for groups.
        other => return other.name(),
    })
}

/// The command line of our own client, where it was tried and goes through.
///
/// # Errors
/// Why there is none.
pub fn handclasp(facts: &Facts, least: &MinimalProfile) -> Result<String, String> {
    let hello = &least.hello;
    let policy = match &least.proof {
        Proof::Connects(policy) | Proof::WantsCertificate(policy) | Proof::NeedsPsk(policy) => *policy,
        Proof::No(why) => return Err(why.clone()),
    };
    let mut words = vec!["handclasp connect".to_owned(), facts.address.clone()];
    words.extend(facts.starttls.map(|protocol| format!("--starttls {}", protocol.name())));
    if policy != "modern" {
        words.push(format!("--policy {policy}"));
    }
    words.extend(
        hello
            .versions
            .first()
            .map(|version| format!("--tls {}", Named(*version).to_string().trim_start_matches("TLS "))),
    );
    words.extend(hello.suites.iter().filter_map(|suite| Some(format!("--suite {}", suite.name()?))));
    words.extend(hello.groups.iter().filter_map(|group| Some(format!("--group {}", group.name()?))));
    match &hello.server_name {
        Some(name) => words.push(format!("--name {name}")),
        None => words.push("--no-name".to_owned()),
    }
    if let Some(pin) = least.pin.filter(|_| !least.psk) {
        words.push(format!("--pin {pin}"));
    }
    if least.psk {
        words.push(format!("--psk-hex {KEY} --psk-id {}", facts.psk_identity.as_deref().unwrap_or(IDENTITY)));
    }
    if facts.requires_certificate(least) {
        words.push("--cert CLIENT.pem --key CLIENT.key".to_owned());
    }
    Ok(words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_openssl() {
        for (iana, openssl) in [
            ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"),
            ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"),
            ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"),
            ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"),
            ("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", "ECDHE-ECDSA-AES128-CCM8"),
            ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"),
            ("TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256"),
            ("TLS_RSA_WITH_AES_256_CBC_SHA", "AES256-SHA"),
            ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", "DES-CBC3-SHA"),
            ("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "DHE-RSA-AES128-GCM-SHA256"),
            ("TLS_PSK_WITH_AES_128_GCM_SHA256", "PSK-AES128-GCM-SHA256"),
            ("TLS_PSK_WITH_AES_128_CBC_SHA", "PSK-AES128-CBC-SHA"),
            ("TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA", "ECDHE-PSK-AES128-CBC-SHA"),
        ] {
            assert_eq!(openssl_suite(iana), openssl);
        }
    }
}
