//! Each check of the verifier of devices, by a chain that fails in one place only; hosts say the same, except
//! where it is said.

mod forge;

use forge::{judge::*, *};
use handclasp_report::{CertificateFault as Fault, Evidence};
use handclasp_trust::{Role, chain::Anchor};

/// Dates from and until 2000.
const PAST: [&str; 2] = ["19990101000000Z", "20000101000000Z"];
/// Dates from 2100 on.
const FUTURE: [&str; 2] = ["21000101000000Z", "21010101000000Z"];
/// The two in Unix time, by `date -u -d … +%s`.
const Y2000: u64 = 946_684_800;
const Y2100: u64 = 4_102_444_800;

fn dated([from, until]: [&str; 2], mut certificate: Forged) -> Forged {
    certificate.validity = sequence(&[&generalized(from), &generalized(until)]);
    certificate
}

/// A change, what it is, and the fault; `None`: it does no harm.
type Row<'a> = (&'a str, Box<dyn Fn(Forged) -> Forged + 'a>, Option<Fault>);

fn row<'a>(
    what: &'a str,
    change: impl Fn(Forged) -> Forged + 'a,
    fault: impl Into<Option<Fault>>,
) -> Row<'a> {
    (what, Box::new(change), fault.into())
}

/// A known extension that is critical, with the value of another chain.
const UNKNOWN: &[u8] = b"\x2a\x03\x04";
const MALFORMED: Fault = Fault::Malformed { index: 0 };

fn of_every_certificate(index: u8) -> Vec<Row<'static>> {
    let malformed = Fault::Malformed { index };
    vec![
        row("sound", |one| one, None),
        row("ended", |one| dated(PAST, one), Fault::Expired),
        row("begins", |one| dated(FUTURE, one), Fault::NotYetValid),
        row("reversed", |one| dated([FUTURE[0], PAST[0]], one), Fault::NeverValid { index }),
        row("no date", |one| dated(["", ""], one), malformed),
        row("another algorithm inside", |one| Forged { inner_algorithm: sequence(&[]), ..one }, malformed),
        row("behind the extensions", |one| Forged { behind: tlv(5, ""), ..one }, malformed),
        row("a unique identifier", |one| Forged { behind: tlv(0x81, [0, 1]), ..one }, malformed),
        row("an unknown extension", |one| one.with(UNKNOWN, false, "?"), None),
        row("a critical one", |one| one.with(UNKNOWN, true, "?"), Fault::ConstraintViolated),
        row("odd constraints", |one| one.with(BASIC_CONSTRAINTS, true, [5, 0]), malformed),
        row("a length of 256", |one| one.with(BASIC_CONSTRAINTS, true, tlv(0x30, [2, 2, 1, 0])), malformed),
        row("an odd truth", |one| one.with(BASIC_CONSTRAINTS, true, tlv(0x30, [1, 1, 1])), malformed),
        row("odd key usage", |one| one.with(KEY_USAGE, true, [3, 2, 8, 0x80]), malformed),
        row("odd purposes", |one| one.with(EXTENDED_KEY_USAGE, true, tlv(0x30, [5, 0])), malformed),
        row("no purposes", |one| one.with(EXTENDED_KEY_USAGE, true, tlv(0x30, "")), Fault::WrongUsage),
        row(
            "another purpose",
            |one| one.with(EXTENDED_KEY_USAGE, true, tlv(0x30, tlv(6, b"\x2a\x01"))),
            Fault::WrongUsage,
        ),
        row("no purpose said", |one| one.without(EXTENDED_KEY_USAGE), None),
        row("no key usage said", |one| one.without(KEY_USAGE), None),
        row("distribution points", |one| one.with(CRL_DISTRIBUTION_POINTS, true, tlv(0x30, "")), None),
        row("odd ones", |one| one.with(CRL_DISTRIBUTION_POINTS, false, [5, 0]), malformed),
        row(
            "an extension twice",
            |mut one| {
                one.extensions.push(extension(KEY_USAGE, true, [3, 2, 2, 0x84]));
                one
            },
            malformed,
        ),
        row(
            "an extension of another form",
            |mut one| {
                one.extensions.push(tlv(0x31, tlv(6, UNKNOWN)));
                one
            },
            malformed,
        ),
    ]
}

#[test]
fn leaves_that_are_wrong_in_one_place() {
    let world = World::new();
    let mismatch = |names| Fault::NameMismatch { names };
    let secp256k1 = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x0a";
    let mut rows = of_every_certificate(0);
    rows.extend([
        row("version 1", |one| Forged { version: vec![], extensions: vec![], ..one }, mismatch(0)),
        row("version 2", |one| Forged { version: tlv(0xa0, [2, 1, 1]), ..one }, mismatch(0)),
        row("a CA", |one| one.with(BASIC_CONSTRAINTS, true, tlv(0x30, [1, 1, 0xff])), Fault::CaUsedAsLeaf),
        row("false said", |one| one.with(BASIC_CONSTRAINTS, true, tlv(0x30, [1, 1, 0])), None),
        row("encipherment", |one| one.with(KEY_USAGE, true, [3, 2, 5, 0x20]), Fault::WrongUsage),
        row(
            "for clients",
            |one| one.with(EXTENDED_KEY_USAGE, true, tlv(0x30, tlv(6, CLIENT_AUTH))),
            Fault::WrongUsage,
        ),
        row("without names", |one| one.without(SUBJECT_ALT_NAME), mismatch(0)),
        row("no name", |one| one.with(SUBJECT_ALT_NAME, true, tlv(0x30, "")), mismatch(0)),
        row("b.test", |one| one.with(SUBJECT_ALT_NAME, true, tlv(0x30, tlv(0x82, "b.test"))), mismatch(1)),
        row("*.test", |one| one.with(SUBJECT_ALT_NAME, true, tlv(0x30, tlv(0x82, "*.test"))), mismatch(1)),
        row("an odd name", |one| one.with(SUBJECT_ALT_NAME, true, tlv(0x30, tlv(0x02, "a.test"))), MALFORMED),
        row("names of no list", |one| one.with(SUBJECT_ALT_NAME, true, tlv(0x82, "a.test")), MALFORMED),
        row(
            "secp256k1",
            |one| Forged { spki: sequence(&[&tlv(0x30, secp256k1), &tlv(3, [0; 66])]), ..one },
            Fault::UnsupportedKey,
        ),
        row("no key", |one| Forged { spki: sequence(&[]), ..one }, MALFORMED),
    ]);
    for (what, change, fault) in rows {
        let chain = world.chain(&change(world.good_leaf()), &world.good_between());
        let device = world.device(&chain, Role::Server);
        assert_eq!(why(device.clone()), fault, "{what}");
        assert_eq!(device, world.host(&chain, Role::Server), "{what}: hosts");
        let limit = match what {
            "ended" => Some(Y2000),
            "begins" => Some(Y2100),
            _ => None,
        };
        let dates = limit.map(|limit| Evidence::Dates { limit, now: NOW });
        assert_eq!(device.err().and_then(|error| error.evidence), dates, "{what}");
    }
}

#[test]
fn issuers_that_are_wrong_in_one_place() {
    let world = World::new();
    let unknown = Fault::UnknownIssuer { self_signed: false };
    let mut rows = of_every_certificate(1);
    rows.extend([
        row("no CA", |one| one.without(BASIC_CONSTRAINTS), Fault::ConstraintViolated),
        row("said not", |one| one.with(BASIC_CONSTRAINTS, true, tlv(0x30, "")), Fault::ConstraintViolated),
        row("length 0", |one| one.with(BASIC_CONSTRAINTS, true, tlv(0x30, [1, 1, 0xff, 2, 1, 0])), None),
        row(
            "length 255",
            |one| one.with(BASIC_CONSTRAINTS, true, tlv(0x30, [1, 1, 0xff, 2, 2, 0, 255])),
            None,
        ),
        row(
            "signs no certificates",
            |one| one.with(KEY_USAGE, true, [3, 2, 7, 0x80]),
            Fault::IssuerMayNotSign { index: 1 },
        ),
        row("another name", |one| Forged { subject: name("Between"), ..one }, unknown),
        row("version 1", |one| Forged { version: vec![], extensions: vec![], ..one }, unknown),
        row("no issuer of its own", |one| Forged { issuer: name("other"), ..one }, unknown),
        row("another key", |one| Forged { spki: world.leaf.spki(), ..one }, Fault::SignatureInvalid),
        row("no key", |one| Forged { spki: sequence(&[]), ..one }, Fault::SignatureInvalid),
    ]);
    // Hosts say these two of the leaf.
    let of_the_leaf = ["odd purposes", "no key"];
    for (what, change, fault) in rows {
        let chain = world.chain(&world.good_leaf(), &change(world.good_between()));
        let device = world.device(&chain, Role::Server);
        assert_eq!(why(device.clone()), fault, "{what}");
        let host = world.host(&chain, Role::Server);
        match of_the_leaf.contains(&what) {
            true => assert_eq!(why(host), Some(MALFORMED), "{what}: hosts"),
            false => assert_eq!(device, host, "{what}: hosts"),
        }
    }
}

/// What devices refuse and hosts accept.
#[test]
fn serial_numbers_are_bounded_and_name_constraints_refused() {
    let world = World::new();
    let serial = |length: usize| Forged { serial: tlv(2, vec![1; length]), ..world.good_leaf() };
    let permitted = tlv(0xa0, tlv(0x30, tlv(0x82, "test")));
    let constrained = world.good_between().with(NAME_CONSTRAINTS, true, tlv(0x30, permitted));
    for (leaf, between, fault) in [
        (serial(0), world.good_between(), Some(MALFORMED)),
        (serial(22), world.good_between(), Some(MALFORMED)),
        (serial(21), world.good_between(), None),
        (world.good_leaf(), constrained.clone(), Some(Fault::ConstraintViolated)),
    ] {
        let chain = world.chain(&leaf, &between);
        assert_eq!(why(world.device(&chain, Role::Server)), fault);
        assert!(world.host(&chain, Role::Server).is_ok());
    }
    let root = constrained.sign(&world.root);
    assert_eq!(Anchor::from_certificate(&root).err(), Some(Fault::ConstraintViolated));
}

/// Names as certificates present them, odd ones included, under names that people ask for.
#[test]
fn names_match_as_on_hosts() {
    let presented = [
        "a.test",
        "A.TEST",
        "a.test.",
        ".a.test",
        "*.a.test",
        "*.test",
        "*.b.a.test",
        "*",
        "*.",
        "**.a.test",
        "x*.a.test",
        "*x.a.test",
        "x.*.test",
        "*.*.test",
        "localhost",
        "*.localhost",
        "xn--a.a.test",
        "x_y.a.test",
        "*.xn--a.test",
        "-x.a.test",
        "x-.a.test",
        "x..a.test",
        "1.a.test",
        "a.test\0",
        "192.0.2.7",
        "",
        " a.test",
    ];
    let asked = [
        "a.test",
        "x.a.test",
        "y.x.a.test",
        "localhost",
        "x.localhost",
        "x_y.a.test",
        "xn--a.a.test",
        "192.0.2.7",
    ];
    let world = World::new();
    let mut matched = 0;
    for text in presented {
        let leaf = world.good_leaf().with(SUBJECT_ALT_NAME, false, tlv(0x30, tlv(0x82, text)));
        let chain = world.chain(&leaf, &world.good_between());
        for name in asked {
            let (device, host) = (world.device_named(&chain, name), world.host_named(&chain, name));
            assert_eq!(device, host, "{text} presented, {name} asked");
            matched += usize::from(host.is_ok());
        }
    }
    assert_eq!(matched, 8);
}
