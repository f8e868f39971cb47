//! Our own certificates: whether they are valid now, checked at the start and not by the first peer
//! that refuses them.

use std::time::{SystemTime, UNIX_EPOCH};

use handclasp::{Identity, Side};
use handclasp_explain::certificate::{self, rfc3339};

use crate::say::say;

/// A warning is printed for a certificate that expires within this time.
const SOON: i64 = 24 * 60 * 60;

/// Warns of certificates that peers will refuse for their dates. `own` is our side.
pub fn warn(identities: &[Identity], own: Side) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    for identity in identities {
        for (place, certificate) in identity.chain().iter().enumerate() {
            if let Some(warning) =
                certificate::validity(certificate).and_then(|dates| warning(dates, now, own))
            {
                let what = match place {
                    0 => "our certificate".to_owned(),
                    _ => format!("certificate {} of our chain", place + 1),
                };
                let which = certificate::summary(certificate).unwrap_or_default();
                let which = which.split([',', '(']).next().unwrap_or_default().trim_end();
                say(format_args!("warning: {what} ({which}) {warning}"));
            }
        }
    }
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
