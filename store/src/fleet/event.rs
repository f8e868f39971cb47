//! What a fleet reports to the log of the operator.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use handclasp::codec::Printable;

use crate::RecordKind;

/// An event for the log of the operator; its `Display` form is a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreEvent {
    /// The store does not answer. Sent once, until [`StoreEvent::Back`].
    Away {
        /// The error of the last operation.
        why: String,
        /// When it last answered; `None` where it has not answered since the server began.
        since: Option<SystemTime>,
        /// How long records that were read stay valid ([`crate::FleetOptions::stale`]).
        stale: Duration,
    },
    /// The store has been away for longer than [`crate::FleetOptions::stale`]. Sent once, until [`StoreEvent::Back`].
    Stale,
    /// The store answers again, and has for a second.
    Back {
        /// Time without an answer.
        after: Duration,
    },
    /// The store answers and refuses an operation: it is a replica, has no memory left, or does not permit it. Sent once a
    /// minute for each kind of record.
    Refused {
        /// The kind of record.
        kind: RecordKind,
        /// Whether a record was to be made; otherwise it was to be read.
        is_write: bool,
        /// The words of the store.
        why: String,
    },
    /// A record cannot be used. Sent once a minute for each name, and for at most 32 names a minute.
    Record {
        /// Its kind.
        kind: RecordKind,
        /// Its name.
        name: Vec<u8>,
        /// What is wrong.
        why: String,
    },
}

/// What a store that may have revoked clients does to those that it does not list.
const REFUSED: &str = "its pre-shared keys and clients are refused, and where it decides about clients (--store-clients) \
                       also those that other trust accepts, since it may have revoked them";

/// What follows where a store refuses an operation.
fn consequence(kind: RecordKind, is_write: bool) -> &'static str {
    match (kind, is_write) {
        (RecordKind::UsedTicket, _) => {
            "sessions of TLS 1.3 are not resumed, their handshakes go on in full. Is it a replica, or out of memory?"
        }
        (RecordKind::TicketKey, _) => {
            "sessions are resumed only under ticket keys that this server has already"
        }
        (RecordKind::Psk, _) => {
            "pre-shared keys that were read before count for --store-stale seconds, others are refused"
        }
        (RecordKind::Client, _) => {
            "clients that were read before count for --store-stale seconds, and then none is accepted that the store \
             may have revoked"
        }
    }
}

impl fmt::Display for StoreEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Away { why, since, stale } => {
                write!(
                    f,
                    "the store does not answer ({why}): handshakes go on in full, without tickets of TLS 1.3; "
                )?;
                match (since, stale.as_secs()) {
                    (Some(_), seconds @ 1..) => {
                        write!(
                            f,
                            "keys and clients that were read before count for {seconds} s (--store-stale)"
                        )
                    }
                    (Some(_), 0) => f.write_str(REFUSED),
                    (None, _) => write!(f, "nothing was read from it yet, so that {REFUSED}"),
                }
            }
            Self::Stale => write!(
                f,
                "the store has been away for longer than --store-stale: its ticket keys are no longer used, {REFUSED}"
            ),
            Self::Back { after } => {
                write!(f, "the store answers again after {:.1} s: sessions are resumed", after.as_secs_f32())
            }
            Self::Refused { kind, is_write, why } => {
                let operation = if *is_write { "keep" } else { "return" };
                let (name, follows) = (kind.name(), consequence(*kind, *is_write));
                write!(f, "the store refuses to {operation} records handclasp:{name} ({why}): {follows}")
            }
            Self::Record { kind, name, why } => {
                let name = String::from_utf8_lossy(name);
                let (kind, name) = (kind.name(), Printable(&name));
                write!(f, "the record handclasp:{kind}:{name} of the store is not used: {why}")
            }
        }
    }
}
