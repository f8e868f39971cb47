//! MD5 (RFC 1321) as a [`Hash`].

use handclasp_crypto::{Digest, Hash, HashContext};
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest as _, Md5};

/// MD5.
pub(super) static MD5: &dyn Hash = &OfLibrary;

struct OfLibrary;

impl Hash for OfLibrary {
    fn output_len(&self) -> usize {
        16
    }

    fn start(&self) -> Box<dyn HashContext> {
        Box::new(Context(Md5::new()))
    }

    fn hash(&self, parts: &[&[u8]]) -> Digest {
        let mut context = Md5::new();
        parts.iter().for_each(|part| context.update(part));
        Digest::new(&context.finalize())
    }

    fn hmac(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8]) {
        // HMAC accepts keys of any length.
        let Ok(mut mac) = Hmac::<Md5>::new_from_slice(key) else { return };
        parts.iter().for_each(|part| mac.update(part));
        out.iter_mut().zip(mac.finalize().into_bytes()).for_each(|(to, from)| *to = from);
    }
}

struct Context(Md5);

impl HashContext for Context {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn current(&self) -> Digest {
        Digest::new(&self.0.clone().finalize())
    }

    fn fork(&self) -> Box<dyn HashContext> {
        Box::new(Self(self.0.clone()))
    }
}
