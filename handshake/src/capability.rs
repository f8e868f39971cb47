//! What a program may be built without, so that a device links only what it uses.
//!
//! A capability is a cargo feature and a type here. With the feature the type has one value, which
//! [`get`](Certificates::get) returns; without it the type is an empty enum, of which no value can exist.
//! A state, or a choice, that belongs to a capability holds its value as a proof:
//!
//! ```text
//! enum State { WaitCertificate(capability::Certificates, WaitCertificate), … }
//! ```
//!
//! Without the feature such a variant cannot exist either: the compiler removes it with its row of the
//! table and all that the row calls. The source stays whole: a table shows every row, both builds check
//! the same code, and there is no `#[cfg]` outside of this file. A flag that only a capability can set is an
//! `Option` of its type. `ON` serves where no variant stands for the capability, such as for a setting.
//!
//! A condition on a constant alone would not do: it removes the code that makes a state, and leaves the code
//! that handles it, since no compiler knows that a discriminant is never written.

use core::{
    convert::Infallible,
    marker::PhantomData,
    ops::{Deref, DerefMut},
};

use handclasp_codec::ExtensionType;
use handclasp_report::{Failed, Fault, Internal, Report};

/// Makes the type of a capability from the condition under which a program has it.
macro_rules! capability {
    ($(#[$doc:meta])* $name:ident = $condition:meta) => {
        $(#[$doc])*
        #[cfg($condition)]
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name(());

        $(#[$doc])*
        #[cfg(not($condition))]
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum $name {}

        #[allow(dead_code, reason = "not every capability is asked for in each of these ways")]
        impl $name {
            /// Whether the program is built with it.
            pub(crate) const ON: bool = cfg!($condition);

            /// The proof, where the program is built with it.
            pub(crate) const fn get() -> Option<Self> {
                #[cfg($condition)]
                return Some(Self(()));
                #[cfg(not($condition))]
                return None;
            }

            /// The proof, where the checks of `permit` leave no other way to come here.
            ///
            /// # Errors
            /// [`Internal::Bug`].
            pub(crate) fn proof(report: &mut Report) -> Result<Self, Failed> {
                Self::get().ok_or_else(|| report.fail(Fault::Internal(Internal::Bug)))
            }
        }

        impl Built for $name {
            #[cfg($condition)]
            type Held<T> = On<T>;
            #[cfg(not($condition))]
            type Held<T> = Off<T>;

            #[cfg($condition)]
            fn hold<T>(self, value: T) -> On<T> {
                On(value)
            }
            #[cfg(not($condition))]
            fn hold<T>(self, _: T) -> Off<T> {
                match self {}
            }
        }
    };
}

/// Implemented by every capability.
pub(crate) trait Built {
    /// See [`Held`].
    type Held<T>: DerefMut<Target = T>;

    /// Wraps a value.
    fn hold<T>(self, value: T) -> Self::Held<T>;
}

/// A value that exists only with a capability. Without the capability an `Option` of this type has no size
/// and nothing to drop.
pub(crate) type Held<C, T> = <C as Built>::Held<T>;

/// A value in a program that has its capability.
#[allow(dead_code, reason = "a program may have no capability")]
#[derive(Debug)]
pub(crate) struct On<T>(T);

/// No value.
#[allow(dead_code, reason = "a program may have all capabilities")]
#[derive(Debug)]
pub(crate) struct Off<T>(Infallible, PhantomData<T>);

impl<T> Deref for On<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for On<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> Deref for Off<T> {
    type Target = T;
    fn deref(&self) -> &T {
        match self.0 {}
    }
}

impl<T> DerefMut for Off<T> {
    fn deref_mut(&mut self) -> &mut T {
        match self.0 {}
    }
}

capability! {
    /// A server's certificate: verified by a client, sent by a server.
    Certificates = feature = "certificates"
}
capability! {
    /// A client's certificate: verified by a server, sent by a client.
    ClientAuth = feature = "client-auth"
}
capability! {
    /// (EC)DHE, in TLS 1.2 and 1.3.
    Ecdhe = feature = "ecdhe"
}
capability! {
    /// Resumption by tickets (RFC 8446 §4.6.1, RFC 5077).
    Tickets = feature = "tickets"
}
capability! {
    /// Tickets about which the caller decides: of one use, or of clients that may be revoked.
    ConfirmedTickets = all(feature = "tickets", feature = "host-extensions")
}
capability! {
    /// HelloRetryRequest (RFC 8446 §4.1.4).
    Retry = feature = "retry"
}
capability! {
    /// A server's HelloRetryRequest whose state the client carries in a cookie (RFC 8446 §4.2.2).
    StatelessRetry = all(feature = "retry", feature = "host-extensions")
}
capability! {
    /// ALPN, OCSP responses, raw public keys, names of authorities, signature_algorithms_cert, a client's
    /// pre-shared key imported for two hashes.
    HostExtensions = feature = "host-extensions"
}
capability! {
    /// External pre-shared keys.
    Psk = feature = "psk"
}
capability! {
    /// An identity in pre_shared_key (RFC 8446 §4.2.11): an external key's, or a ticket.
    PskOrTicket = any(feature = "psk", feature = "tickets")
}
capability! {
    /// The key log (RFC 9850).
    KeyLog = feature = "key-log"
}
capability! {
    /// Exported keying material (RFC 8446 §7.5, RFC 5705).
    Exporter = feature = "exporter"
}
capability! {
    /// Suites of CBC with encrypt_then_mac (RFC 7366).
    Cbc = feature = "cbc"
}

/// Whether the content of a peer's extension is decoded: whether the program is built with what offers or
/// answers it. A device links no decoders of the rest.
pub(crate) fn knows(extension_type: ExtensionType) -> bool {
    match extension_type {
        ExtensionType::server_name
        | ExtensionType::max_fragment_length
        | ExtensionType::extended_master_secret
        | ExtensionType::record_size_limit
        | ExtensionType::supported_versions
        | ExtensionType::early_data
        | ExtensionType::renegotiation_info => true,
        ExtensionType::supported_groups | ExtensionType::ec_point_formats | ExtensionType::key_share => {
            Ecdhe::ON
        }
        ExtensionType::signature_algorithms => Certificates::ON,
        ExtensionType::pre_shared_key | ExtensionType::psk_key_exchange_modes => PskOrTicket::ON,
        ExtensionType::session_ticket => Tickets::ON,
        ExtensionType::cookie => Retry::ON,
        ExtensionType::encrypt_then_mac => Cbc::ON,
        // ALPN, certificate types and the like; and those that are decoded for their form alone.
        _ => HostExtensions::ON,
    }
}

#[cfg(all(test, feature = "default"))]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_all_decodes_every_extension() {
        for number in 0..=u16::MAX {
            assert!(knows(ExtensionType(number)), "{number}");
        }
    }
}
