//! SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 5480, RFC 8410): where it really ends, and what its key is.
//!
//! Builders that are written by hand copy the header of one P-256 key (`30 59 30 13 … 03 42 00`) in front of
//! whatever the key's interface returns. The two lengths are then wrong for everything but a point of 65 bytes,
//! and parsers complain about the field behind. So the end is searched for first.

use handclasp_crypto::KeyKind;

use crate::{
    Code,
    der::{BIT_STRING, Element, INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE, hex, oid_text, tag_name},
    finding::Log,
    point::is_on_curve,
};

/// id-ecPublicKey.
const EC_PUBLIC_KEY: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
/// rsaEncryption.
const RSA_ENCRYPTION: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";

/// A public key as far as it could be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spki<'a> {
    /// The whole structure.
    pub(crate) whole: &'a [u8],
    /// `None` for algorithms that are not known here.
    pub(crate) kind: Option<KeyKind>,
    /// The key, if it is sound.
    pub(crate) bits: Option<&'a [u8]>,
    /// Bits of an RSA modulus.
    pub(crate) rsa_bits: Option<usize>,
}

/// Reads the next element as SubjectPublicKeyInfo, and leaves the reader behind its real end. `closing` is the
/// tag of the field that follows up to the end of the reader: `[0]` in requests, `[3]` in certificates.
pub(crate) fn read<'a>(
    reader: &mut Reader<'a>,
    closing: u8,
    der: &'a [u8],
    log: &mut Log,
) -> Option<Spki<'a>> {
    let announced = (reader.tag() == Some(SEQUENCE)).then(|| reader.peek()).flatten();
    let Some(announced) = announced else {
        // For its finding.
        reader.expect(SEQUENCE, "SubjectPublicKeyInfo", log)?;
        return None;
    };
    let end = real_end(*reader, announced, closing);
    let length = end.saturating_sub(announced.start);
    if length != announced.length {
        let (expected, found) = lengths(length, announced.length);
        log.add(Code::SpkiLength, announced.offset.saturating_add(1), expected, found);
    }
    let content = der.get(announced.start..end).unwrap_or_default();
    let whole = der.get(announced.offset..end).unwrap_or_default();
    reader.skip_to(end);
    Some(content_of(Reader { bytes: content, offset: announced.start }, whole, log))
}

/// A SubjectPublicKeyInfo that is a file of its own.
pub(crate) fn read_alone<'a>(der: &'a [u8], log: &mut Log) -> Option<Spki<'a>> {
    let mut reader = Reader::new(der);
    let element = reader.expect(SEQUENCE, "SubjectPublicKeyInfo", log)?;
    reader.finish("SubjectPublicKeyInfo", log);
    Some(content_of(element.inside(), der, log))
}

/// Two lengths, in the notation of DER too.
fn lengths(expected: usize, found: usize) -> (String, String) {
    (format!("{expected} ({expected:02x})"), format!("{found} ({found:02x})"))
}

/// Offset behind the structure: as announced if the fields behind then fit, else where the closing field begins
/// that does fit, else the end of all.
fn real_end(reader: Reader<'_>, announced: Element<'_>, closing: u8) -> usize {
    let fits = |offset: usize| {
        let mut rest = reader;
        rest.skip_to(offset);
        if rest.is_empty() {
            return rest.offset == offset;
        }
        // The unique identifiers of certificates stand in front of their extensions.
        while closing != 0xa0 && matches!(rest.tag(), Some(0x81 | 0x82)) {
            match rest.peek() {
                Some(element) if !element.is_cut() => rest.skip_to(element.end()),
                _ => return false,
            }
        }
        let closes = |element: Element<'_>| {
            !element.is_cut() && element.end() == reader.end() && element.inside().is_whole()
        };
        rest.is_empty() || rest.tag() == Some(closing) && rest.peek().is_some_and(closes)
    };
    if !announced.is_cut() && fits(announced.end()) && fits_inside(announced) {
        return announced.end();
    }
    let closed = |offset: &usize| *offset < reader.end() && fits(*offset);
    (announced.start..reader.end()).find(closed).unwrap_or_else(|| {
        if announced.is_cut() || !fits_inside(announced) { reader.end() } else { announced.end() }
    })
}

/// Whether two whole elements are inside.
fn fits_inside(spki: Element<'_>) -> bool {
    spki.inside().is_whole()
}

/// The two fields.
fn content_of<'a>(mut fields: Reader<'a>, whole: &'a [u8], log: &mut Log) -> Spki<'a> {
    let nothing = Spki { whole, kind: None, bits: None, rsa_bits: None };
    let Some(algorithm) = fields.expect(SEQUENCE, "algorithm of the public key", log) else { return nothing };
    let kind = kind(algorithm, log);
    let Some(announced) = (fields.tag() == Some(BIT_STRING)).then(|| fields.peek()).flatten() else {
        fields.expect(BIT_STRING, "subjectPublicKey", log);
        return Spki { kind, ..nothing };
    };
    // It is the last field.
    let content = fields.bytes.get(announced.start.saturating_sub(fields.offset)..).unwrap_or_default();
    if content.len() != announced.length {
        let (expected, found) = lengths(content.len(), announced.length);
        log.add(Code::BitStringLength, announced.offset.saturating_add(1), expected, found);
    }
    let bits = match content {
        [0, bits @ ..] => bits,
        [] => {
            log.add(
                Code::KeyEmpty,
                announced.start,
                expected(kind),
                "0 bytes, not even the number of unused bits",
            );
            return Spki { kind, ..nothing };
        }
        [4, rest @ ..] if matches!(rest.len(), 64 | 96 | 132) => {
            log.add(
                Code::UnusedBitsMissing,
                announced.start,
                "00, then the point",
                "04, which begins the point",
            );
            return Spki { kind, ..nothing };
        }
        [unused, ..] => {
            log.add(Code::UnusedBits, announced.start, "00", format!("{unused:02x}"));
            return Spki { kind, ..nothing };
        }
    };
    let at = announced.start.saturating_add(1);
    let Some(kind) = kind else { return nothing };
    let is_sound = match kind {
        KeyKind::Rsa | KeyKind::RsaPss => rsa(bits, at, log),
        _ => fixed(kind, bits, at, log).then_some(0),
    };
    Spki {
        whole,
        kind: Some(kind),
        bits: is_sound.map(|_| bits),
        rsa_bits: is_sound.filter(|_| kind.is_rsa()),
    }
}

/// The kind of key by its AlgorithmIdentifier.
fn kind(algorithm: Element<'_>, log: &mut Log) -> Option<KeyKind> {
    if let Some(kind) = KeyKind::from_algorithm_identifier(algorithm.content) {
        return Some(kind);
    }
    let mut fields = algorithm.inside();
    let oid = fields.expect(OBJECT_IDENTIFIER, "algorithm of the public key", log)?;
    if oid.content == RSA_ENCRYPTION {
        // RFC 3279 §2.3.1: the NULL is required; it is often forgotten.
        log.add(Code::UnexpectedField, fields.offset, "NULL (05 00)", hex(fields.bytes));
        return Some(KeyKind::Rsa);
    }
    if oid.content != EC_PUBLIC_KEY {
        log.add(Code::KeyAlgorithmUnknown, oid.offset, "", oid_text(oid.content));
        return None;
    }
    match (fields.tag(), fields.peek()) {
        (Some(OBJECT_IDENTIFIER), Some(curve)) => {
            log.add(
                Code::KeyAlgorithmUnknown,
                curve.offset,
                "",
                format!("curve {}", oid_text(curve.content)),
            );
        }
        (Some(SEQUENCE), _) => log.add(Code::CurveExplicit, fields.offset, "the name of a curve", "SEQUENCE"),
        (tag, _) => {
            let found = tag.map_or_else(|| "the end".to_owned(), tag_name);
            log.add(Code::CurveMissing, fields.offset, "OBJECT IDENTIFIER of the curve", found);
        }
    }
    None
}

/// Bytes of the key of a kind that has one length.
fn length(kind: KeyKind) -> usize {
    match kind {
        KeyKind::P256 => 65,
        KeyKind::P384 => 97,
        KeyKind::P521 => 133,
        KeyKind::Ed25519 => 32,
        KeyKind::Rsa | KeyKind::RsaPss => 0,
    }
}

/// What the key should be, in words.
fn expected(kind: Option<KeyKind>) -> String {
    match kind {
        Some(kind @ (KeyKind::P256 | KeyKind::P384 | KeyKind::P521)) => {
            format!("{} bytes (04, x, y) for {}", length(kind), kind.name())
        }
        Some(KeyKind::Ed25519) => "32 bytes for Ed25519".to_owned(),
        Some(KeyKind::Rsa | KeyKind::RsaPss) => "RSAPublicKey (SEQUENCE of modulus and exponent)".to_owned(),
        None => "a public key".to_owned(),
    }
}

/// Whether a key of fixed length is sound; else a finding says what stands there in its place.
fn fixed(kind: KeyKind, bits: &[u8], at: usize, log: &mut Log) -> bool {
    let is_point = kind != KeyKind::Ed25519;
    if bits.len() == length(kind) && (!is_point || bits.first() == Some(&4)) {
        let is_sound = !is_point || is_on_curve(kind, bits);
        if !is_sound {
            log.add(Code::KeyOffCurve, at, format!("a point of {}", kind.name()), hex(bits));
        }
        return is_sound;
    }
    let found = format!("{} bytes, {}", bits.len(), hex(bits));
    log.add(misplaced(kind, bits), at, expected(Some(kind)), found);
    false
}

/// What stands in the place of a key of this kind.
fn misplaced(kind: KeyKind, bits: &[u8]) -> Code {
    let length = length(kind);
    let field = length.saturating_sub(1) / 2;
    // Tag and length of an OCTET STRING around the point.
    let is_wrapped = bits.first() == Some(&4)
        && Reader::new(bits).peek().is_some_and(|inner| {
            !inner.is_cut() && inner.end() == bits.len() && inner.content.len() == length
        });
    // 04, x, y, and the private scalar, as some keystores export a whole key pair.
    let pair = bits.split_at_checked(length).filter(|(point, scalar)| {
        point.first() == Some(&4) && scalar.len() == field && is_on_curve(kind, point)
    });
    let is_spki = || {
        let mut fields = Reader::new(bits).peek().map(|outer| outer.inside())?;
        let algorithm = fields.peek().filter(|field| field.tag == SEQUENCE)?;
        fields.skip_to(algorithm.end());
        (fields.tag() == Some(BIT_STRING)).then_some(())
    };
    let is_rsa = || {
        let outer = Reader::new(bits).peek().filter(|outer| outer.tag == SEQUENCE)?;
        (outer.inside().tag() == Some(INTEGER)).then_some(())
    };
    let is_text =
        bits.len() >= 16 && bits.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    match bits {
        [] => Code::KeyEmpty,
        _ if is_wrapped => Code::KeyWrapped,
        _ if pair.is_some() => Code::KeyIsPrivate,
        _ if is_spki().is_some() => Code::KeyNestedSpki,
        _ if is_rsa().is_some() => Code::KeyIsRsa,
        _ if is_text => Code::KeyIsText,
        _ if kind == KeyKind::Ed25519 => Code::KeyIsOtherLength,
        [2 | 3, x @ ..] if x.len() == field => Code::KeyCompressed,
        [0 | 1 | 5.., ..] if bits.len() == length => Code::KeyForm,
        [4, ..] if bits.len() != length && matches!(bits.len(), 65 | 97 | 133) => Code::KeyOfOtherCurve,
        _ if bits.len() == field.saturating_mul(2) => Code::KeyWithoutForm,
        [4, ..] if bits.len() < length => Code::KeyTruncated,
        _ => Code::KeyIsOtherLength,
    }
}

/// Bits of the modulus of an RSAPublicKey (RFC 8017 §A.1.1) that is sound.
fn rsa(bits: &[u8], at: usize, log: &mut Log) -> Option<usize> {
    if bits.is_empty() {
        log.add(Code::KeyEmpty, at, expected(Some(KeyKind::Rsa)), "0 bytes");
        return None;
    }
    let mut reader = Reader { bytes: bits, offset: at };
    let before = log.findings.len();
    if reader.tag() != Some(SEQUENCE) {
        log.add(Code::RsaMalformed, at, expected(Some(KeyKind::Rsa)), hex(bits));
        return None;
    }
    let outer = reader.next("RSAPublicKey", log)?;
    reader.finish("RSAPublicKey", log);
    let mut fields = outer.inside();
    let modulus = fields.expect(INTEGER, "modulus", log)?;
    let exponent = fields.expect(INTEGER, "publicExponent", log)?;
    fields.finish("RSAPublicKey", log);
    if exponent.content.last().is_none_or(|last| last & 1 == 0) || exponent.content == [1] {
        log.add(Code::RsaMalformed, exponent.start, "an odd exponent of at least 3", hex(exponent.content));
    }
    let zeros = modulus.content.iter().take_while(|byte| **byte == 0).count();
    let significant = modulus.content.get(zeros..).unwrap_or_default();
    if zeros == 0 && modulus.content.first().is_some_and(|first| *first >= 0x80) {
        log.add(
            Code::RsaMalformed,
            modulus.start,
            "00 in front of a first byte above 7f",
            hex(modulus.content),
        );
    }
    let leading = significant.first().map_or(0, |first| first.leading_zeros());
    let count = significant.len().saturating_mul(8).saturating_sub(usize::try_from(leading).unwrap_or(0));
    if count < 2048 {
        log.add(Code::RsaSmall, modulus.start, "at least 2048 bits", format!("{count} bits"));
    }
    let damaged = log.findings.get(before..)?.iter().any(|finding| finding.code != Code::RsaSmall);
    (!damaged).then_some(count)
}
