//! Who may send a header.

use std::{fmt, net::IpAddr, str::FromStr};

/// The proxies whose headers are believed: networks, and UNIX sockets, whose file permissions say who connects. Parsed
/// from a list such as `10.0.0.0/8,2001:db8::1,loopback,unix`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Senders {
    networks: Vec<Network>,
    has_unix: bool,
}

/// Addresses with the same first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u8,
}

/// An entry of a list of senders that does not parse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendersError {
    entry: String,
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    NotAnAddress,
    Bits {
        most: u8,
    },
    /// The address has bits behind the network's; the network that it is in.
    HostBits {
        network: IpAddr,
        bits: u8,
    },
}

impl std::error::Error for SendersError {}

impl fmt::Display for SendersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = &self.entry;
        match &self.reason {
            Reason::NotAnAddress => write!(
                f,
                "expected an address (10.1.2.3, 2001:db8::1), a network (10.0.0.0/8), loopback or unix, found \"{entry}\""
            ),
            Reason::Bits { most } => {
                write!(f, "expected a length of 0 to {most} behind the slash, found \"{entry}\"")
            }
            Reason::HostBits { network, bits } => write!(
                f,
                "expected a network whose other bits are zero ({network}/{bits}) or one address without a slash, found \
                 \"{entry}\""
            ),
        }
    }
}

impl Senders {
    /// Whether a proxy at this address may send a header.
    pub fn permit(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| masked(address, network.bits) == Some(network.address))
    }

    /// Whether a proxy behind a UNIX socket may send a header.
    pub fn permit_unix(&self) -> bool {
        self.has_unix
    }
}

impl FromStr for Senders {
    type Err = SendersError;

    fn from_str(text: &str) -> Result<Self, SendersError> {
        let mut senders = Self { networks: Vec::new(), has_unix: false };
        for entry in text.split(',').map(str::trim) {
            match entry {
                "unix" => senders.has_unix = true,
                "loopback" => senders.networks.extend([LOOPBACK_4, LOOPBACK_6]),
                network => senders.networks.push(network.parse()?),
            }
        }
        Ok(senders)
    }
}

const LOOPBACK_4: Network = Network { address: IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 0)), bits: 8 };
const LOOPBACK_6: Network = Network { address: IpAddr::V6(std::net::Ipv6Addr::LOCALHOST), bits: 128 };

impl FromStr for Network {
    type Err = SendersError;

    fn from_str(entry: &str) -> Result<Self, SendersError> {
        let wrong = |reason| SendersError { entry: entry.to_owned(), reason };
        let (address, bits) = entry.split_once('/').map_or((entry, None), |(one, other)| (one, Some(other)));
        let address: IpAddr = address.parse().map_err(|_| wrong(Reason::NotAnAddress))?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => most,
            Some(text) => {
                let bits = text
                    .parse()
                    .ok()
                    .filter(|bits| *bits <= most && text.bytes().all(|b| b.is_ascii_digit()));
                bits.ok_or_else(|| wrong(Reason::Bits { most }))?
            }
        };
        match masked(address, bits) {
            Some(network) if network == address => Ok(Self { address, bits }),
            Some(network) => Err(wrong(Reason::HostBits { network, bits })),
            None => Err(wrong(Reason::Bits { most })),
        }
    }
}

impl fmt::Display for Senders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let networks = self.networks.iter().map(|network| match network.bits {
            32 if network.address.is_ipv4() => network.address.to_string(),
            128 => network.address.to_string(),
            bits => format!("{}/{bits}", network.address),
        });
        let all: Vec<String> = networks.chain(self.has_unix.then(|| "unix".to_owned())).collect();
        f.write_str(&all.join(","))
    }
}

/// The address with all bits behind the first `bits` set to zero; `None` if it has fewer bits.
fn masked(address: IpAddr, bits: u8) -> Option<IpAddr> {
    Some(match address {
        IpAddr::V4(address) => {
            let shift = 32_u32.checked_sub(bits.into())?;
            let mask = u32::MAX.checked_shl(shift).unwrap_or(0);
            std::net::Ipv4Addr::from_bits(address.to_bits() & mask).into()
        }
        IpAddr::V6(address) => {
            let shift = 128_u32.checked_sub(bits.into())?;
            let mask = u128::MAX.checked_shl(shift).unwrap_or(0);
            std::net::Ipv6Addr::from_bits(address.to_bits() & mask).into()
        }
    })
}
