//! What a client offers, row by row.

use handclasp::ProtocolVersion;
use handclasp_codec::{ClientHello, HandshakeType};
use handclasp_explain::{Diagnosis, Side};
use handclasp_report::Named;

use crate::{
    facts::printable,
    rows::{Rows, list},
};

/// The rows; nothing where there is no ClientHello that decodes.
pub fn text(diagnosis: &Diagnosis) -> String {
    let mut rows = Rows::new();
    if let Some(hello) = diagnosis.conversation.client_hello() {
        let bytes = diagnosis.conversation.first(Side::Client, HandshakeType::client_hello);
        let bytes = bytes.map_or(0, |found| found.message.bytes.len());
        offers(&mut rows, &hello, bytes);
    }
    rows.text()
}

fn offers(rows: &mut Rows, hello: &ClientHello<'_>, bytes: usize) {
    let extensions = &hello.extensions;
    let versions: Vec<ProtocolVersion> = match &extensions.supported_versions {
        Some(list) => list.versions.iter().collect(),
        None => vec![hello.legacy_version],
    };
    rows.row(
        "versions",
        list(versions.iter().filter(|version| !version.is_grease()).map(|version| Named(*version))),
    );
    rows.row("cipher suites", list(hello.cipher_suites.iter().filter(|suite| !suite.is_grease())));
    let groups = extensions.supported_groups.map(|list| list.named_group_list).unwrap_or_default();
    rows.row("groups", list(groups.iter().filter(|group| !group.is_grease())));
    if let Some(key_share) = &extensions.key_share {
        let shares = key_share.client_shares.iter().map(|share| share.group);
        rows.row("key shares", list(shares.filter(|group| !group.is_grease())));
    }
    let schemes = extensions.signature_algorithms.map(|list| list.supported_signature_algorithms);
    rows.row(
        "signature schemes",
        list(schemes.unwrap_or_default().iter().filter(|scheme| !scheme.is_grease())),
    );
    let name = extensions.server_name.and_then(|list| list.host_name());
    rows.row("server_name", list(name.map(printable)));
    let protocols = extensions.application_layer_protocol_negotiation;
    let protocols = protocols.map(|list| list.protocol_name_list).unwrap_or_default();
    rows.row("ALPN", list(protocols.iter().map(|name| printable(name.0))));
    rows.row("extensions", list(extensions.types().filter(|extension| !extension.is_grease())));
    rows.row("ClientHello", format!("{bytes} bytes"));
}
