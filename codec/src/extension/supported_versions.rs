//! supported_versions: RFC 8446 §4.2.1.

use crate::{List, ProtocolVersion, structure::structure};

structure! {
    /// Content of supported_versions in a ClientHello.
    #[derive(Copy)]
    SupportedVersions<'a> {
        /// In order of preference.
        versions: List<'a, ProtocolVersion> => words8(2..=254),
    }
}

structure! {
    /// Content of supported_versions in a ServerHello or HelloRetryRequest.
    SelectedVersion {
        /// Negotiated version; it overrides legacy_version.
        selected_version: ProtocolVersion => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn versions() {
        let versions = [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2];
        known!(SupportedVersions<'_>, SupportedVersions { versions: List::of(&versions) }, "04 0304 0303");
        let selected_version = ProtocolVersion::TLS_1_3;
        known!(SelectedVersion, SelectedVersion { selected_version }, "0304");
        fails!(SupportedVersions<'_>, "03 030403", Problem::NotWhole, [_, _, 0], 1);
    }
}
