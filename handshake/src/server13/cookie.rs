//! The cookie of a HelloRetryRequest, in which the client returns the state of the first ClientHello
//! (RFC 8446 §4.2.2): its hash, and the parameters that were settled. Any server with the key can
//! continue from the second hello.

use alloc::vec::Vec;

use handclasp_codec::{CipherSuite, ClientHelloView, ExtensionType, Field, NamedGroup};
use handclasp_crypto::{Digest, Suite, equal};
use handclasp_report::{Failed, Fault};
use handclasp_schedule::Transcript;

use super::retry::{self, Retry};
use crate::{Context, capability};

/// Version of the cookie's layout.
const LAYOUT: u8 = 1;

/// Layout, suite, group, whether a key was chosen, the time.
const HEAD: usize = 1 + 2 + 2 + 1 + 8;

/// Seconds within which the second hello must arrive: longer than any deadline of a handshake, too
/// short to collect cookies.
const LIFETIME: u64 = 120;

/// Makes a cookie, if the configuration has a key.
pub(super) fn make(context: &Context<'_>, retry: &Retry, client_hello: &Digest) -> Option<Vec<u8>> {
    capability::StatelessRetry::get()?;
    let key = context.config.extensions.cookie_secret.as_ref()?;
    let mut cookie = Vec::from([LAYOUT]);
    cookie.extend_from_slice(&retry.suite.id.0.to_be_bytes());
    cookie.extend_from_slice(&retry.group.group().0.to_be_bytes());
    cookie.push(u8::from(retry.psk));
    cookie.extend_from_slice(&context.now.to_be_bytes());
    cookie.extend_from_slice(client_hello);
    let tag = authenticate(retry.suite, key.expose(), &cookie);
    cookie.extend_from_slice(&tag);
    Some(cookie)
}

fn authenticate(suite: &Suite, key: &[u8], content: &[u8]) -> Digest {
    let mut tag = [0; Digest::MAX];
    suite.hash.hmac(key, &[b"handclasp cookie\0", content], &mut tag);
    Digest::new(tag.get(..suite.hash.output_len()).unwrap_or_default())
}

/// Whether a hello continues from a cookie.
pub(super) fn is_carried(context: &Context<'_>, hello: ClientHelloView<'_>) -> bool {
    context.config.extensions.is_stateless() && hello.offers(ExtensionType::cookie)
}

/// Goes on from the cookie in a second ClientHello. Returns what the HelloRetryRequest has settled,
/// and the transcript behind it.
///
/// # Errors
/// No cookie, one that is not ours or too old.
pub(super) fn resume(
    context: &mut Context<'_>,
    second: ClientHelloView<'_>,
) -> Result<(Retry, Transcript), Failed> {
    let Some(cookie) = second.list(ExtensionType::cookie, 2) else {
        return Err(context.fail(Fault::MissingExtension(ExtensionType::cookie)));
    };
    let Some((retry, client_hello)) = read(context, cookie) else {
        return Err(context.fail(Fault::IllegalParameter(Field::cookie)));
    };
    // The transcript as it stood after the HelloRetryRequest, which is written once more.
    let mut transcript = Transcript::of_first_hello(retry.suite.hash, &client_hello);
    let request = retry::write(second.session_id(), &retry, Some(cookie));
    transcript.add(&request.map_err(|error| context.fail(error.into()))?);
    Ok((retry, transcript))
}

/// Decodes and authenticates a cookie. `None` if it is not ours or too old.
fn read(context: &Context<'_>, cookie: &[u8]) -> Option<(Retry, Digest)> {
    capability::StatelessRetry::get()?;
    let key = context.config.extensions.cookie_secret.as_ref()?;
    let (head, _) = cookie.split_first_chunk::<HEAD>()?;
    let [LAYOUT, s0, s1, g0, g1, psk, time @ ..] = *head else { return None };
    let number = CipherSuite(u16::from_be_bytes([s0, s1]));
    let suite = *context.config.suites.iter().find(|suite| suite.id == number)?;
    let hash_len = suite.hash.output_len();
    let (content, tag) = cookie.split_at_checked(HEAD.checked_add(hash_len)?)?;
    if !equal(&authenticate(suite, key.expose(), content), tag) {
        return None;
    }
    // A clock set back between the two hellos takes nothing from the cookie.
    if context.now.saturating_sub(u64::from_be_bytes(time)) > LIFETIME {
        return None;
    }
    // A server that goes on with another's cookies may do less than the other.
    let group = NamedGroup(u16::from_be_bytes([g0, g1]));
    let group = *context.config.groups.iter().find(|ours| ours.group() == group)?;
    let client_hello = Digest::new(content.get(HEAD..)?);
    Some((Retry { suite, group, psk: psk == 1 }, client_hello))
}
