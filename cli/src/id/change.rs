//! Certificates and keys of identities that exist: renewal, rotation, and the chain of a CA.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use handclasp::{Identity, Pin, Validity, pki_types::UnixTime};
use handclasp_explain::certificate;
use handclasp_identity::{FolderError, FolderProblem, IdentityFolder};

use super::{csr, new, show};
use crate::{
    args::{IdInstall, IdRenew, IdRotate},
    exit::Failure,
    files::Target,
    keys::elsewhere::{self, folder_refused},
    say::say,
};

const DAY: u64 = 24 * 60 * 60;

/// Installs the chain that a CA returned.
pub fn install(arguments: &IdInstall) -> Result<(), Failure> {
    let folder = IdentityFolder::new(&arguments.folder);
    // Before the file is read: that there is no identity is the larger mistake.
    folder.describe().map_err(failed)?;
    let chain = Identity::chain_from_file(&arguments.chain).map_err(Failure::usage)?;
    folder.install_chain(chain).map_err(failed)?;
    show::print(&folder, &show::Opened::default(), false)?;
    from_now_on("certificate");
    Ok(())
}

/// Programs read the folder when they start; servers and tunnels of ours also at SIGHUP.
fn from_now_on(what: &str) {
    say(format_args!(
        "programs that run keep the {what} of before: `handclasp serve`, `tunnel` and `run` take the new one at SIGHUP \
         (systemctl reload), others when they are started again"
    ));
}

/// Renews the certificate, or asks the CA to.
pub fn renew(arguments: &IdRenew) -> Result<(), Failure> {
    let folder = elsewhere::folder(&arguments.folder, &arguments.access);
    let described = folder.describe().map_err(failed)?;
    if !described.is_self_signed {
        if arguments.days.is_some() {
            return Err(Failure::usage(
                "--days is for self-signed certificates, and this one was issued by a CA, which decides on its validity",
            ));
        }
        let leaf = described.chain.first();
        let summary = leaf.and_then(|der| certificate::summary(der)).unwrap_or_default();
        say(format_args!("a CA issued the certificate ({summary}): this is the request for the next one"));
        return csr::print(&folder, &csr::Asked::of(&described), &Target::STANDARD_OUTPUT);
    }
    folder.renew(validity(arguments.days)).map_err(failed)?;
    show::print(&folder, &show::Opened::default(), false)?;
    from_now_on("certificate");
    Ok(())
}

/// From now for that long; without days as long as the library says.
pub fn validity(days: Option<usize>) -> Validity {
    let Some(days) = days else { return Validity::starting_now() };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let length = u64::try_from(days).unwrap_or(u64::MAX).saturating_mul(DAY);
    let at = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    // A day back, for peers whose clocks are slow.
    Validity::new(at(now.saturating_sub(DAY)), at(now.saturating_add(length)))
}

/// Makes a new key and the statement that it follows the present one.
pub fn rotate(arguments: &IdRotate) -> Result<(), Failure> {
    let mut folder = elsewhere::folder(&arguments.folder, &arguments.access);
    let described = folder.describe().map_err(failed)?;
    if !described.is_self_signed {
        let path = folder.path().to_owned();
        return Err(not_rotated(FolderError { path, problem: FolderProblem::IssuedByAuthority }));
    }
    let mut attributes = None;
    match new::key_elsewhere(&arguments.key, &arguments.access)? {
        Some(key) => {
            folder.rotate_to(key.location, &key.identity).map_err(not_rotated)?;
            attributes = key.attributes;
        }
        None => {
            if let Some(kind) = arguments.key.kind.or(described.key_kind()) {
                folder = folder.with_key_kind(kind);
            }
            folder.rotate().map_err(not_rotated)?;
        }
    }
    show::print(&folder, &show::Opened { attributes, is_tested: false }, false)?;
    let old = Pin::of_spki(&described.spki);
    let statements = folder.rotations_file();
    let statements = statements.display();
    say(format_args!(
        "the key {old} is replaced\n  peers that know it by --tofu: give them {statements}; they run `handclasp peers rotate {statements}`, or pass \
         --rotation {statements} once\n  \
         peers with --pin or --client-pin: give them the new pin\n  a stolen old key can make such statements too: then \
         peers must hear of the new pin in another way"
    ));
    from_now_on("key");
    Ok(())
}

fn failed(error: FolderError) -> Failure {
    folder_refused("", error)
}

fn not_rotated(error: FolderError) -> Failure {
    let shown = error.path.display();
    match &error.problem {
        FolderProblem::IssuedByAuthority => Failure::usage(format!(
            "the certificate in {shown} was issued by a CA, which must certify the new key: make a new identity \
             (handclasp id new {shown}.new --name NAME), have it certified (handclasp id csr {shown}.new), and change to \
             its folder; for a new certificate of the same key: handclasp id renew {shown}"
        )),
        FolderProblem::Elsewhere(location) => Failure::usage(format!(
            "the key of {shown} is elsewhere ({location}): name the new key by --pkcs11, --agent or --signer"
        )),
        _ => folder_refused("", error),
    }
}
