//! Our half of a key exchange in TLS 1.3: with it the server's whole flight can be read, and not
//! only that it begins one.

use std::fmt::Write as _;

use handclasp::{NamedGroup, SystemRandom};
use handclasp_crypto::{PrivateShare, Suite};
use handclasp_explain::conversation::Conversation;
use handclasp_provider_aws_lc as aws_lc;
use handclasp_schedule::{EarlySecret, Sender, key_log};

/// A key share that was sent.
pub struct ClientShare {
    /// Of which group.
    pub group: NamedGroup,
    /// What went to the server.
    pub public: Vec<u8>,
    private: Option<Box<dyn PrivateShare>>,
}

impl ClientShare {
    /// The groups that we can make a share of.
    pub fn groups() -> impl Iterator<Item = NamedGroup> {
        [aws_lc::GROUPS, aws_lc::HYBRID_GROUPS].into_iter().flatten().map(|known| known.group())
    }

    /// A share of the first of these groups that we can do.
    pub fn of_first(groups: &[NamedGroup]) -> Option<Self> {
        groups.iter().find_map(|group| Self::of(*group))
    }

    /// A share of this group; `None` where we cannot do it.
    pub fn of(group: NamedGroup) -> Option<Self> {
        let mut known = [aws_lc::GROUPS, aws_lc::HYBRID_GROUPS].into_iter().flatten();
        let private = known.find(|known| known.group() == group)?.start(&mut SystemRandom).ok()?;
        Some(Self { group, public: private.public().to_vec(), private: Some(private) })
    }

    /// The line of a key log that opens the server's flight, once its ServerHello is there. The
    /// share is used up by it.
    pub fn key_log(&mut self, story: &Conversation) -> Option<String> {
        let (found, hello) = story.server_hello_at()?;
        let answer = hello.extensions.key_share?.server_share;
        let suite = suite(story)?;
        if answer.group != self.group {
            return None;
        }
        let shared = self.private.take()?.agree(answer.key_exchange).ok()?;
        let random = story.last_client_hello()?.random;
        let transcript = suite.hash.hash(&[&story.transcript(found.index + 1)]);
        let secret = EarlySecret::new(suite.hash, None).handshake(Some(&shared), &transcript);
        let secret = secret.traffic(Sender::Server);
        let label = key_log::SERVER_HANDSHAKE_TRAFFIC_SECRET;
        Some(format!("{label} {} {}\n", hex(random), hex(secret.secret().expose())))
    }
}

/// The suite that was chosen, where it is one of TLS 1.3 that we can do.
fn suite(story: &Conversation) -> Option<&'static Suite> {
    let chosen = story.suite()?;
    let mut known =
        [aws_lc::ALL_SUITES, aws_lc::CCM_SUITES, aws_lc::CCM_8_SUITES].into_iter().flatten().copied();
    known.find(|suite| suite.id == chosen)
}

/// Bytes as hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
