//! A server's pre-shared keys by identity: a client names up to 16, and a server may have many thousands.

use std::{collections::HashMap, ops::Deref, sync::Arc};

use handclasp_codec::{Decode as _, Field, ImportedIdentity, ProtocolVersion};
use handclasp_trust::Psk;

use super::PskEntry;

/// The keys, in the order in which they were given, and an index of them.
#[derive(Default)]
pub(crate) struct PskTable {
    keys: Vec<Arc<Psk>>,
    /// Places in `keys`. One identity may have a key for each version, or for each context.
    places: HashMap<Box<[u8]>, Vec<usize>>,
}

impl From<Vec<Arc<Psk>>> for PskTable {
    fn from(keys: Vec<Arc<Psk>>) -> Self {
        let mut places: HashMap<Box<[u8]>, Vec<usize>> = HashMap::new();
        for (place, key) in keys.iter().enumerate() {
            places.entry(key.identity().into()).or_default().push(place);
        }
        Self { keys, places }
    }
}

impl Deref for PskTable {
    type Target = [Arc<Psk>];
    fn deref(&self) -> &[Arc<Psk>] {
        &self.keys
    }
}

impl PskTable {
    /// The key that a client names, in the form that goes into a handshake of that version.
    pub(crate) fn named(&self, identity: &[u8], version: ProtocolVersion) -> Option<PskEntry<'_>> {
        self.find(identity, version).map(|(_, entry)| entry)
    }

    /// The key that a client named.
    pub(crate) fn key(&self, identity: &[u8], version: ProtocolVersion) -> Option<&Psk> {
        self.find(identity, version).map(|(key, _)| key)
    }

    fn find(&self, identity: &[u8], version: ProtocolVersion) -> Option<(&Psk, PskEntry<'_>)> {
        let imported = || ImportedIdentity::from_bytes(identity, Field::imported_identity).ok();
        self.find_called(identity, identity, version)
            .or_else(|| self.find_called(imported()?.external_identity, identity, version))
    }

    /// Of the keys with the identity `name` the first one that a client calls `identity`.
    fn find_called(
        &self,
        name: &[u8],
        identity: &[u8],
        version: ProtocolVersion,
    ) -> Option<(&Psk, PskEntry<'_>)> {
        let keys = self.places.get(name)?.iter().filter_map(|place| self.keys.get(*place));
        keys.map(|key| &**key).find_map(|key| Some((key, PskEntry::named(key, identity, version)?)))
    }
}
