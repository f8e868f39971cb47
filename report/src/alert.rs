//! The alert that follows from a fault. `None`: nothing is sent. Most alerts follow from the variant and stand
//! in the table of faults (`encode/faults.rs`); the rest is decided here.

use handclasp_codec::{AlertDescription as Alert, ProtocolVersion};

use crate::{CertificateFault, Fault, FaultCode, Misuse};

// Numbers of variants with more than one alert.
const DECODE: u8 = 1;
const CERTIFICATE: u8 = 40;
const MISUSE: u8 = 48;
const NO_CERTIFICATE: u8 = 51;
/// The number of [`handclasp_codec::Problem::NotLast`].
const NOT_LAST: u8 = 7;

impl FaultCode {
    /// The alert to send, always fatal except close_notify and user_canceled.
    pub fn alert(self) -> Option<Alert> {
        let [number, first_part, .., problem] = self.bytes();
        let tls13 = Fault::NoCertificate { version: ProtocolVersion::TLS_1_3 }.code();
        match number {
            // It reads well and stands in the wrong place (RFC 8446 §4.2.11).
            DECODE if problem == NOT_LAST => Some(Alert::illegal_parameter),
            // RFC 8446 §4.4.2.4; RFC 5246 §7.4.6.
            NO_CERTIFICATE if self == tls13 => Some(Alert::certificate_required),
            CERTIFICATE => CertificateFault::usual_alert(first_part),
            MISUSE => Misuse::usual_alert(first_part),
            _ => Fault::usual_alert(number),
        }
    }
}

impl Fault {
    /// The alert to send, always fatal except close_notify and user_canceled.
    pub fn alert(&self) -> Option<Alert> {
        self.code().alert()
    }
}

impl CertificateFault {
    /// The alert of RFC 8446 §6.2.
    pub fn alert(&self) -> Alert {
        Fault::Certificate(*self).alert().unwrap_or(Alert::internal_error)
    }
}

#[cfg(test)]
mod tests {
    use handclasp_codec::{Field, Problem};

    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_table() {
        let (within, field, problem) = (Field::record, Field::alert, Problem::NotLast);
        let decode = Fault::Decode { within, field, problem, offset: u32::MAX };
        let [number, .., last] = decode.code().bytes();
        assert_eq!((number, last), (DECODE, NOT_LAST));
        let number = |fault: Fault| fault.code().numbers()[0];
        assert_eq!(number(Fault::Certificate(CertificateFault::Expired)), CERTIFICATE);
        assert_eq!(number(Fault::Misuse(Misuse::Closed)), MISUSE);
        assert_eq!(number(Fault::NoCertificate { version: ProtocolVersion::TLS_1_2 }), NO_CERTIFICATE);
    }

    #[test]
    fn what_does_not_parse_and_what_stands_in_the_wrong_place() {
        let alert = |problem| {
            let (within, field) = (Field::client_hello, Field::extension_type);
            Fault::Decode { within, field, problem, offset: 90 }.alert()
        };
        assert_eq!(alert(Problem::NotLast), Some(Alert::illegal_parameter));
        assert_eq!(alert(Problem::Trailing), Some(Alert::decode_error));
    }
}
