//! `handclasp check`: what a server accepts and requires, and a minimal working configuration.
//!
//! | file | what |
//! |---|---|
//! | `hello`, `client_share` | a ClientHello from its parameters, and its key share |
//! | `probe` | one connection: a ClientHello and the server's answer |
//! | `observed` | what one answer shows |
//! | `choices`, `limits`, `large`, `old_versions`, `survey` | series of probes that vary one parameter |
//! | `handshake_probe`, `facts` | complete handshakes; all results |
//! | `cost`, `omission`, `chain`, `minimal_profile` | the minimal configuration |
//! | `options`, `mbedtls` | that configuration as command lines and macros |
//! | `text`, `json` | output |
//! | `raw`, `change`, `variant` | a captured ClientHello, and what to change in it |
//!
//! At most about a hundred connections, one at a time with a pause in between, each closed as soon as
//! its answer is known.

pub mod chain;
mod change;
mod choices;
pub mod client_share;
mod cost;
mod facts;
mod handshake_probe;
pub mod hello;
mod json;
mod large;
mod limits;
mod mbedtls;
mod minimal_profile;
pub mod observed;
mod old_versions;
mod omission;
mod options;
pub mod probe;
pub mod raw;
mod survey;
mod text;
pub mod variant;

use std::time::Duration;

use handclasp::ProtocolVersion;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    args::{Check, values},
    exit::Failure,
    output, starttls,
};
use facts::Facts;
use handshake_probe::{End, Kit};
use probe::Target;

/// Pause between two connections.
const PAUSE: Duration = Duration::from_millis(20);

/// Number of progress steps if the server supports TLS 1.3 and 1.2.
const STEPS: u64 = 17;

/// Runs the command.
pub fn run(arguments: &Check) -> Result<(), Failure> {
    let host = values::host(&arguments.address)?;
    let given = arguments.name.as_deref().unwrap_or(host);
    let mut target = Target::new(&arguments.address, PAUSE).starttls(arguments.starttls, given);
    let name = Some(given).filter(|name| name.parse::<std::net::IpAddr>().is_err());
    let kit = Kit::new(arguments, host, name);
    // Nothing is sent with a key that does not load; a token stays open, so that its PIN is asked for once.
    let own = kit.identity()?;
    let bar = bar(arguments);
    let mut progress = |what: &str| {
        bar.set_message(format!("probing {what}"));
        bar.inc(1);
    };
    let outcome = match &arguments.as_hello {
        Some(file) => variant::run(&mut target, file, name, arguments.json, &mut progress),
        None => everything(&mut target, &kit, &mut progress).map(|facts| match arguments.json {
            true => json::text(&facts),
            false => text::text(&facts),
        }),
    };
    bar.finish_and_clear();
    drop(own);
    let text = outcome?;
    output::line(text.trim_end()).map(drop)
}

/// A bar on standard error, if somebody looks.
fn bar(arguments: &Check) -> ProgressBar {
    if arguments.quiet {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(STEPS);
    if let Ok(style) = ProgressStyle::with_template("{bar:20} {elapsed} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// Everything that can be found out.
fn everything(target: &mut Target, kit: &Kit<'_>, progress: &mut dyn FnMut(&str)) -> Result<Facts, Failure> {
    let address = target.address().to_owned();
    let survey =
        survey::survey(target, kit.name, progress).map_err(|error| starttls::unreached(&address, error))?;
    if survey.is_not_tls() {
        return Err(Failure::NoTls(format!("{address} does not support TLS: {}", survey.foreign())));
    }
    let name = survey.name.clone();
    let kit = kit.called(name.as_deref());
    let mut facts = Facts {
        address,
        survey,
        least: None,
        psk_identity: kit.psk_identity()?,
        looks: Vec::new(),
        psk: Vec::new(),
        given: kit.given()?,
        questions: 0,
        starttls: target.protocol(),
    };
    progress("client certificates and resumption");
    for version in [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2] {
        let accepted = facts.survey.of(version).map(|of| of.suites.clone()).unwrap_or_default();
        if !accepted.iter().all(|suite| suite.is_psk()) {
            facts.looks.extend(facts::look(target, &kit, version, &accepted)?);
        }
        if kit.has_psk() {
            facts.psk.extend(facts::with_psk(target, &kit, version)?);
        }
    }
    facts.least = minimal_profile::least(target, &kit, &facts.survey, progress)?;
    let complete = facts.psk.iter().find(|with| matches!(with.full.end, End::Complete | End::Unclear));
    if let (None, Some(diagnosis)) = (&facts.least, complete.and_then(|with| with.full.diagnosis.as_ref())) {
        facts.least = minimal_profile::with_psk(target, &kit, diagnosis)?;
    }
    facts.questions = target.asked;
    Ok(facts)
}
