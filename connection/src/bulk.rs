//! Bulk data: records that came together are read together. What is decrypted for it and not lent out waits in
//! `inbound::behind`. The main loop counts records by itself: a function for both costs devices a hundred bytes.

use handclasp_codec::ContentType;
use handclasp_report::Flood;

use crate::{Connection, inbound::Record};

impl Connection {
    /// Decrypts the records behind the content that can be read, as far as they came and carry application data:
    /// [`Connection::readable`] then returns the content of all of them. What else came is processed, and a fault
    /// returned, once that content is consumed, as without this call.
    pub fn gather(&mut self) {
        while !self.ended && self.inbound.may_lend_more() {
            match self.inbound.next_record(self.core.machine.version(), false) {
                Ok(None) => return,
                Ok(Some(Record {
                    content_type: ContentType::application_data,
                    content,
                    protected: true,
                })) if content.is_empty() => {
                    if let Err(code) = self.budget.spend(Flood::EmptyRecords) {
                        self.inbound.keep_behind(Err(code));
                    }
                }
                Ok(Some(Record {
                    content_type: ContentType::application_data,
                    content,
                    protected: true,
                })) => {
                    self.budget.application_data();
                    self.inbound.lend_more(content);
                }
                Ok(Some(record)) => self.inbound.keep_behind(Ok(record)),
                Err(code) => self.inbound.keep_behind(Err(code)),
            }
        }
    }

    /// Gives back what bulk data made the receive buffer grow by, also where the beginning of a record is in it.
    pub fn shrink_buffers(&mut self) {
        self.inbound.shrink();
    }
}
