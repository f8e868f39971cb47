//! Our own certificates, whether they are valid now and for our side; and the roots of flags, whether they are CAs.
//! Checked at the start, and not by the first peer that is refused or refuses.

use std::{
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use handclasp::{Identity, Side};
use handclasp_explain::certificate::{self, rfc3339};
use handclasp_lint::{Code, Linter, NoPassphrase, Purpose};

use crate::say::say;

/// A warning is printed for a certificate that expires within this time.
const SOON: i64 = 24 * 60 * 60;

/// A longer file of roots is a system's, and not looked through.
const ROOTS_MAX: usize = 64 << 10;

/// Warns of certificates that peers will refuse for their dates or their purpose. `own` is our side.
pub fn warn(identities: &[Identity], own: Side) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    for identity in identities {
        if let Some(leaf) = identity.chain().first() {
            warn_of_purpose(leaf, own);
        }
        for (place, certificate) in identity.chain().iter().enumerate() {
            if let Some(warning) =
                certificate::validity(certificate).and_then(|dates| warning(dates, now, own))
            {
                let what = match place {
                    0 => "our certificate".to_owned(),
                    _ => format!("certificate {} of our chain", place + 1),
                };
                say(format_args!("warning: {what} ({}) {warning}", name(certificate)));
            }
        }
    }
}

/// Warns of an extended key usage that peers do not accept of our side.
fn warn_of_purpose(leaf: &[u8], own: Side) {
    let (purpose, peers) = match own {
        Side::Client => (Purpose::Client, "servers"),
        Side::Server => (Purpose::Server, "clients"),
    };
    let report = Linter::without_clock().for_purpose(purpose).lint(leaf, &mut NoPassphrase);
    if let Some(finding) = report.findings().find(|finding| finding.code == Code::EkuPurpose) {
        say(format_args!(
            "warning: our certificate ({}) has the extended key usage {}, not {}: most {peers} reject it",
            name(leaf),
            finding.found,
            finding.expected
        ));
    }
}

/// Warns of a certificate in the file of `--ca` or `--client-ca` that vouches for no other one.
pub fn warn_of_roots(flag: &str, file: &Path) {
    let Ok(bytes) = std::fs::read(file) else { return };
    if bytes.len() > ROOTS_MAX {
        return;
    }
    let report = Linter::without_clock().for_purpose(Purpose::Ca).lint(&bytes, &mut NoPassphrase);
    for item in &report.items {
        let fact =
            |name| item.facts.iter().find(|(found, _)| *found == name).map(|(_, value)| value.as_str());
        let (subject, issuer) = (fact("subject").unwrap_or_default(), fact("issuer").unwrap_or_default());
        let is_ca = item.findings.iter().all(|finding| finding.code != Code::PurposeNotCa);
        // A self-signed one is its own root.
        if !is_ca && subject != issuer {
            say(format_args!(
                "warning: {flag} {}: {subject} is not a CA, so that it is the root of nothing; expected the certificate of \
                 its issuer, {issuer}",
                file.display()
            ));
        }
    }
}

/// The subject of a certificate.
fn name(certificate: &[u8]) -> String {
    let summary = certificate::summary(certificate).unwrap_or_default();
    summary.split([',', '(']).next().unwrap_or_default().trim_end().to_owned()
}

fn warning((not_before, not_after): (i64, i64), now: i64, own: Side) -> Option<String> {
    let peers = match own {
        Side::Client => "servers",
        Side::Server => "clients",
    };
    if not_after < not_before {
        return Some(format!(
            "has notAfter {} before notBefore {}: {peers} reject it",
            rfc3339(not_after),
            rfc3339(not_before)
        ));
    }
    if not_after < now {
        return Some(format!("expired on {}: {peers} reject it", rfc3339(not_after)));
    }
    if not_before > now {
        return Some(format!(
            "is not valid before {}: {peers} reject it, or this machine's clock is slow",
            rfc3339(not_before)
        ));
    }
    (not_after - now < SOON).then(|| format!("expires on {}", rfc3339(not_after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_that_peers_refuse() {
        let day = SOON;
        let of = |dates, now| warning(dates, now, Side::Server);
        assert_eq!(of((0, 10 * day), day), None);
        assert!(of((0, day), 2 * day).unwrap().contains("expired on 1970-01-02T00:00:00Z: clients reject"));
        assert!(of((2 * day, 3 * day), day).unwrap().contains("not valid before 1970-01-03"));
        assert!(of((2 * day, day), 0).unwrap().contains("before notBefore"));
        assert!(of((0, day), 1).unwrap().contains("expires on 1970-01-02"));
    }
}
