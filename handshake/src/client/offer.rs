//! What a client offers, decided once before its first ClientHello, and remembered until the
//! ServerHello has chosen from it. A version is offered by offering one of its suites.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{NamedGroup, ProtocolVersion};
use handclasp_crypto::{Hash, KeyExchange, KeyExchangeAlgorithm, PrivateShare, Suite};
use handclasp_report::{Failed, Fault, Input, Misuse};
use handclasp_schedule::{BinderKind, EarlySecret, Transcript};
use zeroize::Zeroizing;

use crate::{
    ClientStart, ClientVersion, Config, Context, PskHash, Session,
    capability::{self, Built, Held},
    extensions::OfferedExtensions,
    message::{fill_random, share_failed},
    negotiate::is_group12,
    permit,
    versions::check_suites,
};

/// The offer of a ClientHello.
pub(crate) struct Offer {
    /// Whether TLS 1.3 is among it.
    pub(crate) tls13: bool,
    /// Whether TLS 1.2 is among it.
    pub(crate) tls12: bool,
    /// random of the ClientHello.
    pub(crate) random: [u8; 32],
    /// legacy_session_id: random where TLS 1.3 is offered, so that middleboxes see a session
    /// being resumed (RFC 8446 §D.4), and where a ticket of 1.2 is, so that its echo tells that
    /// it was taken (RFC 5077 §3.4); else none.
    pub(crate) session_id: Option<[u8; 32]>,
    /// The name asked for.
    pub(crate) server_name: Option<Vec<u8>>,
    /// The pre-shared key.
    pub(crate) psk: Option<Psk>,
    /// The session to resume.
    pub(crate) session: Option<Session>,
    /// Our halves of key_share.
    pub(crate) shares: Shares,
    /// The hash that a HelloRetryRequest chose, once one came.
    pub(crate) retried: Option<Held<capability::Retry, &'static dyn Hash>>,
    /// The cookie of a HelloRetryRequest (RFC 8446 §4.2.2).
    pub(crate) cookie: Option<Held<capability::Retry, Vec<u8>>>,
    /// The extensions of the last ClientHello.
    pub(crate) extensions: OfferedExtensions,
    /// The messages so far.
    pub(crate) transcript: Transcript,
}

/// A pre-shared key.
pub(crate) struct Psk {
    pub(crate) on: capability::Psk,
    pub(crate) key: Key,
    tls12: bool,
    imported: bool,
    /// The same key imported for another hash.
    also: Option<Held<capability::HostExtensions, Key>>,
}

/// A key with the identity that names it to the server; wiped when dropped.
pub(crate) struct Key {
    pub(crate) identity: Vec<u8>,
    pub(crate) secret: Zeroizing<Vec<u8>>,
    /// Hash that it is bound to in TLS 1.3; `None`: a key of TLS 1.2 alone.
    hash: Option<PskHash>,
}

impl Key {
    fn copy_of(identity: &[u8], secret: &[u8], hash: Option<PskHash>) -> Self {
        Self { identity: Vec::from(identity), secret: Zeroizing::new(Vec::from(secret)), hash }
    }
}

/// One of our halves of a key exchange.
pub(crate) struct Share {
    /// The group that it belongs to.
    pub(crate) group: NamedGroup,
    /// The private half.
    pub(crate) private: Box<dyn PrivateShare>,
}

impl Share {
    /// Makes a pair.
    ///
    /// # Errors
    /// Randomness or library failed.
    pub(crate) fn start(group: &dyn KeyExchange, context: &mut Context<'_>) -> Result<Self, Failed> {
        let private = group.start(context.random);
        let private = private.map_err(|error| share_failed(error, group.group(), context.report))?;
        Ok(Self { group: group.group(), private })
    }
}

/// Our halves of key_share. Most hellos have one, which takes no allocation of its own.
#[derive(Default)]
pub(crate) struct Shares {
    first: Option<Share>,
    others: Vec<Share>,
}

impl Shares {
    /// Adds a share behind the others.
    pub(crate) fn push(&mut self, share: Share) {
        match &self.first {
            None => self.first = Some(share),
            Some(_) => self.others.push(share),
        }
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Share> {
        self.first.iter().chain(&self.others)
    }

    /// Takes the share in a group out.
    pub(crate) fn take(&mut self, group: NamedGroup) -> Option<Share> {
        let first = self.first.take_if(|share| share.group == group);
        first.or_else(|| {
            let place = self.others.iter().position(|share| share.group == group)?;
            Some(self.others.swap_remove(place))
        })
    }
}

impl Offer {
    /// Decides what to offer.
    ///
    /// # Errors
    /// [`Misuse::VersionNotListed`], [`Misuse::NothingToOffer`], [`Misuse::InvalidInput`], or
    /// randomness failed.
    pub(crate) fn new(context: &mut Context<'_>, start: ClientStart<'_>) -> Result<Box<Self>, Failed> {
        let config = context.config;
        check_suites(context, |number| ClientVersion::find(config, number).is_some())?;
        permit::client(context, &start)?;
        check(context, &start)?;
        let psk = start.psk.zip(capability::Psk::get()).map(|(psk, on)| Psk {
            on,
            key: Key::copy_of(psk.identity, psk.secret, psk.tls13),
            tls12: psk.tls12,
            imported: psk.imported,
            also: psk
                .also
                .zip(capability::HostExtensions::get())
                .map(|(also, on)| on.hold(Key::copy_of(also.identity, also.secret, Some(also.hash)))),
        });
        let mut offer = Box::new(Self {
            tls13: false,
            tls12: false,
            random: [0; 32],
            session_id: None,
            server_name: start.server_name.map(|name| Vec::from(name.as_bytes())),
            psk,
            session: start.session.map(Session::duplicate),
            shares: Shares::default(),
            retried: None,
            cookie: None,
            extensions: OfferedExtensions::default(),
            transcript: Transcript::new(),
        });
        fill_random(context, &mut offer.random)?;
        offer.keep_useful_session(context);
        for version in context.config.versions.client {
            if offer.suites(context.config).any(|suite| suite.version() == version.number()) {
                version.entry().prepare(&mut offer, context)?;
            }
        }
        match offer.tls13 || offer.tls12 {
            true => Ok(offer),
            false => Err(context.fail(Fault::Misuse(Misuse::NothingToOffer))),
        }
    }

    /// The suites on offer, in order.
    pub(crate) fn suites<'c>(&'c self, config: &'c Config) -> impl Iterator<Item = &'static Suite> + 'c {
        config.suites.iter().copied().filter(|suite| self.offers(config, suite))
    }

    /// Whether a suite of the configuration is on offer: the handshake could come to an end with it.
    /// A client with a pre-shared key authenticates by it alone, so that it offers the suites
    /// that the key can be used with and no others; without one it must be able to verify.
    fn offers(&self, config: &Config, suite: &Suite) -> bool {
        let psk = self.psk.as_ref();
        let certificates = psk.is_none() && !config.verify.is_empty();
        let psk12 = psk.is_some_and(|psk| psk.tls12);
        let ecdhe12 = || config.groups.iter().any(|group| is_group12(group.group()));
        match suite.exchange {
            KeyExchangeAlgorithm::Tls13 => {
                // RFC 8446 §4.2.11: a key is bound to the hash of the suite.
                let by_psk = psk.is_some_and(|psk| psk.has_key13(suite.hash));
                match config.groups.is_empty() {
                    true => by_psk && config.extensions.psk_ke,
                    false => certificates || by_psk,
                }
            }
            KeyExchangeAlgorithm::Ecdhe(_) => certificates && ecdhe12(),
            KeyExchangeAlgorithm::Psk => psk12,
            KeyExchangeAlgorithm::EcdhePsk => psk12 && ecdhe12(),
        }
    }

    /// The suite of that number, if it was offered.
    pub(crate) fn suite(
        &self,
        config: &Config,
        version: ProtocolVersion,
        number: handclasp_codec::CipherSuite,
    ) -> Option<&'static Suite> {
        self.suites(config).find(|suite| suite.id == number && suite.version() == version)
    }

    /// legacy_session_id.
    pub(crate) fn session_id(&self) -> &[u8] {
        self.session_id.as_ref().map_or(&[], |id| id.as_slice())
    }

    /// What pre_shared_key offers, in order.
    pub(crate) fn keys13<'o>(&'o self, config: &'o Config, now: u64) -> impl Iterator<Item = Key13<'o>> {
        SOURCES.iter().filter_map(move |source| self.key13(config, now, *source))
    }

    /// The key from a source, if it is offered.
    fn key13<'o>(&'o self, config: &Config, now: u64, source: Source) -> Option<Key13<'o>> {
        let external =
            |key: &'o Key, kind| (key.identity.as_slice(), key.secret.as_slice(), key.hash, 0, kind);
        let (identity, secret, hash, age, kind) = match (source, &self.psk) {
            (Source::Session, _) => {
                let session = self.session_of(ProtocolVersion::TLS_1_3)?;
                let hash = PskHash::of(session.suite_of(config)?.hash);
                let age = session.obfuscated_age(now);
                (session.ticket.as_slice(), session.secret.expose(), hash, age, BinderKind::Resumption)
            }
            (Source::Psk, Some(psk)) => external(&psk.key, psk.binder_kind()),
            (Source::AlsoPsk, Some(psk)) => external(psk.also.as_ref()?, psk.binder_kind()),
            (Source::Psk | Source::AlsoPsk, None) => return None,
        };
        let hash = hash?;
        // What a HelloRetryRequest has ruled out by its suite is not offered again (RFC 8446 §4.1.4).
        if self.retried.as_ref().is_some_and(|retried| !hash.is(**retried)) {
            return None;
        }
        let fits = |suite: &&Suite| suite.exchange == KeyExchangeAlgorithm::Tls13 && hash.is(suite.hash);
        let hash = self.suites(config).find(fits)?.hash;
        Some(Key13 { identity, secret, hash, age, kind })
    }

    /// The session where it is one of TLS 1.2.
    pub(crate) fn session12(&self) -> Option<&Session> {
        self.session_of(ProtocolVersion::TLS_1_2)
    }

    fn session_of(&self, version: ProtocolVersion) -> Option<&Session> {
        self.session.as_ref().filter(|session| session.version == version)
    }

    /// Passes over a session that is not for this connection.
    fn keep_useful_session(&mut self, context: &Context<'_>) {
        let fits = |session: &Session| {
            let same_hash = |suite: &Suite| match session.suite_of(context.config) {
                Some(ours) => ours.hash.output_len() == suite.hash.output_len(),
                None => false,
            };
            session.server_name == self.server_name
                && session.trust_generation == context.config.resumption.trust_generation
                && session.is_fresh(context.now)
                && self.suites(context.config).any(|suite| match session.version {
                    ProtocolVersion::TLS_1_2 => suite.id == session.suite,
                    version => suite.version() == version && same_hash(suite),
                })
        };
        if !self.session.as_ref().is_some_and(fits) {
            self.session = None;
        }
    }
}

/// Where the keys of pre_shared_key come from, in the order of the offer.
const SOURCES: &[Source] = &[Source::Session, Source::Psk, Source::AlsoPsk];

#[derive(Clone, Copy)]
enum Source {
    /// The session to resume.
    Session,
    /// The pre-shared key.
    Psk,
    /// The same key, imported for another hash.
    AlsoPsk,
}

/// A pre-shared key of TLS 1.3 as it is offered.
pub(crate) struct Key13<'o> {
    /// Its identity: a ticket, or a name.
    pub(crate) identity: &'o [u8],
    secret: &'o [u8],
    /// What it is bound to.
    pub(crate) hash: &'static dyn Hash,
    /// obfuscated_ticket_age.
    pub(crate) age: u32,
    /// Whether it is an external key, an imported one or a session's.
    pub(crate) kind: BinderKind,
}

impl Key13<'_> {
    /// The first stage of the key schedule with this key.
    pub(crate) fn early_secret(&self) -> EarlySecret {
        EarlySecret::new(self.hash, Some(self.secret))
    }
}

impl Psk {
    /// Whether there is a key for that hash in TLS 1.3.
    fn has_key13(&self, wanted: &dyn Hash) -> bool {
        let also = self.also.as_ref().and_then(|also| also.hash);
        [self.key.hash, also].into_iter().flatten().any(|hash| hash.is(wanted))
    }

    /// What its binder says about where it comes from.
    fn binder_kind(&self) -> BinderKind {
        if self.imported { BinderKind::Imported } else { BinderKind::External }
    }
}

/// Whether the caller's values can stand in their places on the wire.
fn check(context: &mut Context<'_>, start: &ClientStart<'_>) -> Result<(), Failed> {
    match unfit(context.config, start) {
        None => Ok(()),
        Some(input) => Err(context.fail(Fault::Misuse(Misuse::InvalidInput(input)))),
    }
}

/// The first value that cannot.
fn unfit(config: &Config, start: &ClientStart<'_>) -> Option<Input> {
    let fits = |least: usize, bytes: &[u8]| (least..=usize::from(u16::MAX)).contains(&bytes.len());
    if !start.server_name.is_none_or(is_host_name) {
        return Some(Input::ServerName);
    }
    if let Some(psk) = &start.psk {
        let also = psk.also.filter(|_| capability::HostExtensions::ON);
        // An identity may be empty in TLS 1.2 (RFC 4279 §2), not in 1.3 (RFC 8446 §4.2.11).
        let least = usize::from(psk.tls13.is_some());
        if !fits(least, psk.identity) || also.is_some_and(|also| !fits(1, also.identity)) {
            return Some(Input::PskIdentity);
        }
        if !fits(1, psk.secret) || also.is_some_and(|also| !fits(1, also.secret)) {
            return Some(Input::PskKey);
        }
    }
    let alpn_fits = |name: &Vec<u8>| (1..=usize::from(u8::MAX)).contains(&name.len());
    let all_fit = !capability::HostExtensions::ON || config.alpn.iter().all(alpn_fits);
    (!all_fit).then_some(Input::Alpn)
}

/// A name for server_name (RFC 6066 §3): A-labels, no dot at the end, no address. Underscores
/// are no host name's (RFC 952), yet names with them are in use.
fn is_host_name(name: &str) -> bool {
    // Of the label under way. By hand: splitting costs devices a kilobyte.
    let mut length = 0_usize;
    let mut only_digits = true;
    for byte in name.bytes() {
        match byte {
            b'.' if length == 0 => return false,
            b'.' => (length, only_digits) = (0, true),
            b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                length = length.saturating_add(1);
                only_digits &= byte.is_ascii_digit();
            }
            _ => return false,
        }
        if length > 63 {
            return false;
        }
    }
    // A last label of digits makes it an IPv4 address; the colons of IPv6 are in no label.
    name.len() <= 253 && length > 0 && !only_digits
}
