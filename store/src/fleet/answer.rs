//! The answers to what handshakes need.

use handclasp::{
    CertificateType, Error, LateNeed, PeerCertificateNeed, ProtocolVersion, Psk, PskNeed, PskUse,
    ResumeRefusal, ResumptionNeed,
    codec::{Decode, Field, ImportedIdentity, KdfIdentifier},
    tokio::AnswerNeeds,
    trust::certificate,
};
use handclasp_provider_aws_lc::SHA256;

use super::{Fleet, Found, Inner, operation::Operation};
use crate::{Fields, RecordKind, Store, hex, psk, time::now};

impl<S: Store> AnswerNeeds for Fleet<S> {
    async fn answer(&self, need: LateNeed<'_>) -> Result<(), Error> {
        self.begin().await;
        match need {
            LateNeed::Psk(need) => self.0.psk(need).await,
            LateNeed::PeerCertificate(need) => self.0.client(need).await,
            LateNeed::Resumption(need) => self.0.resumption(need).await,
            // The configuration leaves no other need open.
            _ => Ok(()),
        }
    }
}

impl<S: Store> Inner<S> {
    async fn psk(&self, need: PskNeed<'_>) -> Result<(), Error> {
        let version = need.version();
        let identities: Vec<Vec<u8>> = need.identities().map(<[u8]>::to_vec).collect();
        let mut is_away = false;
        for identity in &identities {
            let Some(name) = psk::name(identity) else { continue };
            let fields = match self.find(RecordKind::Psk, &name).await {
                Found::Known(fields) => fields,
                Found::Unknown => continue,
                Found::Unavailable => {
                    is_away = true;
                    continue;
                }
            };
            if is_revoked(&fields) {
                continue;
            }
            match psk::psk(&name, &fields, self.options.key.as_ref()) {
                Ok(psk) if names(identity, &psk, version) => return need.answer(&psk),
                // For the other version.
                Ok(_) => {}
                Err(why) => self.wrong(RecordKind::Psk, &name, why),
            }
        }
        // A client whose key may be in order must not hear that it is unknown.
        if is_away { need.unavailable() } else { need.unknown() }
    }

    /// A client whose pin is in the store, or that the configuration trusts.
    async fn client(&self, need: PeerCertificateNeed<'_>) -> Result<(), Error> {
        let key = match (need.certificate_type(), need.chain().first()) {
            (CertificateType::RawPublicKey, Some(key)) => certificate::raw_key_and_pin(key, SHA256),
            (_, Some(leaf)) => certificate::key_and_pin(leaf, SHA256),
            (_, None) => None,
        };
        let Some((_, pin)) = key else { return need.accept_if_configured() };
        match self.find(RecordKind::Client, pin.to_string().as_bytes()).await {
            Found::Known(fields) if is_revoked(&fields) => need.deny(),
            Found::Known(_) => need.accept(),
            Found::Unknown => need.accept_if_configured(),
            // The store may have revoked a client that other trust accepts.
            Found::Unavailable if self.is_stale() => need.deny(),
            Found::Unavailable => need.accept_if_configured(),
        }
    }

    async fn resumption(&self, need: ResumptionNeed<'_>) -> Result<(), Error> {
        let client = need
            .peer()
            .filter(|_| self.options.clients)
            .map(|pin| (RecordKind::Client, pin.to_string().into()));
        let psk = need.psk_identity().filter(|_| self.options.psks);
        let psk = psk.map(|identity| (RecordKind::Psk, psk::name(identity).unwrap_or_default()));
        for (kind, name) in client.into_iter().chain(psk) {
            match self.find(kind, &name).await {
                Found::Known(fields) if !is_revoked(&fields) && !is_older(need.authenticated(), &fields) => {}
                // A client that other trust accepts is not in the store: the full handshake decides.
                Found::Known(_) | Found::Unknown => return need.refuse(ResumeRefusal::Revoked),
                Found::Unavailable => return need.refuse(ResumeRefusal::Unavailable),
            }
        }
        let Some((id, until)) = need.single_use().map(|(id, until)| (hex::encode(id.as_ref()), until)) else {
            return need.resume();
        };
        let fields = Fields::default().with("at", now().to_string());
        // Another server, whose clock is behind, opens the ticket for longer.
        let until = until.saturating_add(CLOCKS_DIFFER);
        let redeeming = self.store.insert_new(RecordKind::UsedTicket, id.as_bytes(), &fields, until);
        match self.call(Operation::Write(RecordKind::UsedTicket), redeeming).await {
            Ok(true) => need.resume(),
            Ok(false) => need.refuse(ResumeRefusal::Used),
            Err(_) => need.refuse(ResumeRefusal::Unavailable),
        }
    }
}

/// Whether a person wrote so into the record, in place of removing it.
fn is_revoked(fields: &Fields) -> bool {
    fields.get("revoked").is_some()
}

/// How far the clocks of servers and of the machine that writes records may differ, in seconds.
const CLOCKS_DIFFER: u64 = 300;

/// Whether a session may have begun before the record was made or its key replaced, as far as the record says when. A
/// time that is not a number is that of every session.
fn is_older(authenticated: u64, fields: &Fields) -> bool {
    let Some(since) = fields.get("since") else { return false };
    since.trim().parse::<u64>().map_or(true, |since| authenticated <= since.saturating_add(CLOCKS_DIFFER))
}

/// Whether that is what a client calls the key in this version.
fn names(identity: &[u8], psk: &Psk, version: ProtocolVersion) -> bool {
    if !psk.usage().serves(version) {
        return false;
    }
    if psk.usage() != PskUse::Imported {
        return psk.identity() == identity;
    }
    let has_hash = |kdf| [KdfIdentifier::HKDF_SHA256, KdfIdentifier::HKDF_SHA384].contains(&kdf);
    ImportedIdentity::from_bytes(identity, Field::imported_identity).is_ok_and(|named| {
        named.external_identity == psk.identity()
            && named.context == psk.context()
            && has_hash(named.target_kdf)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TLS12: ProtocolVersion = ProtocolVersion::TLS_1_2;
    const TLS13: ProtocolVersion = ProtocolVersion::TLS_1_3;

    fn key(usage: PskUse) -> Psk {
        Psk::from_bytes("device-7", usage, b"sixteen letters!").unwrap()
    }

    #[test]
    fn a_key_has_one_name_in_each_version_that_it_serves() {
        for (usage, in_12, in_13) in [
            (PskUse::Tls12, true, false),
            (PskUse::Tls13Sha256, false, true),
            (PskUse::BothVersions, true, true),
            (PskUse::Imported, false, false),
        ] {
            let named = [TLS12, TLS13].map(|version| names(b"device-7", &key(usage), version));
            assert_eq!(named, [in_12, in_13], "{usage:?}");
            assert!(!names(b"device-8", &key(usage), TLS13));
        }
        // RFC 9258 §3: external_identity, context, target_protocol, target_kdf; HKDF_SHA256 is 1, HKDF_SHA384 is 2.
        let imported = key(PskUse::Imported).with_context("fleet");
        for (identity, is_named) in [
            (&b"\x00\x08device-7\x00\x05fleet\x03\x04\x00\x01"[..], true),
            (b"\x00\x08device-7\x00\x05fleet\x03\x04\x00\x02", true),
            (b"\x00\x08device-7\x00\x05fleet\x03\x04\x00\x09", false),
            (b"\x00\x08device-7\x00\x05other\x03\x04\x00\x01", false),
            (b"\x00\x08device-8\x00\x05fleet\x03\x04\x00\x01", false),
        ] {
            assert_eq!(names(identity, &imported, TLS13), is_named, "{identity:?}");
        }
    }
}
