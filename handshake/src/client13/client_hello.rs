//! What a ClientHello that offers TLS 1.3 has beside what both versions have (RFC 8446 §4.2).

use handclasp_codec::{ExtensionType as Type, Field, ProtocolVersion};
use handclasp_crypto::Digest;
use handclasp_report::{Failed, Fault, Internal, Report};

use crate::{
    Config, capability,
    client::{Hello, Offer},
    extensions::Block,
};

/// The extensions of TLS 1.3 in the order of the wire.
pub(super) fn extensions(hello: &Hello<'_>, block: &mut Block<'_, '_>) {
    let has_keys = has_keys(hello);
    supported_versions(hello, block);
    cookie(hello, block);
    if hello.wants_tickets() || has_keys {
        psk_key_exchange_modes(hello, block);
    }
    certificate_authorities(hello, block);
    key_share(hello, block);
    // The last one (RFC 8446 §4.2.11).
    if has_keys {
        pre_shared_key(hello, block);
    }
}

fn supported_versions(hello: &Hello<'_>, block: &mut Block<'_, '_>) {
    block.extension(Type::supported_versions, |content| {
        content.vector8(Field::versions, |list| {
            list.word(ProtocolVersion::TLS_1_3);
            if hello.offer.tls12 {
                list.word(ProtocolVersion::TLS_1_2);
            }
        });
    });
}

fn cookie(hello: &Hello<'_>, block: &mut Block<'_, '_>) {
    let Some(cookie) = &hello.offer.cookie else { return };
    block.extension(Type::cookie, |content| content.opaque16(Field::cookie, cookie));
}

/// Without it a server need not give tickets (RFC 8446 §4.2.9).
fn psk_key_exchange_modes(hello: &Hello<'_>, block: &mut Block<'_, '_>) {
    block.extension(Type::psk_key_exchange_modes, |content| {
        content.vector8(Field::ke_modes, |list| {
            let modes = hello.config.extensions.psk_modes(hello.has_groups);
            modes.iter().for_each(|mode| list.word(*mode));
        });
    });
}

fn certificate_authorities(hello: &Hello<'_>, block: &mut Block<'_, '_>) {
    let authorities = hello.certificates().map_or(&[][..], |certificates| &certificates.authorities);
    if !authorities.is_empty() {
        block.extension(Type::certificate_authorities, |content| {
            content.vector16(Field::authorities, |list| {
                authorities.iter().for_each(|name| list.opaque16(Field::distinguished_name, name));
            });
        });
    }
}

/// Empty where a HelloRetryRequest shall tell the group (RFC 8446 §4.2.8).
fn key_share(hello: &Hello<'_>, block: &mut Block<'_, '_>) {
    if hello.has_groups {
        block.extension(Type::key_share, |content| {
            content.vector16(Field::client_shares, |list| {
                for share in hello.offer.shares.iter() {
                    list.word(share.group);
                    list.opaque16(Field::key_exchange, share.private.public());
                }
            });
        });
    }
}

fn pre_shared_key(hello: &Hello<'_>, block: &mut Block<'_, '_>) {
    block.extension(Type::pre_shared_key, |content| {
        content.vector16(Field::identities, |list| {
            for key in hello.offer.keys13(hello.config, hello.now) {
                list.opaque16(Field::identity, key.identity);
                list.u32(key.age);
            }
        });
        content.vector16(Field::binders, |list| {
            for key in hello.offer.keys13(hello.config, hello.now) {
                let zeros = ZEROS.get(..key.hash.output_len()).unwrap_or_default();
                list.opaque8(Field::psk_binder_entry, zeros);
            }
        });
    });
}

/// Whether pre_shared_key is offered.
fn has_keys(hello: &Hello<'_>) -> bool {
    capability::PskOrTicket::ON && hello.offer.keys13(hello.config, hello.now).next().is_some()
}

/// Stands in the binder's place, which is as long as the key's hash, until the rest is written.
const ZEROS: &[u8] = &[0; Digest::MAX];

/// Fills in the binders, which are the end of `message` (RFC 8446 §4.2.11.2): two bytes of
/// length, and each behind one of its own.
pub(super) fn bind(
    offer: &Offer,
    config: &Config,
    now: u64,
    message: &mut [u8],
    report: &mut Report,
) -> Result<(), Failed> {
    fill_in(offer, config, now, message).ok_or_else(|| report.fail(Fault::Internal(Internal::Bug)))
}

/// Nothing where a binder has no place in the message, which was left for it.
fn fill_in(offer: &Offer, config: &Config, now: u64, message: &mut [u8]) -> Option<()> {
    let lengths = offer.keys13(config, now).map(|key| key.hash.output_len().saturating_add(1));
    let binders = lengths.fold(0, usize::saturating_add);
    if binders == 0 {
        return Some(());
    }
    let truncated = message.len().checked_sub(binders.saturating_add(2))?;
    let (partial, binders) = message.split_at_mut_checked(truncated)?;
    let mut rest = binders.get_mut(2..)?;
    for key in offer.keys13(config, now) {
        let transcript_hash = offer.transcript.hash_with(key.hash, partial);
        let binder = key.early_secret().binder(key.kind, &transcript_hash);
        let (place, behind) = rest.split_at_mut_checked(binder.len().saturating_add(1))?;
        place.get_mut(1..)?.copy_from_slice(&binder);
        rest = behind;
    }
    Some(())
}
