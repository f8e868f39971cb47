//! Version 2: binary (section 2.2).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{Endpoints, Header, LONGEST_HEADER, crc32c::crc32c, error::HeaderError, type_length_value};

/// The first bytes.
pub const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// Bytes before the addresses.
pub const FIXED: usize = 16;

const VERSION: u8 = 0x20;
const LOCAL: u8 = 0;
const PROXY: u8 = 1;

const UNSPECIFIED: u8 = 0x00;
const TCP4: u8 = 0x11;
const TCP6: u8 = 0x21;
const UNIX_STREAM: u8 = 0x31;

/// Bytes of a path.
const PATH: usize = 108;

/// The length of the header whose fixed bytes have arrived.
///
/// # Errors
/// These bytes are not those of version 2, or announce more than [`LONGEST_HEADER`].
pub fn length(header: &[u8]) -> Result<usize, HeaderError> {
    let (Some([version_and_command, family_and_protocol]), Some([high, low])) =
        (header.get(12..14), header.get(14..16))
    else {
        let (field, offset, left) = ("fixed part", 0, header.len());
        return Err(HeaderError::Truncated { field, offset, needs: FIXED, left });
    };
    let byte = |field, offset, expected, found: u8| {
        Err(HeaderError::Unexpected { field, offset, expected, found: format!("{found:#04x}") })
    };
    if version_and_command & 0xf0 != VERSION {
        return byte("version", 12, "version 2 in the upper four bits", *version_and_command);
    }
    if !matches!(version_and_command & 0x0f, LOCAL | PROXY) {
        return byte("command", 12, "LOCAL (0) or PROXY (1) in the lower four bits", *version_and_command);
    }
    if family_and_protocol >> 4 > 3 {
        return byte("address family", 13, "0 to 3 in the upper four bits", *family_and_protocol);
    }
    if family_and_protocol & 0x0f > 2 {
        return byte("transport protocol", 13, "0 to 2 in the lower four bits", *family_and_protocol);
    }
    let length = usize::from(u16::from_be_bytes([*high, *low])).saturating_add(FIXED);
    match length > LONGEST_HEADER {
        true => Err(HeaderError::TooLong { length, limit: LONGEST_HEADER }),
        false => Ok(length),
    }
}

/// Reads a whole header.
pub fn parse(bytes: &[u8]) -> Result<Header, HeaderError> {
    length(bytes)?;
    let command = bytes.get(12).copied().unwrap_or_default() & 0x0f;
    let family = bytes.get(13).copied().unwrap_or_default();
    let block = bytes.get(FIXED..).unwrap_or_default();
    // Of LOCAL everything behind the fixed part is ignored, and where addresses of an unspecified family would end is
    // not known.
    if command == LOCAL || family >> 4 == 0 {
        return Ok(Header::new(Endpoints::Own));
    }
    let (endpoints, values) = addresses(family, block)?;
    let mut header = Header::new(endpoints);
    let offset = bytes.len().saturating_sub(values.len());
    if let Some((at, found)) = type_length_value::parse(&mut header, values, offset)? {
        let of_sum = at..at.saturating_add(4);
        let zeroed =
            bytes.iter().enumerate().map(|(place, byte)| if of_sum.contains(&place) { 0 } else { *byte });
        let computed = crc32c(zeroed);
        if computed != found {
            return Err(HeaderError::Checksum { found, computed });
        }
    }
    Ok(header)
}

/// The addresses, and what stands behind them. Those of datagrams and of unspecified protocols are skipped.
fn addresses(family: u8, block: &[u8]) -> Result<(Endpoints, &[u8]), HeaderError> {
    let (field, needs) = match family >> 4 {
        1 => ("IPv4 addresses and ports", 12),
        2 => ("IPv6 addresses and ports", 36),
        _ => ("paths of UNIX sockets", 2 * PATH),
    };
    let left = block.len();
    let (addresses, values) =
        block.split_at_checked(needs).ok_or(HeaderError::Truncated { field, offset: FIXED, needs, left })?;
    let endpoints = match family {
        TCP4 => tcp::<4>(addresses, |address| Ipv4Addr::from(address).into()),
        TCP6 => tcp::<16>(addresses, |address| Ipv6Addr::from(address).into()),
        UNIX_STREAM => addresses.split_at_checked(PATH).map(|(source, destination)| Endpoints::Unix {
            source: path(source),
            destination: path(destination),
        }),
        _ => None,
    };
    Ok((endpoints.unwrap_or(Endpoints::Own), values))
}

fn tcp<const N: usize>(bytes: &[u8], address: impl Fn([u8; N]) -> IpAddr) -> Option<Endpoints> {
    let (source, rest) = bytes.split_first_chunk::<N>()?;
    let (destination, rest) = rest.split_first_chunk::<N>()?;
    let (source_port, rest) = rest.split_first_chunk::<2>()?;
    let (destination_port, _) = rest.split_first_chunk::<2>()?;
    Some(Endpoints::Tcp {
        source: SocketAddr::new(address(*source), u16::from_be_bytes(*source_port)),
        destination: SocketAddr::new(address(*destination), u16::from_be_bytes(*destination_port)),
    })
}

/// A path ends at its first zero, unless the zero is the first byte: then it is an abstract name, or unnamed.
fn path(bytes: &[u8]) -> Vec<u8> {
    let end = match bytes {
        [0, ..] => bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1)),
        _ => bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()),
    };
    bytes.get(..end).unwrap_or_default().to_vec()
}

/// Writes a header.
pub fn encode(header: &Header) -> Vec<u8> {
    let (command, family) = match &header.endpoints {
        Endpoints::Own => (LOCAL, UNSPECIFIED),
        Endpoints::Tcp { source: SocketAddr::V4(_), destination: SocketAddr::V4(_) } => (PROXY, TCP4),
        Endpoints::Tcp { .. } => (PROXY, TCP6),
        Endpoints::Unix { .. } => (PROXY, UNIX_STREAM),
    };
    let mut block = Vec::new();
    match &header.endpoints {
        Endpoints::Own => {}
        Endpoints::Tcp { source, destination } => {
            for address in [source, destination] {
                match (family, address.ip()) {
                    (TCP4, IpAddr::V4(address)) => block.extend(address.octets()),
                    (_, IpAddr::V4(address)) => block.extend(address.to_ipv6_mapped().octets()),
                    (_, IpAddr::V6(address)) => block.extend(address.octets()),
                }
            }
            block.extend(source.port().to_be_bytes());
            block.extend(destination.port().to_be_bytes());
        }
        Endpoints::Unix { source, destination } => {
            for path in [source, destination] {
                let mut field = [0; PATH];
                // A path that does not fit would name another file.
                field
                    .iter_mut()
                    .zip(path.iter().filter(|_| path.len() <= PATH))
                    .for_each(|(to, from)| *to = *from);
                block.extend(field);
            }
        }
    }
    type_length_value::encode(header, &mut block);
    // Each of the at most eight values is bounded.
    let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
    let mut out = SIGNATURE.to_vec();
    out.extend([VERSION | command, family]);
    out.extend(length.to_be_bytes());
    out.extend(block);
    out
}
