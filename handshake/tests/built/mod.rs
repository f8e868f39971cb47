//! The capabilities that these tests are built with.

use handclasp_codec::CipherSuite;
use handclasp_crypto::{Authentication, CbcEtm, CbcEtmKey, KeyExchangeAlgorithm, Suite};
use handclasp_provider_aws_lc as provider;

/// Whether the program has all of these cargo features, separated by spaces.
pub fn built(features: &str) -> bool {
    features.split_whitespace().all(|feature| match feature {
        "certificates" => cfg!(feature = "certificates"),
        "client-auth" => cfg!(feature = "client-auth"),
        "ecdhe" => cfg!(feature = "ecdhe"),
        "tickets" => cfg!(feature = "tickets"),
        "retry" => cfg!(feature = "retry"),
        "host-extensions" => cfg!(feature = "host-extensions"),
        "psk" => cfg!(feature = "psk"),
        "key-log" => cfg!(feature = "key-log"),
        "cbc" => cfg!(feature = "cbc"),
        other => panic!("no such feature: {other}"),
    })
}

/// The rows of a table of states that are possible: each up to its `|`.
pub fn possible(table: &str) -> impl Iterator<Item = &str> {
    let rows = table.lines().filter(|row| !row.starts_with('#') && !row.is_empty());
    rows.filter_map(|row| match row.split_once('|') {
        Some((row, needs)) => built(needs).then_some(row),
        None => Some(row),
    })
}

/// Every capability that a state may need.
pub const ALL: &str = "certificates client-auth ecdhe tickets retry host-extensions psk";

/// A suite of CBC. Its records are never needed here.
pub static CBC: Suite = Suite::tls12_cbc_etm(
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
    KeyExchangeAlgorithm::Ecdhe(Authentication::Ecdsa),
    provider::SHA256,
    &NoRecords,
);

struct NoRecords;

impl CbcEtm for NoRecords {
    fn key_len(&self) -> usize {
        16
    }
    fn mac_len(&self) -> usize {
        32
    }
    fn seal_limit(&self) -> u64 {
        0
    }
    fn key(&self, _: &[u8], _: &[u8]) -> Option<Box<dyn CbcEtmKey>> {
        None
    }
}
