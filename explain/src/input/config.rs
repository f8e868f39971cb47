//! An `mbedtls_config.h`: the options that it enables, and the lengths that it sets.

use std::collections::BTreeMap;

/// The defined options, without the prefix `MBEDTLS_`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config(BTreeMap<String, String>);

impl Config {
    /// Parses the file. Conditions (`#if`) are not evaluated: an option inside of one counts as defined.
    pub fn parse(text: &str) -> Self {
        let mut defined = BTreeMap::new();
        for line in without_comments(text).lines() {
            let mut words = line.split_whitespace();
            // `# define` with spaces is valid too.
            let directive = match words.next() {
                Some("#") => words.next(),
                Some(word) => word.strip_prefix('#'),
                None => None,
            };
            let Some(name) = words.next().and_then(|name| name.strip_prefix("MBEDTLS_")) else { continue };
            match directive {
                Some("define") => {
                    defined.insert(name.to_owned(), words.collect::<Vec<_>>().join(" "));
                }
                Some("undef") => {
                    defined.remove(name);
                }
                Some(_) | None => {}
            }
        }
        Self(defined)
    }

    /// Whether an option is defined.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether an option with that prefix is defined.
    pub fn any(&self, prefix: &str) -> bool {
        self.0.keys().any(|name| name.starts_with(prefix))
    }

    /// The value of an option as an integer.
    pub fn number(&self, name: &str) -> Option<usize> {
        let value = self.0.get(name)?.trim_matches(|found| found == '(' || found == ')');
        match value.strip_prefix("0x") {
            Some(hex) => usize::from_str_radix(hex, 16).ok(),
            None => value.parse().ok(),
        }
    }
}

/// The text without comments of either kind.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('/') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let end = match from.as_bytes() {
            [_, b'/', ..] => from.find('\n').unwrap_or(from.len()),
            [_, b'*', ..] => from.find("*/").map_or(from.len(), |end| end + 2),
            _ => {
                out.push('/');
                1
            }
        };
        rest = from.get(end..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_defined() {
        let config = Config::parse(
            "/* #define MBEDTLS_SSL_SRV_C */\n#define MBEDTLS_SSL_CLI_C // a client\n//#define MBEDTLS_RSA_C\n\
             #define MBEDTLS_SSL_IN_CONTENT_LEN 1024 /* small */\n#  define MBEDTLS_AES_C\n#define OTHER 1\n\
             #define MBEDTLS_ECP_DP_SECP256R1_ENABLED\n#undef MBEDTLS_AES_C\n#define MBEDTLS_X (0x10)\n1 / 2",
        );
        assert!(config.has("SSL_CLI_C") && !config.has("SSL_SRV_C") && !config.has("RSA_C"));
        assert!(!config.has("AES_C") && config.any("ECP_DP_"));
        assert_eq!((config.number("SSL_IN_CONTENT_LEN"), config.number("X")), (Some(1024), Some(16)));
        assert_eq!(Config::parse("/*"), Config::default());
    }
}
