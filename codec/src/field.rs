//! Names of wire fields, as the RFCs spell them. A field is a number inside the program and
//! in a report; its text is linked only where somebody asks for it.

macro_rules! fields {
    ($($name:ident),+ $(,)?) => {
        /// A field or structure of the wire, by the RFC's own name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        #[allow(non_camel_case_types, missing_docs, reason = "the names are the RFCs' own")]
        pub enum Field { $($name),+ }

        impl Field {
            const ALL: &[Self] = &[$(Self::$name),+];

            /// The RFC's name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// The number used in reports: the place in this file's list. New names go last.
            #[allow(clippy::as_conversions, reason = "the discriminant of a repr(u16) enum")]
            pub fn number(self) -> u16 {
                self as u16
            }

            /// The field of that number.
            pub fn from_number(number: u16) -> Option<Self> {
                Self::ALL.get(usize::from(number)).copied()
            }
        }
    };
}

fields! {
    // record
    record, content_type, legacy_record_version, length, fragment,
    // handshake header
    handshake, msg_type, body,
    // hellos
    client_hello, server_hello, hello_retry_request, legacy_version, random, legacy_session_id,
    cipher_suites, cipher_suite, legacy_compression_methods, compression_method,
    legacy_session_id_echo, extensions, extension, extension_type, extension_data,
    // alert
    alert, level, description,
}
