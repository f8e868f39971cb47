//! A file: its structures one by one, then against each other.

use handclasp_identity::Found;
use handclasp_passphrase::Passphrases;

use crate::{
    Code, Finding, Item, LintReport, Passphrase,
    certificate::{self, Certificate},
    chain::{self, Link},
    crl::{self, Crl},
    der::{CONTEXT_0, INTEGER, Reader, SEQUENCE, SET, hex},
    facts::{Facts, certificate_facts, crl_facts, key_text, request_facts},
    finding::{Log, Place},
    pem::{self, Section},
    pkcs12, private_key,
    purpose::{self, Purpose},
    request, revocation, spki,
};

/// Checks files.
#[derive(Clone, Debug)]
pub struct Linter {
    now: Option<i64>,
    name: Option<String>,
    purpose: Option<Purpose>,
}

/// What was read of one structure.
enum Read<'a> {
    Certificate(Box<Certificate<'a>>),
    /// SubjectPublicKeyInfo of a private key, of a request or alone.
    Key(Vec<u8>),
    Crl(Box<Crl<'a>>),
    Other,
}

impl Linter {
    /// Judges times of validity at this time, in seconds since 1970.
    pub fn at(now: u64) -> Self {
        Self { now: Some(i64::try_from(now).unwrap_or(i64::MAX)), ..Self::without_clock() }
    }

    /// Judges times of validity at the time of the system.
    pub fn now() -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(Self::without_clock(), |now| Self::at(now.as_secs()))
    }

    /// Does not judge times of validity.
    pub const fn without_clock() -> Self {
        Self { now: None, name: None, purpose: None }
    }

    /// Checks too that the leaf covers this DNS name or IP address.
    #[must_use]
    pub fn for_name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Checks too that the leaf permits this purpose; for [`Purpose::Ca`] that every certificate is a CA.
    #[must_use]
    pub fn for_purpose(self, purpose: Purpose) -> Self {
        Self { purpose: Some(purpose), ..self }
    }

    /// Checks the content of a file: PEM, base64 or DER.
    pub fn lint(&self, file: &[u8], passphrase: &mut dyn Passphrase) -> LintReport {
        self.lint_files(&[file], passphrase)
    }

    /// Checks several files, and their structures against each other: a chain, its key, a CRL.
    pub fn lint_files(&self, files: &[impl AsRef<[u8]>], passphrase: &mut dyn Passphrase) -> LintReport {
        let mut sections: Vec<Section> = Vec::new();
        let mut unreadable: Vec<Item> = Vec::new();
        for (number, file) in files.iter().enumerate() {
            match sections_of(file.as_ref()) {
                Ok(read) => sections.extend(read.into_iter().map(|section| section.of_file(number))),
                Err(item) => unreadable.push(Item { file: number, ..item }),
            }
        }
        let mut passphrase = Passphrases::new(passphrase);
        let sections = with_inside(sections, &mut passphrase);
        let mut logs: Vec<Log> = Vec::new();
        let mut items: Vec<Item> = Vec::new();
        let mut read: Vec<Read<'_>> = Vec::new();
        for section in &sections {
            let mut log = Log::default();
            let kind = kind(section);
            let (facts, content) = self.section(section, &kind, &mut passphrase, &mut log);
            items.push(Item {
                kind,
                file: section.file,
                start: section.start,
                facts,
                findings: section.findings.clone(),
            });
            read.push(content);
            logs.push(log);
        }
        together(&sections, &read, &mut logs);
        self.intended(&read, &mut logs);
        for log in logs.iter_mut().filter(|log| log.has(Code::FileTruncated)) {
            // They follow from it.
            log.findings.retain(|finding| !matches!(finding.code, Code::LengthBeyond | Code::FieldMissing));
        }
        for ((item, log), section) in items.iter_mut().zip(logs).zip(&sections) {
            item.findings.extend(log.findings.into_iter().map(|finding| placed(finding, section)));
            item.findings.sort_by_key(|finding| {
                (std::cmp::Reverse(finding.severity()), finding.place.file, finding.place.der)
            });
        }
        items.extend(unreadable);
        items.sort_by_key(|item| (item.file, item.start));
        LintReport { items }
    }

    /// The leaf against the name and the purpose that it is meant for.
    fn intended(&self, read: &[Read<'_>], logs: &mut [Log]) {
        let certificates = || {
            read.iter().enumerate().filter_map(|(index, read)| match read {
                Read::Certificate(certificate) => Some((index, &**certificate)),
                _ => None,
            })
        };
        let leaf = certificates().find(|(_, found)| !found.is_ca()).or_else(|| certificates().next());
        if let (Some((index, leaf)), Some(name)) = (leaf, &self.name)
            && let Some(log) = logs.get_mut(index)
        {
            purpose::check_name(leaf, name, log);
        }
        let Some(purpose) = self.purpose else { return };
        for (index, certificate) in certificates() {
            if purpose == Purpose::Ca || leaf.is_some_and(|(leaf, _)| leaf == index) {
                let Some(log) = logs.get_mut(index) else { continue };
                purpose::check_purpose(certificate, purpose, log);
            }
        }
    }

    /// One structure: its facts, and what was read.
    fn section<'a>(
        &self,
        section: &'a Section,
        kind: &Found,
        passphrase: &mut Passphrases<'_>,
        log: &mut Log,
    ) -> (Facts, Read<'a>) {
        let der: &'a [u8] = &section.der;
        if section.is_legacy_encrypted {
            log.add(Code::LegacyEncryption, 0, "PKCS#8 (ENCRYPTED PRIVATE KEY)", "Proc-Type: 4,ENCRYPTED");
        }
        if section.is_legacy_encrypted || der.is_empty() {
            return (Facts::new(), Read::Other);
        }
        truncation(der, log);
        let read = match kind {
            Found::Request => request::lint(der, log).map(|request| {
                let facts = request_facts(&request);
                (facts, request.key.map_or(Read::Other, |key| Read::Key(key.whole.to_vec())))
            }),
            Found::Certificate => certificate::lint(der, self.now, log).map(|certificate| {
                (certificate_facts(&certificate), Read::Certificate(Box::new(certificate)))
            }),
            Found::PublicKey => {
                let key = spki::read_alone(der, log);
                Some((vec![("public key", key_text(key.as_ref()))], Read::Key(der.to_vec())))
            }
            Found::PrivateKey if section.inside.is_some() => Some(private_inside(der, log)),
            Found::PrivateKey => Some(private(&section.label, der, log)),
            Found::EncryptedKey => {
                private_key::decrypt(der, passphrase, log).map(|key| private_inside(&key, log))
            }
            Found::Crl => {
                crl::lint(der, self.now, log).map(|crl| (crl_facts(&crl), Read::Crl(Box::new(crl))))
            }
            // PKCS#12 was opened before.
            Found::Pkcs12 | Found::Parameters => None,
            _ => {
                // Without bytes of what may be a secret.
                log.add(Code::NotRecognised, 0, "", format!("{} bytes", der.len()));
                None
            }
        };
        read.unwrap_or((Facts::new(), Read::Other))
    }
}

/// The structures of a file; an item that says why there are none.
fn sections_of(file: &[u8]) -> Result<Vec<Section>, Item> {
    let alone = |code: Code, at: usize, found: String| {
        let place = Place { der: None, file: Some(at) };
        let finding = Finding { code, place, expected: String::new(), found };
        Item { kind: Found::of(file), file: 0, start: 0, facts: Vec::new(), findings: vec![finding] }
    };
    if matches!(file, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return Err(alone(Code::Utf16, 0, hex(file.get(..2).unwrap_or_default())));
    }
    if file.first() == Some(&0x30) {
        return Ok(vec![Section::of_der(file)]);
    }
    if let Some(at) = pem::escaped(file) {
        return Err(alone(Code::EscapedNewlines, at, "\\n".to_owned()));
    }
    let sections = pem::sections(file);
    if !sections.is_empty() {
        return Ok(sections);
    }
    match pem::bare(file) {
        Some(section) => Ok(vec![section]),
        None => Err(alone(Code::NotRecognised, 0, format!("{} bytes", file.len()))),
    }
}

/// The sections, each PKCS#12 followed by what is inside of it.
fn with_inside(sections: Vec<Section>, passphrase: &mut Passphrases<'_>) -> Vec<Section> {
    let mut all = Vec::new();
    for mut section in sections {
        let mut inside = Vec::new();
        if kind(&section) == Found::Pkcs12 {
            let mut log = Log::default();
            inside = pkcs12::lint(&section.der, passphrase, &mut log);
            let placed: Vec<_> = log.findings.into_iter().map(|finding| placed(finding, &section)).collect();
            section.findings.extend(placed);
        }
        let inside: Vec<_> = inside.into_iter().map(|(kind, der)| section.inside(kind, der)).collect();
        all.push(section);
        all.extend(inside);
    }
    all
}

/// What a section is: by its label, else by its tags. A label that OpenSSL would accept wins, so that a damaged
/// structure is still read as what it claims to be.
fn kind(section: &Section) -> Found {
    if let Some(kind) = &section.inside {
        return kind.clone();
    }
    if section.label.is_empty() {
        return match Found::of(&section.der) {
            found @ (Found::Der | Found::Certificate | Found::Crl) => {
                signed_kind(&section.der).unwrap_or(found)
            }
            found => found,
        };
    }
    Found::of(format!("-----BEGIN {}-----\n", section.label).as_bytes())
}

/// A request or a certificate that may be damaged, by its first tags: behind the version a request has a name (of
/// SETs), all others an algorithm.
fn signed_kind(der: &[u8]) -> Option<Found> {
    let signed = Reader::new(der).peek()?.inside().peek().filter(|signed| signed.tag == SEQUENCE)?;
    let mut fields = signed.inside();
    let first = fields.peek()?;
    fields.skip_to(first.end());
    match (first.tag, fields.peek().map(|second| (second.tag, second.inside().tag()))) {
        (INTEGER, Some((SEQUENCE, None | Some(SET)))) => Some(Found::Request),
        (CONTEXT_0, _) => Some(Found::Certificate),
        _ => None,
    }
}

/// A file that ends in the middle: the outer length says how much is missing.
fn truncation(der: &[u8], log: &mut Log) {
    let expected = match Reader::new(der).peek() {
        Some(outer) if outer.is_cut() => format!("{} bytes", outer.start.saturating_add(outer.length)),
        Some(_) => return,
        None => "tag, length and content".to_owned(),
    };
    log.add(Code::FileTruncated, der.len(), expected, format!("{} bytes", der.len()));
}

/// A private key in the clear.
fn private<'a>(label: &str, der: &[u8], log: &mut Log) -> (Facts, Read<'a>) {
    let key = private_key::lint(private_key::encoding(label, der), der, log);
    let facts = vec![("private key", key.kind.map_or("of an unknown kind", |kind| kind.name()).to_owned())];
    (facts, key.public.map_or(Read::Other, Read::Key))
}

/// A private key that was encrypted: offsets are of bytes that the file does not have.
fn private_inside<'a>(der: &[u8], log: &mut Log) -> (Facts, Read<'a>) {
    let mut inside = Log::default();
    let read = private("PRIVATE KEY", der, &mut inside);
    let nowhere = |finding| Finding { place: Place { der: None, file: None }, ..finding };
    log.findings.extend(inside.findings.into_iter().map(nowhere));
    read
}

/// Certificates against each other, CRLs under their issuers, and keys against the leaf.
fn together(sections: &[Section], read: &[Read<'_>], logs: &mut [Log]) {
    let mut links: Vec<Link<'_, '_>> = Vec::new();
    for ((section, read), log) in sections.iter().zip(read).zip(logs.iter_mut()) {
        if let Read::Certificate(certificate) = read {
            links.push(Link { certificate, der: &section.der, file: section.file, log });
        }
    }
    chain::lint(&mut links);
    drop(links);
    let certificates: Vec<&Certificate<'_>> = read
        .iter()
        .filter_map(|read| match read {
            Read::Certificate(certificate) => Some(&**certificate),
            _ => None,
        })
        .collect();
    let crls: Vec<&Crl<'_>> = read
        .iter()
        .filter_map(|read| match read {
            Read::Crl(crl) => Some(&**crl),
            _ => None,
        })
        .collect();
    for (read, log) in read.iter().zip(logs.iter_mut()) {
        match read {
            Read::Key(public) => {
                let is_of = |certificate: &&Certificate<'_>| {
                    certificate.key.is_some_and(|key| key.whole == public.as_slice())
                };
                let leaf =
                    certificates.iter().find(|certificate| !certificate.is_ca()).or(certificates.first());
                if let Some(leaf) = leaf.filter(|_| !certificates.iter().any(is_of)) {
                    let subject = leaf.subject.as_ref().map(|name| name.text.clone()).unwrap_or_default();
                    log.add(Code::KeyNotOfCertificate, 0, format!("the key of {subject}"), "another key");
                }
            }
            Read::Crl(crl) => revocation::check_issuer(crl, &certificates, log),
            Read::Certificate(certificate) => {
                revocation::check_certificate(certificate, &crls, log);
            }
            Read::Other => {}
        }
    }
}

/// A finding with its offset in the file.
fn placed(mut finding: Finding, section: &Section) -> Finding {
    if let Some(der) = finding.place.der.filter(|_| section.inside.is_none()) {
        finding.place.file = Some(section.file_offset(der));
    }
    finding
}
