//! `handclasp id csr`: a request to a CA.

use handclasp::{CertificateParams, SubjectField, Usage};
use handclasp_explain::certificate;
use handclasp_identity::{IdentityDescription, IdentityFolder};

use crate::{
    args::{CsrUsage, IdCsr},
    exit::Failure,
    files::Target,
    keys::elsewhere::{self, folder_refused},
    say::say,
};

/// Runs it.
pub fn run(arguments: &IdCsr) -> Result<(), Failure> {
    let target = Target::open(arguments.out.as_ref())?;
    let folder = elsewhere::folder(&arguments.folder, &arguments.access);
    let described = folder.describe().map_err(|error| folder_refused("", error))?;
    let mut asked = Asked::of(&described);
    if !arguments.san.is_empty() {
        asked.names.clone_from(&arguments.san);
    }
    if !arguments.subject.is_empty() {
        asked.subject.clone_from(&arguments.subject);
    }
    asked.usage = match arguments.usage {
        CsrUsage::Server => Usage::Server,
        CsrUsage::Client => Usage::Client,
        CsrUsage::Both => Usage::Both,
    };
    print(&folder, &asked, &target)
}

/// What a request asks for.
pub struct Asked {
    names: Vec<String>,
    subject: Vec<(SubjectField, String)>,
    usage: Usage,
}

impl Asked {
    /// Names and subject of the present certificate.
    pub fn of(described: &IdentityDescription) -> Self {
        let leaf = described.chain.first().map(|der| &der[..]).unwrap_or_default();
        let mut subject: Vec<(SubjectField, String)> = Vec::new();
        for (oid, value) in certificate::subject_attributes(leaf) {
            match field(&oid).filter(|field| subject.iter().all(|(known, _)| known != field)) {
                Some(field) => subject.push((field, value)),
                None => say(format_args!(
                    "note: the attribute {oid} ({value:?}) of the present subject is not in the request; --subject sets \
                     others"
                )),
            }
        }
        Self { names: certificate::alternative_names(leaf), subject, usage: Usage::Both }
    }
}

/// The field of an OBJECT IDENTIFIER (RFC 5280 §A.1).
fn field(oid: &str) -> Option<SubjectField> {
    match oid {
        "2.5.4.3" => Some(SubjectField::CommonName),
        "2.5.4.10" => Some(SubjectField::Organization),
        "2.5.4.11" => Some(SubjectField::OrganizationalUnit),
        "2.5.4.6" => Some(SubjectField::Country),
        "2.5.4.8" => Some(SubjectField::State),
        "2.5.4.7" => Some(SubjectField::Locality),
        "2.5.4.5" => Some(SubjectField::SerialNumber),
        _ => None,
    }
}

/// Makes the request and writes it.
pub fn print(folder: &IdentityFolder, asked: &Asked, target: &Target) -> Result<(), Failure> {
    let names: Vec<&str> = asked.names.iter().map(String::as_str).collect();
    let subject: Vec<(SubjectField, &str)> =
        asked.subject.iter().map(|(field, value)| (*field, value.as_str())).collect();
    let params = CertificateParams::new(&names).with_subject(&subject).with_usage(asked.usage);
    let identity = folder.load().map_err(|error| folder_refused("", error))?;
    let request = identity.certificate_request(&params).map_err(Failure::usage)?;
    target.write(request.pem().as_bytes())?;
    let shown = folder.path().display();
    say(format_args!("when the CA has returned the chain: handclasp id install {shown} chain.pem"));
    Ok(())
}
