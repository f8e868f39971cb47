//! Chains to a root, with a clock and without.

mod pair;

use std::time::Duration;

use handclasp_crypto::KeyKind;
use handclasp_device::{
    BUILD_DATE, BootError, CertificateFault, Clock, Config, Evidence, Fault, Next, NotJudged, Report, Roots,
    Time, profile,
};
use handclasp_identity::{Authority, CertificateParams, Validity};
use handclasp_report::{ReportLines, Side, Tag};
use pair::{Credentials, Ends, NAME, Seen, identity, run};
use rustls_pki_types::UnixTime;

struct Fixed(Time);

impl Clock for Fixed {
    fn now(&self) -> Time {
        self.0
    }
}

const YEAR: u64 = 365 * 24 * 3600;

fn validity(from: u64, to: u64) -> Validity {
    let time = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    Validity::new(time(from), time(to))
}

/// A root, and below it two intermediates and a leaf with those dates.
struct Chain {
    root: Authority,
    below: Authority,
    leaf: Validity,
}

impl Chain {
    fn new(leaf: Validity) -> Self {
        let long = validity(BUILD_DATE - 10 * YEAR, BUILD_DATE + 10 * YEAR);
        let root = Authority::new("root", long, KeyKind::P256).expect("a root");
        let below = root.subordinate("first", long, KeyKind::P256).expect("an intermediate");
        let below = below.subordinate("second", long, KeyKind::P256).expect("an intermediate");
        Self { root, below, leaf }
    }

    /// What a client with this configuration sees.
    fn connect(&self, root: &Authority, name: &'static str, change: impl Fn(Config) -> Config) -> Vec<Seen> {
        let issued =
            self.below.issue(&CertificateParams::new(&[NAME]).with_validity(self.leaf)).expect("a leaf");
        let der: &'static [u8] = Vec::leak(root.certificate().to_vec());
        let versions = [
            (profile::client::P256_TLS12, profile::server::P256_TLS12),
            (profile::client::P256_TLS13, profile::server::P256_TLS13),
        ];
        let connect = |(client, server)| {
            let client = Config::new(client).with_trust(Roots::new(&[der]).expect("a root"));
            let server = Config::new(server).with_identity(identity(&issued));
            run(&Ends { name, ..Ends::boot(change(client), server) }).0
        };
        versions.into_iter().map(connect).collect()
    }
}

fn report(seen: &Seen) -> Report {
    let mut lines = ReportLines::default();
    seen.report.lines().find_map(|line| lines.push(line).expect("whole")).expect("a report")
}

fn not_judged(seen: &Seen) -> Option<NotJudged> {
    let report = report(seen);
    let item = report.items().find(|item| item.tag == Tag::NotJudged && item.from == Side::Client);
    item.and_then(|item| NotJudged::from_note(item.bytes))
}

fn fault(seen: &Seen) -> Option<CertificateFault> {
    match pair::fault(seen) {
        Some(Fault::Certificate(fault)) => Some(fault),
        _ => None,
    }
}

/// The date that was not kept, and the time it was compared with.
fn dates(seen: &Seen) -> Option<(u64, u64)> {
    let report = report(seen);
    match report.evidence(&report.why()?)? {
        Evidence::Dates { limit, now } => Some((limit, now)),
        _ => None,
    }
}

fn current() -> Chain {
    Chain::new(validity(BUILD_DATE - YEAR, BUILD_DATE + YEAR))
}

#[test]
fn a_chain_of_three_is_trusted_for_its_name() {
    let chain = current();
    for seen in chain.connect(&chain.root, NAME, |config| config) {
        assert_eq!(seen.end, Next::Closed);
        // Without a clock the report says by which date it was judged.
        assert_eq!(not_judged(&seen), Some(NotJudged::NotBefore { earliest: BUILD_DATE }));
    }
    let clock = |config: Config| config.with_clock(Fixed(Time::SinceEpoch(BUILD_DATE + 60)));
    for seen in chain.connect(&chain.root, NAME, clock) {
        assert_eq!((seen.end, not_judged(&seen)), (Next::Closed, None));
    }
    for seen in chain.connect(&chain.root, "other.example", |config| config) {
        assert!(matches!(fault(&seen), Some(CertificateFault::NameMismatch { .. })), "{:?}", seen.end);
    }
}

#[test]
fn another_root_is_not_trusted() {
    let (chain, other) = (current(), current());
    for seen in chain.connect(&other.root, NAME, |config| config) {
        let fault = fault(&seen);
        assert!(
            matches!(
                fault,
                Some(CertificateFault::UnknownIssuer { .. } | CertificateFault::SignatureInvalid)
            ),
            "{fault:?}"
        );
    }
}

#[test]
fn without_a_clock_the_date_of_the_build_is_the_earliest() {
    let expired = Chain::new(validity(BUILD_DATE - 2 * YEAR, BUILD_DATE - YEAR));
    for seen in expired.connect(&expired.root, NAME, |config| config) {
        assert_eq!(fault(&seen), Some(CertificateFault::Expired));
        assert_eq!(dates(&seen), Some((BUILD_DATE - YEAR, BUILD_DATE)));
    }
    // A device that was built earlier cannot know.
    for seen in
        expired.connect(&expired.root, NAME, |config| config.with_earliest_date(BUILD_DATE - 2 * YEAR))
    {
        assert_eq!(seen.end, Next::Closed);
    }
    // Time since the start counts.
    let clock = |config: Config| config.with_clock(Fixed(Time::SinceBoot(2 * YEAR)));
    let current = current();
    for seen in current.connect(&current.root, NAME, clock) {
        assert!(matches!(fault(&seen), Some(CertificateFault::Expired)), "{:?}", seen.end);
    }
}

#[test]
fn a_certificate_that_is_not_valid_yet_needs_a_clock_to_be_refused() {
    let future = Chain::new(validity(BUILD_DATE + YEAR, BUILD_DATE + 2 * YEAR));
    for seen in future.connect(&future.root, NAME, |config| config) {
        assert_eq!(seen.end, Next::Closed);
    }
    let clock = |config: Config| config.with_clock(Fixed(Time::SinceEpoch(BUILD_DATE + 60)));
    for seen in future.connect(&future.root, NAME, clock) {
        assert_eq!(fault(&seen), Some(CertificateFault::NotYetValid));
        assert_eq!(dates(&seen), Some((BUILD_DATE + YEAR, BUILD_DATE + 60)));
    }
}

#[test]
fn a_pin_is_said_to_be_all_that_was_judged() {
    let credentials = Credentials::new();
    let client = Config::new(profile::client::P256).with_pins([credentials.server_pin]);
    let server = Config::new(profile::server::P256).with_identity(credentials.server());
    let (client, _) = run(&Ends::boot(client, server));
    assert_eq!((client.end, not_judged(&client)), (Next::Closed, Some(NotJudged::AllButKey)));
    assert_eq!(Roots::new(&[b"no certificate"]).err(), Some(BootError::Root { index: 0 }));
}
