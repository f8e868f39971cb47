//! Values behind the addresses of version 2 (section 2.2): type of one byte, length of two, value.

use super::{
    Header, TlsFacts,
    error::{HeaderError, printable},
};

const ALPN: u8 = 0x01;
const AUTHORITY: u8 = 0x02;
const CRC32C: u8 = 0x03;
const UNIQUE_ID: u8 = 0x05;
const TLS: u8 = 0x20;
const TLS_VERSION: u8 = 0x21;
const TLS_COMMON_NAME: u8 = 0x22;
const TLS_CIPHER: u8 = 0x23;

/// Bytes of a unique identifier.
const LONGEST_UNIQUE_ID: usize = 128;

/// Bits of the field `client`.
const CLIENT_TLS: u8 = 0x01;
const CLIENT_CERTIFICATE_IN_CONNECTION: u8 = 0x02;
const CLIENT_CERTIFICATE_IN_SESSION: u8 = 0x04;

/// One value, and where it stands in the header.
struct Value<'v> {
    kind: u8,
    /// Of its type.
    offset: usize,
    bytes: &'v [u8],
}

impl Value<'_> {
    /// Where its bytes begin.
    fn content(&self) -> usize {
        self.offset.saturating_add(3)
    }

    fn text(&self, field: &'static str) -> Result<String, HeaderError> {
        std::str::from_utf8(self.bytes).map(str::to_owned).map_err(|_| HeaderError::Unexpected {
            field,
            offset: self.content(),
            expected: "UTF-8",
            found: printable(self.bytes),
        })
    }
}

/// Takes the next value.
fn next<'v>(rest: &mut &'v [u8], offset: &mut usize) -> Result<Option<Value<'v>>, HeaderError> {
    let at = *offset;
    let field = "type-length-value";
    let (kind, high, low, behind) = match rest {
        [] => return Ok(None),
        [kind, high, low, behind @ ..] => (*kind, *high, *low, behind),
        short => return Err(HeaderError::Truncated { field, offset: at, needs: 3, left: short.len() }),
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let (bytes, behind) = behind.split_at_checked(length).ok_or(HeaderError::Truncated {
        field,
        offset: at.saturating_add(3),
        needs: length,
        left: behind.len(),
    })?;
    *rest = behind;
    *offset = at.saturating_add(3).saturating_add(length);
    Ok(Some(Value { kind, offset: at, bytes }))
}

/// Reads the values from `offset` of the header on, to which `rest` belongs. Types that are not listed here are
/// skipped. Returns where the checksum stands, and its value.
pub fn parse(
    header: &mut Header,
    mut rest: &[u8],
    mut offset: usize,
) -> Result<Option<(usize, u32)>, HeaderError> {
    let mut checksum = None;
    while let Some(value) = next(&mut rest, &mut offset)? {
        match value.kind {
            ALPN => set(&mut header.alpn, "PP2_TYPE_ALPN", &value, value.bytes.to_vec())?,
            AUTHORITY => {
                let field = "PP2_TYPE_AUTHORITY";
                set(&mut header.authority, field, &value, value.text(field)?)?;
            }
            UNIQUE_ID => {
                let field = "PP2_TYPE_UNIQUE_ID";
                if value.bytes.len() > LONGEST_UNIQUE_ID {
                    let found = format!("{} bytes", value.bytes.len());
                    let (offset, expected) = (value.content(), "at most 128 bytes");
                    return Err(HeaderError::Unexpected { field, offset, expected, found });
                }
                set(&mut header.unique_id, field, &value, value.bytes.to_vec())?;
            }
            CRC32C => {
                let field = "PP2_TYPE_CRC32C";
                let sum = value.bytes.try_into().map(u32::from_be_bytes).map_err(|_| {
                    let found = format!("{} bytes", value.bytes.len());
                    HeaderError::Unexpected { field, offset: value.content(), expected: "4 bytes", found }
                })?;
                set(&mut checksum, field, &value, (value.content(), sum))?;
            }
            TLS => set(&mut header.tls, "PP2_TYPE_SSL", &value, tls(&value)?)?,
            Header::PSK_IDENTITY => {
                set(&mut header.psk_identity, "the identity of a key", &value, value.bytes.to_vec())?;
            }
            _ => {}
        }
    }
    Ok(checksum)
}

/// A value stands once: of two, receivers might take different ones.
fn set<V>(slot: &mut Option<V>, field: &'static str, at: &Value<'_>, value: V) -> Result<(), HeaderError> {
    match slot.replace(value) {
        Some(_) => Err(HeaderError::Repeated { field, offset: at.offset }),
        None => Ok(()),
    }
}

fn tls(value: &Value<'_>) -> Result<TlsFacts, HeaderError> {
    let [client, a, b, c, d, rest @ ..] = value.bytes else {
        let (field, left) = ("PP2_TYPE_SSL", value.bytes.len());
        return Err(HeaderError::Truncated { field, offset: value.content(), needs: 5, left });
    };
    let has = |bit: u8| client & bit != 0;
    let verify = u32::from_be_bytes([*a, *b, *c, *d]);
    let presented = has(CLIENT_CERTIFICATE_IN_CONNECTION) || has(CLIENT_CERTIFICATE_IN_SESSION);
    let mut facts = TlsFacts {
        certificate_in_connection: has(CLIENT_CERTIFICATE_IN_CONNECTION),
        certificate_in_session: presented,
        is_verified: presented && verify == 0,
        ..TlsFacts::default()
    };
    let (mut rest, mut offset) = (rest, value.content().saturating_add(5));
    while let Some(value) = next(&mut rest, &mut offset)? {
        let (slot, field) = match value.kind {
            TLS_VERSION => (&mut facts.version, "PP2_SUBTYPE_SSL_VERSION"),
            TLS_COMMON_NAME => (&mut facts.common_name, "PP2_SUBTYPE_SSL_CN"),
            TLS_CIPHER => (&mut facts.cipher, "PP2_SUBTYPE_SSL_CIPHER"),
            _ => continue,
        };
        set(slot, field, &value, value.text(field)?)?;
    }
    Ok(facts)
}

/// Writes the values of a header.
pub fn encode(header: &Header, out: &mut Vec<u8>) {
    if let Some(alpn) = &header.alpn {
        push(out, ALPN, alpn);
    }
    if let Some(authority) = &header.authority {
        push(out, AUTHORITY, authority.as_bytes());
    }
    if let Some(id) = header.unique_id.as_ref().filter(|id| id.len() <= LONGEST_UNIQUE_ID) {
        push(out, UNIQUE_ID, id);
    }
    if let Some(facts) = &header.tls {
        push(out, TLS, &encode_tls(facts));
    }
    if let Some(identity) = &header.psk_identity {
        push(out, Header::PSK_IDENTITY, identity);
    }
}

fn encode_tls(facts: &TlsFacts) -> Vec<u8> {
    let bits = [
        (true, CLIENT_TLS),
        (facts.certificate_in_connection, CLIENT_CERTIFICATE_IN_CONNECTION),
        (facts.certificate_in_session, CLIENT_CERTIFICATE_IN_SESSION),
    ];
    let client = bits.into_iter().filter(|(is_set, _)| *is_set).fold(0, |sum, (_, bit)| sum | bit);
    let mut out = vec![client];
    // Not zero unless a certificate was presented and verified.
    out.extend(u32::from(!facts.is_verified).to_be_bytes());
    let texts =
        [(TLS_VERSION, &facts.version), (TLS_COMMON_NAME, &facts.common_name), (TLS_CIPHER, &facts.cipher)];
    for (kind, text) in texts {
        if let Some(text) = text {
            push(&mut out, kind, text.as_bytes());
        }
    }
    out
}

/// What does not fit is left out.
fn push(out: &mut Vec<u8>, kind: u8, value: &[u8]) {
    if let (Ok(length), true) = (u16::try_from(value.len()), value.len() <= LONGEST_VALUE) {
        out.push(kind);
        out.extend(length.to_be_bytes());
        out.extend_from_slice(value);
    }
}

/// Bytes of one value that is written, so that a header never comes near the limit of its length field.
const LONGEST_VALUE: usize = 4096;
