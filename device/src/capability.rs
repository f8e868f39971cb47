//! What of a configuration a program may be built without, so that it links only what it uses.
//!
//! A value that serves one capability is held in the type of that capability. Without the feature of the
//! same name that type is empty: an `Option` of it takes no room, it is always `None`, and the compiler
//! removes what would be done with its content.

#[cfg(any(test, not(feature = "certificates"), not(feature = "tickets")))]
use core::{convert::Infallible, marker::PhantomData};

use handclasp_report::Capability;

macro_rules! capability {
    ($(#[$doc:meta])* $name:ident = $feature:literal, $capability:expr) => {
        $(#[$doc])*
        #[cfg(feature = $feature)]
        pub(crate) struct $name<T>(T);

        $(#[$doc])*
        #[cfg(not(feature = $feature))]
        pub(crate) enum $name<T> {
            #[expect(dead_code, reason = "it has no value")]
            Never(Infallible, PhantomData<T>),
        }

        #[allow(dead_code, reason = "not each capability is used in each of these ways")]
        impl<T> $name<T> {
            /// Whether the program is built with it.
            pub(crate) const ON: bool = cfg!(feature = $feature);

            /// Holds the value, or returns the capability that the program is built without.
            #[cfg(feature = $feature)]
            pub(crate) fn hold(value: T) -> Result<Self, Capability> {
                Ok(Self(value))
            }

            /// Holds the value, or returns the capability that the program is built without.
            #[cfg(not(feature = $feature))]
            pub(crate) fn hold(_: T) -> Result<Self, Capability> {
                Err($capability)
            }

            /// The value.
            pub(crate) fn get(&self) -> &T {
                #[cfg(feature = $feature)]
                return &self.0;
                #[cfg(not(feature = $feature))]
                match *self {
                    Self::Never(never, _) => match never {},
                }
            }

            /// The value, to change it.
            pub(crate) fn get_mut(&mut self) -> &mut T {
                #[cfg(feature = $feature)]
                return &mut self.0;
                #[cfg(not(feature = $feature))]
                match *self {
                    Self::Never(never, _) => match never {},
                }
            }
        }
    };
}

capability! {
    /// Our certificate, trust in those of peers, and what comes of both.
    ForCertificates = "certificates", Capability::Certificates
}
capability! {
    /// Resumption.
    ForTickets = "tickets", Capability::Tickets
}

/// A capability that no program has, for tests.
#[cfg(test)]
#[allow(unexpected_cfgs, reason = "there is no such feature")]
pub(crate) mod off {
    use super::*;

    capability! {
        /// Never built.
        ForNothing = "a-feature-that-does-not-exist", Capability::Tickets
    }

    #[test]
    fn what_is_off_takes_no_room_and_says_what_is_missing() {
        assert_eq!(size_of::<Option<ForNothing<[u8; 100]>>>(), 0);
        assert_eq!(ForNothing::hold([0; 100]).err(), Some(Capability::Tickets));
        assert!(ForTickets::hold([0; 100]).is_ok());
    }
}
