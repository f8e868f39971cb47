//! After a ClientHello that leads to a certificate: the caller chooses it, and with the kind of
//! its key the suite (RFC 5246 §7.4.2, RFC 8422 §5.3).
//! Called by the table.

use alloc::vec::Vec;

use handclasp_codec::{
    Asn1Cert, Certificate12, Encode, EncodeError, HandshakeType, List, ProtocolVersion, Writer,
};
use handclasp_crypto::{Authentication, Exchange};
use handclasp_report::{Fault, Internal, Misuse, Side, Tag};

use super::{State, flight, flight::Flight, offer, sign_key_exchange::SignKeyExchange};
use crate::{
    Config, Credential, Env, Need,
    negotiate,
    server::{decode_hello, share_fault},
};

/// The hello for which a certificate is asked.
pub(crate) struct ChooseCredential {
    /// Kept because the need borrows from it.
    pub(super) message: Vec<u8>,
}

impl ChooseCredential {
    pub(super) fn need(&self) -> Option<Need<'_>> {
        let hello = decode_hello(&self.message).ok()?;
        let authenticated = |by| {
            let config_free = move |suite: &handclasp_crypto::Suite| suite.exchange == Exchange::Ecdhe(by);
            config_free
        };
        let _ = (authenticated, hello);
        None
    }
}
