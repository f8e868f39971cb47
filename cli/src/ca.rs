//! `handclasp ca`: a small CA in a folder.
//!
//! | file | what |
//! |---|---|
//! | `sign` | requests become certificates |
//! | `revoke` | revocations and CRLs |
//! | `list` | what was issued, for people and for scripts |

mod list;
mod revoke;
mod sign;

use std::{path::Path, sync::Arc};

use handclasp_authority::{
    AuthorityError, AuthorityFolder, AuthorityParams, AuthorityProblem, NameConstraints, RequestProblem,
};

use crate::{
    args::{Ca, CaCommand, CaInit, KeyAccess},
    exit::Failure,
    id::key_elsewhere,
    keys::elsewhere,
    say::say,
};

/// Runs it.
pub fn run(arguments: &Ca) -> Result<(), Failure> {
    match &arguments.command {
        CaCommand::Init(arguments) => init(arguments),
        CaCommand::Sign(arguments) => sign::run(arguments),
        CaCommand::Revoke(arguments) => revoke::run(arguments),
        CaCommand::Crl(arguments) => revoke::crl(arguments),
        CaCommand::List(arguments) => list::run(arguments),
    }
}

fn init(arguments: &CaInit) -> Result<(), Failure> {
    let permitted =
        arguments.permit.iter().cloned().fold(NameConstraints::default(), NameConstraints::permit);
    let constraints = arguments.exclude.iter().cloned().fold(permitted, NameConstraints::exclude);
    let mut params = AuthorityParams::new(&arguments.name).with_constraints(constraints);
    params.crl_urls.clone_from(&arguments.crl_url);
    params.days = arguments.days.unwrap_or(params.days);
    params.key_kind = arguments.key.kind.unwrap_or(params.key_kind);
    let path = &arguments.folder;
    // Before a key is made in a token.
    AuthorityFolder::check_new(path).map_err(refused)?;
    let ca = match key_elsewhere(&arguments.key, &arguments.access)? {
        Some(key) => {
            let created = AuthorityFolder::create_with_key(path, &params, key.identity, Some(&key.location));
            created.map_err(|error| match key.is_new {
                true => Failure::usage(format!(
                    "{error}\n  the key was made in the token: use it with --existing, or delete it there"
                )),
                false => refused(error),
            })?
        }
        None => AuthorityFolder::create(path, &params).map_err(refused)?,
    };
    list::head(&ca)?;
    let shown = arguments.folder.display();
    say(format_args!("sign a request: handclasp ca sign {shown} REQUEST > certificate.pem"));
    say(format_args!("peers trust it by: --ca {}", ca.certificate_file().display()));
    if let Some(url) = arguments.crl_url.first() {
        say(format_args!("publish its CRL: handclasp ca crl {shown} --der --out ca.crl, as {url}"));
    }
    Ok(())
}

/// The CA of a folder.
fn open(folder: &Path) -> Result<AuthorityFolder, Failure> {
    AuthorityFolder::open(folder).map_err(refused)
}

/// As [`open`], to sign with its key.
fn open_to_sign(folder: &Path, access: &KeyAccess) -> Result<AuthorityFolder, Failure> {
    let access = access.clone();
    let opener = Arc::new(move |location: &_, chain| elsewhere::open(location, &access, chain));
    Ok(open(folder)?.with_key_opener(opener))
}

/// An error, with the command that helps.
fn refused(error: AuthorityError) -> Failure {
    refused_at("", &error)
}

/// As [`refused`], with the file that it is about in front.
fn refused_at(file: &str, error: &AuthorityError) -> Failure {
    let shown = error.path.display();
    let help = match &error.problem {
        AuthorityProblem::Missing => format!("; make one: handclasp ca init {shown} --name NAME"),
        AuthorityProblem::Exists => format!("; look at it: handclasp ca list {shown}"),
        AuthorityProblem::Certificate(_) if error.path.join("identity.pem").exists() => {
            "; it is the folder of an identity; make a CA in another one: handclasp ca init DIR --name NAME"
                .to_owned()
        }
        AuthorityProblem::KnownKey(_) => " (--renew)".to_owned(),
        AuthorityProblem::NoName(_) => " (--san NAME)".to_owned(),
        AuthorityProblem::Subject(_) => " (--name NAME)".to_owned(),
        AuthorityProblem::Request(RequestProblem::Name(_) | RequestProblem::ManyNames(_))
        | AuthorityProblem::NotPermitted { .. }
        | AuthorityProblem::ProfileRefuses { .. } => {
            "; to replace the names of the request: --san NAME".to_owned()
        }
        AuthorityProblem::File(file) if file.kind() == std::io::ErrorKind::PermissionDenied => {
            "; run the command as the user that owns it".to_owned()
        }
        _ => String::new(),
    };
    let text = format!("{file}{error}{help}");
    match &error.problem {
        AuthorityProblem::Request(RequestProblem::Wrong(_)) => Failure::Found(text),
        AuthorityProblem::Request(RequestProblem::NotARequest(_) | RequestProblem::Several(_))
        | AuthorityProblem::Missing
        | AuthorityProblem::Certificate(_)
        | AuthorityProblem::CrlUrl(_)
        | AuthorityProblem::Exists
        | AuthorityProblem::NotEmpty(_)
        | AuthorityProblem::Folder(_)
        | AuthorityProblem::Name(_)
        | AuthorityProblem::Days { .. }
        | AuthorityProblem::CrlDays { .. }
        | AuthorityProblem::UnknownSerial(_)
        | AuthorityProblem::NotACertificate(_) => Failure::Usage(text),
        AuthorityProblem::File(file) => match file.problem {
            handclasp_identity::private_file::Problem::Io(_) => Failure::Output(text),
            _ => Failure::Usage(text),
        },
        _ => Failure::Refused(text),
    }
}
