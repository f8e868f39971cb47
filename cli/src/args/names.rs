//! Names of cipher suites and groups: IANA's in any case, OpenSSL's, and the usual ones of curves.
//! For a name that is none of these, the nearest ones.

use handclasp::{CipherSuite, NamedGroup};
use handclasp_crypto::Suite;
use handclasp_provider_aws_lc as aws_lc;

/// Most names that are suggested.
const SUGGESTIONS: usize = 3;

/// How alike two names are, from 0 to 1, at least, where one is suggested for the other.
const ALIKE: f64 = 0.75;

/// A cipher suite.
pub fn suite(text: &str) -> Result<CipherSuite, String> {
    let key = SuiteKey::of(text);
    // OpenSSL leaves the hash out where ChaCha20-Poly1305 has only one.
    let with_hash = SuiteKey { letters: format!("{}SHA256", key.letters), ..key };
    let keys = [&key, &with_hash];
    let registered = || (0..=u16::MAX).map(CipherSuite).filter_map(|suite| Some((suite, suite.name()?)));
    let found = registered().find(|(_, name)| keys.contains(&&SuiteKey::of(name)));
    let what = match found {
        Some((suite, _)) if our_suites().any(|ours| ours == suite) => return Ok(suite),
        Some((_, name)) if name.starts_with("TLS_RSA_WITH_") => {
            format!("{name} uses RSA key exchange, which handclasp does not support")
        }
        Some((_, name)) => format!("{name} is a cipher suite that handclasp does not support"),
        None => "unknown cipher suite".to_owned(),
    };
    let ours = our_suites().filter_map(CipherSuite::name);
    let near = nearest(&key.letters, ours.map(|name| (SuiteKey::of(name).letters, name)));
    Err(format!("{what}{}", suggested(&near)))
}

/// A name of a suite without what IANA, OpenSSL, GnuTLS and Mbed TLS write differently.
#[derive(Debug, PartialEq, Eq)]
struct SuiteKey {
    /// Of TLS 1.3, where the name begins with `TLS_` and has no `WITH`.
    tls13: bool,
    letters: String,
}

impl SuiteKey {
    fn of(name: &str) -> Self {
        let name = name.to_ascii_uppercase();
        let mut parts: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        let has_prefix = parts.first() == Some(&"TLS");
        let has_with = parts.contains(&"WITH");
        let exchanges = ["RSA", "DHE", "DH", "ECDHE", "ECDH", "PSK", "KRB5", "SRP", "NULL", "ECCPWD"];
        let cipher_first = parts.get(usize::from(has_prefix)).is_none_or(|part| !exchanges.contains(part));
        // OpenSSL leaves RSA out where it is the key exchange.
        let leaves_rsa_out = !has_prefix && cipher_first;
        parts.retain(|part| !["TLS", "WITH", "CBC", ""].contains(part));
        let exchange = if leaves_rsa_out { "RSA" } else { "" };
        Self {
            tls13: has_prefix && !has_with && cipher_first,
            letters: format!("{exchange}{}", parts.concat()),
        }
    }
}

/// A suite of ours as the provider describes it.
pub fn described(id: CipherSuite) -> Option<&'static Suite> {
    descriptions().find(|suite| suite.id == id)
}

/// The suites that some policy has.
fn our_suites() -> impl Iterator<Item = CipherSuite> {
    descriptions().map(|suite| suite.id)
}

fn descriptions() -> impl Iterator<Item = &'static Suite> {
    let lists = [
        aws_lc::ALL_SUITES,
        aws_lc::ECDHE_PSK_SUITES,
        aws_lc::CCM_SUITES,
        aws_lc::CCM_8_SUITES,
        aws_lc::CBC_ETM_SUITES,
    ];
    lists.into_iter().flatten().copied()
}

/// What groups are called beside their IANA names.
const GROUPS: &[(NamedGroup, &[&str])] = &[
    (NamedGroup::secp256r1, &["P-256", "P256", "prime256v1", "nistp256"]),
    (NamedGroup::secp384r1, &["P-384", "P384", "nistp384"]),
    (NamedGroup::secp521r1, &["P-521", "P521", "nistp521"]),
    (NamedGroup::x25519, &["curve25519", "ecdh_x25519"]),
    (NamedGroup::X25519MLKEM768, &["mlkem768x25519", "x25519_mlkem768"]),
];

/// A group.
pub fn group(text: &str) -> Result<NamedGroup, String> {
    let registered = (0..=u16::MAX).map(NamedGroup).filter_map(|group| Some((group, group.name()?)));
    let aliases = GROUPS.iter().flat_map(|(group, names)| names.iter().map(|name| (*group, *name)));
    let mut names = registered.chain(aliases);
    names.find(|(_, name)| name.eq_ignore_ascii_case(text)).map(|(group, _)| group).ok_or_else(|| {
        let ours =
            GROUPS.iter().flat_map(|(group, names)| group.name().into_iter().chain(names.iter().copied()));
        let mut near = nearest(&text.to_lowercase(), ours.map(|name| (name.to_lowercase(), name)));
        if near.is_empty() {
            near = GROUPS.iter().filter_map(|(group, _)| group.name()).collect();
        }
        format!("unknown group{}", suggested(&near))
    })
}

/// The names whose keys are most like this one, the most alike first.
fn nearest(key: &str, names: impl Iterator<Item = (String, &'static str)>) -> Vec<&'static str> {
    let alike = names.map(|(other, name)| (strsim::normalized_damerau_levenshtein(key, &other), name));
    let mut alike: Vec<_> = alike.filter(|(how, _)| *how >= ALIKE).collect();
    alike.sort_by(|(left, _), (right, _)| right.total_cmp(left));
    alike.into_iter().map(|(_, name)| name).take(SUGGESTIONS).collect()
}

fn suggested(near: &[&str]) -> String {
    match near {
        [] => String::new(),
        names => format!("; did you mean {}?", names.join(" or ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_by_any_name() {
        for (name, iana) in [
            ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
            ("tls_aes_128_gcm_sha256", "TLS_AES_128_GCM_SHA256"),
            ("TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256"),
            ("ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
            ("ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
            ("ECDHE-ECDSA-AES128-CCM8", "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"),
            ("ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
            ("PSK-AES128-GCM-SHA256", "TLS_PSK_WITH_AES_128_GCM_SHA256"),
            ("ECDHE-PSK-CHACHA20-POLY1305", "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256"),
            ("PSK-AES128-CBC-SHA256", "TLS_PSK_WITH_AES_128_CBC_SHA256"),
            // GnuTLS, Mbed TLS.
            ("TLS_ECDHE_ECDSA_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
            ("TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
        ] {
            assert_eq!(suite(name).unwrap().name(), Some(iana), "{name}");
        }
    }

    #[test]
    fn every_suite_of_ours_keeps_its_own_name() {
        for ours in our_suites() {
            let name = ours.name().unwrap();
            let openssl = name.replace("_WITH", "").replace("AES_128", "AES128").replace('_', "-");
            let openssl = openssl.trim_start_matches("TLS-");
            assert_eq!(suite(name), Ok(ours));
            if name.contains("_WITH_") {
                assert_eq!(suite(openssl), Ok(ours), "{openssl}");
            }
        }
    }

    #[test]
    fn near_misses() {
        let error = suite("PSK-AES128-GCM-SHA384").unwrap_err();
        assert!(error.contains("TLS_PSK_WITH_AES_128_GCM_SHA256"), "{error}");
        assert!(error.contains("TLS_PSK_WITH_AES_256_GCM_SHA384"), "{error}");
        // Without an exchange OpenSSL means RSA's, not TLS 1.3.
        let error = suite("AES128-GCM-SHA256").unwrap_err();
        assert!(error.contains("TLS_RSA_WITH_AES_128_GCM_SHA256 uses RSA key exchange"), "{error}");
        assert!(error.contains("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), "{error}");
        assert!(suite("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256").unwrap_err().contains("does not support"));
        assert!(!suite("nonsense").unwrap_err().contains("mean"));
        assert!(group("secp256k1r").unwrap_err().contains("secp256r1"));
        assert!(group("what").unwrap_err().contains("x25519"));
    }

    #[test]
    fn groups_by_any_name() {
        for (name, iana) in [
            ("P-256", "secp256r1"),
            ("p-384", "secp384r1"),
            ("prime256v1", "secp256r1"),
            ("X25519", "x25519"),
            ("x25519mlkem768", "X25519MLKEM768"),
            ("secp521r1", "secp521r1"),
        ] {
            assert_eq!(group(name).unwrap().name(), Some(iana), "{name}");
        }
    }
}
