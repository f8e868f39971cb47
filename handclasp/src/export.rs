//! Keying material for the application, and why there is none.

use handclasp_report::{Fault, Input, Misuse};

use crate::{Error, Stream, misuse, transport::Transport};

impl<T: Transport> Stream<T> {
    /// Keying material for the application (RFC 8446 §7.5, RFC 5705).
    ///
    /// # Errors
    /// TLS 1.2 without extended_master_secret, or a length beyond what the RFC permits.
    pub fn export(&self, label: &[u8], context: Option<&[u8]>, out: &mut [u8]) -> Result<(), Error> {
        let report = self.connection.report();
        self.connection.export(label, context, out).map_err(|fault| match fault {
            Fault::Misuse(Misuse::InvalidInput(Input::ExportLength)) => {
                Error::misuse(misuse::export_length(out.len(), self.most_exported()), report)
            }
            Fault::Misuse(Misuse::InvalidInput(Input::ExportLabel)) => {
                Error::misuse(misuse::export_label(label, context), report)
            }
            other => Error::from_fault(other, report),
        })
    }

    /// Bytes that the suite's hash permits to export (RFC 5869 §2.3).
    fn most_exported(&self) -> usize {
        let chosen = self.connected().suite;
        let suite = self.config.handshake.suites.iter().find(|suite| suite.id == chosen);
        suite.map_or(0, |suite| suite.hash.output_len() * 255)
    }
}
