//! ServerKeyExchange: RFC 5246 §7.4.3, RFC 8422 §5.4, RFC 4279 §2 and §3, RFC 5489 §2. The key exchange
//! of the negotiated suite, which the caller knows, selects the structure.

use crate::{
    Decode, ECCurveType, Encode, Field, Malformed, NamedGroup, Problem, Reader, SignatureScheme, Trace,
    Writer, structure::structure,
};

/// Parameters of ECDHE (`ServerECDHParams`). Explicit curves (RFC 4492) fail to decode: RFC 8422 §5.4
/// removed them.
#[derive(Clone, Copy, Debug)]
pub struct ServerEcdhParams<'a> {
    /// named_curve (3) is the only value accepted.
    pub curve_type: ECCurveType,
    /// Named curve of the key exchange.
    pub named_curve: NamedGroup,
    /// The server's ECDH public key, encoded as its group requires; 1 to 255 bytes.
    pub public: &'a [u8],
}

impl<'a> Decode<'a> for ServerEcdhParams<'a> {
    fn decode<T: Trace>(reader: &mut Reader<'a, '_, T>) -> Result<Self, Malformed> {
        reader.structure(Field::params, |reader| {
            let start = reader.offset();
            let curve_type: ECCurveType = reader.word(Field::curve_type)?;
            if curve_type != ECCurveType::named_curve {
                let numbers = [u32::from(ECCurveType::named_curve.0), u32::from(curve_type.0), 0];
                return Err(reader.error_at(start, Field::curve_type, Problem::Unexpected, numbers));
            }
            Ok(Self {
                curve_type,
                named_curve: reader.word(Field::named_curve)?,
                public: reader.opaque8(Field::public, 1..=0xff)?,
            })
        })
    }
}

impl Encode for ServerEcdhParams<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.word(self.curve_type);
        writer.word(self.named_curve);
        writer.opaque8(Field::public, self.public);
    }
}

structure! {
    /// Parameters of DHE (`ServerDHParams`); the integers are big-endian.
    #[derive(Copy)]
    ServerDhParams<'a> in params {
        /// Prime modulus.
        dh_p: &'a [u8] => opaque16(1..=0xffff),
        /// Generator of the group.
        dh_g: &'a [u8] => opaque16(1..=0xffff),
        /// The server's Diffie-Hellman public value.
        dh_ys: &'a [u8] => opaque16(1..=0xffff),
    }
}

/// Decodes parameters and also returns their wire bytes, which the signature covers.
fn with_bytes<'a, P: Decode<'a>, T: Trace>(
    reader: &mut Reader<'a, '_, T>,
) -> Result<(P, &'a [u8]), Malformed> {
    let before = reader.remaining();
    let params = P::decode(reader)?;
    let used = before.len().saturating_sub(reader.remaining().len());
    Ok((params, before.get(..used).unwrap_or_default()))
}

macro_rules! signed_params {
    ($(#[$doc:meta])* $type:ident, $params:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $type<'a> {
            /// The server's ephemeral key and its parameters.
            pub params: $params<'a>,
            /// Signature and hash pair (RFC 5246 §4.7).
            pub algorithm: SignatureScheme,
            /// Signature over client random, server random and `params_bytes`.
            pub signature: &'a [u8],
            /// Wire bytes of `params`; ignored when encoding.
            pub params_bytes: &'a [u8],
        }

        impl<'a> Decode<'a> for $type<'a> {
            fn decode<T: Trace>(reader: &mut Reader<'a, '_, T>) -> Result<Self, Malformed> {
                reader.structure(Field::server_key_exchange, |reader| {
                    let (params, params_bytes) = with_bytes(reader)?;
                    Ok(Self {
                        params,
                        algorithm: reader.word(Field::algorithm)?,
                        signature: reader.opaque16(Field::signature, 0..=0xffff)?,
                        params_bytes,
                    })
                })
            }
        }

        impl Encode for $type<'_> {
            fn encode(&self, writer: &mut Writer<'_>) {
                self.params.encode(writer);
                writer.word(self.algorithm);
                writer.opaque16(Field::signature, self.signature);
            }
        }
    };
}

signed_params! {
    /// Body of a ServerKeyExchange with ECDHE and a certificate.
    ServerKeyExchangeEcdhe, ServerEcdhParams
}

signed_params! {
    /// Body of a ServerKeyExchange with DHE and a certificate.
    ServerKeyExchangeDhe, ServerDhParams
}

structure! {
    /// Body of a ServerKeyExchange with PSK or RSA_PSK. A server without a hint omits the message.
    #[derive(Copy)]
    ServerKeyExchangePsk<'a> in server_key_exchange {
        /// Hint by which the client chooses its identity, 0 to 65535 bytes.
        psk_identity_hint: &'a [u8] => opaque16(0..=0xffff),
    }
}

structure! {
    /// Body of a ServerKeyExchange with ECDHE_PSK.
    #[derive(Copy)]
    ServerKeyExchangeEcdhePsk<'a> in server_key_exchange {
        /// Hint by which the client chooses its identity; empty if there is no hint.
        psk_identity_hint: &'a [u8] => opaque16(0..=0xffff),
        /// The server's ephemeral key and its parameters, unsigned.
        params: ServerEcdhParams<'a> => nested,
    }
}

structure! {
    /// Body of a ServerKeyExchange with DHE_PSK.
    #[derive(Copy)]
    ServerKeyExchangeDhePsk<'a> in server_key_exchange {
        /// Hint by which the client chooses its identity; empty if there is no hint.
        psk_identity_hint: &'a [u8] => opaque16(0..=0xffff),
        /// The server's ephemeral key and its parameters, unsigned.
        params: ServerDhParams<'a> => nested,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{encoded, fails, known};
    use crate::*;

    fn curve() -> ServerEcdhParams<'static> {
        let curve_type = ECCurveType::named_curve;
        ServerEcdhParams { curve_type, named_curve: NamedGroup::secp256r1, public: &[4, 1, 2] }
    }

    #[test]
    fn signed() {
        let algorithm = SignatureScheme::ecdsa_secp521r1_sha512;
        let signed =
            ServerKeyExchangeEcdhe { params: curve(), algorithm, signature: b"sig", params_bytes: b"" };
        known!(ServerKeyExchangeEcdhe<'_>, signed, "03 0017 03 040102 0603 0003 736967");
        let wire = encoded(&signed);
        let decoded = ServerKeyExchangeEcdhe::from_bytes(&wire, Field::body).unwrap();
        assert_eq!(decoded.params_bytes, encoded(&curve()));
        let params = ServerDhParams { dh_p: &[23], dh_g: &[5], dh_ys: &[8] };
        let signed = ServerKeyExchangeDhe { params, algorithm, signature: b"sig", params_bytes: b"" };
        known!(ServerKeyExchangeDhe<'_>, signed, "0001 17 0001 05 0001 08 0603 0003 736967");
    }

    #[test]
    fn with_a_hint() {
        let psk_identity_hint = b"hint";
        known!(ServerKeyExchangePsk<'_>, ServerKeyExchangePsk { psk_identity_hint }, "0004 68696e74");
        known!(
            ServerKeyExchangeEcdhePsk<'_>,
            ServerKeyExchangeEcdhePsk { psk_identity_hint, params: curve() },
            "0004 68696e74 03 0017 03 040102"
        );
        let params = ServerDhParams { dh_p: &[23], dh_g: &[5], dh_ys: &[8] };
        known!(
            ServerKeyExchangeDhePsk<'_>,
            ServerKeyExchangeDhePsk { psk_identity_hint, params },
            "0004 68696e74 0001 17 0001 05 0001 08"
        );
    }

    #[test]
    fn a_curve_spelled_out() {
        fails!(ServerEcdhParams<'_>, "01 0017", Problem::Unexpected, [3, 1, 0], 0);
    }
}
