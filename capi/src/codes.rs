//! The codes that functions return: a mistake of the caller, or the fault that ended a connection.

use handclasp_report::{Fault, FaultCode, Internal};

/// The result of a call: 0 (`HC_OK`); below 256 a mistake in the call, which changed nothing
/// (`HC_PANIC` excepted); otherwise the fault that ended the connection: its number (`HC_FAULT_…`) in the
/// bits from 8 on, and in the low 8 bits a detail, such as the number of the peer's alert.
/// `hc_code_name` names a code; `hc_words` says more about the fault of a connection.
pub type Code = u32;

/// Success.
pub const HC_OK: u32 = 0;
/// A pointer that must not be NULL is NULL.
pub const HC_NULL: u32 = 1;
/// A length or count is out of range: more than there is room or data, or more than the field can hold.
pub const HC_LENGTH: u32 = 2;
/// A text is not UTF-8.
pub const HC_TEXT: u32 = 3;
/// The call is not possible now: another need waits, the handshake is not complete, or the function is
/// for the other side.
pub const HC_ORDER: u32 = 4;
/// The configuration has connections, so it cannot be changed. Free them first, or make another one.
pub const HC_IN_USE: u32 = 5;
/// Not enough memory.
pub const HC_MEMORY: u32 = 6;
/// A bug in this library was caught. The handle can only be freed. Please report it.
pub const HC_PANIC: u32 = 7;
/// The pre-shared key is empty, too long, or shorter than 16 bytes and so easy to guess; or its identity
/// is too long, or empty where TLS 1.3 needs one.
pub const HC_PSK: u32 = 8;
/// The certificate or private key of this side does not load, or they do not belong together.
pub const HC_IDENTITY: u32 = 9;
/// The roots contain no certificate, or one that does not parse.
pub const HC_ROOTS: u32 = 10;
/// The text is not a pin: `sha256/` and base64, or hex.
pub const HC_PIN: u32 = 11;
/// The server name is missing where roots decide, or is neither a DNS name nor an IP address.
pub const HC_NAME: u32 = 12;
/// The buffer is too small; the length that is needed was written.
pub const HC_SPACE: u32 = 13;
/// A value that this function does not know, or that this build of the library does not have.
pub const HC_UNSUPPORTED: u32 = 14;
/// Nothing says which peer is trusted: no pre-shared key, pin or root was configured.
pub const HC_NO_TRUST: u32 = 15;
/// The saved session is damaged, or of another version of this library.
pub const HC_SESSION: u32 = 16;
/// The secret of tickets has fewer than 32 bytes, or all its bytes are the same: it was never filled in.
pub const HC_SECRET: u32 = 17;

/// The faults with a detail: flood, certificate, alert of the peer, misuse, internal, signer.
const DETAILED: [Code; 6] = [12, 40, 42, 48, 49, 58];

/// The code of a fault.
pub(crate) fn of_fault(code: FaultCode) -> Code {
    let [number, first_part] = code.numbers().map(Code::from);
    let detail = if DETAILED.contains(&number) { first_part } else { 0 };
    (number << 8) | detail
}

/// The outcome of a call of the engine, as a code.
pub(crate) fn outcome(result: Result<(), FaultCode>) -> Result<(), Code> {
    result.map_err(of_fault)
}

/// A fault in this library's own lists, where the connection cannot name one.
pub(crate) fn bug() -> Code {
    of_fault(Fault::Internal(Internal::Bug).code())
}

#[cfg(test)]
mod tests {
    use handclasp_codec::AlertDescription;
    use handclasp_report::{CertificateFault, Flood, Misuse, SignerFault};

    use super::*;

    /// The encoding of reports gives each fault its number.
    #[test]
    fn faults_with_a_detail_have_the_numbers_of_reports() {
        let detailed = [
            Fault::Flood(Flood::EmptyRecords),
            Fault::Certificate(CertificateFault::Expired),
            Fault::PeerAlert(AlertDescription::access_denied),
            Fault::Misuse(Misuse::Closed),
            Fault::Internal(Internal::Bug),
            Fault::SignerFailed(SignerFault::Failed),
        ];
        assert_eq!(detailed.map(|fault| Code::from(fault.code().numbers()[0])), DETAILED);
    }
}
