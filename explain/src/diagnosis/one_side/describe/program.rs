//! Faults of our own program: its settings, its signer, its library.

use handclasp_report::{Capability, Input, Internal, Misuse, SignerFault, Tag};

use super::{Context, Description};

pub(super) fn signer(context: &Context<'_>, why: SignerFault) -> Description {
    context.describe().ours(match why {
        SignerFault::Scheme => "let the signer name only schemes that it can sign by",
        SignerFault::DoesNotVerify => {
            "check that the signer holds the certificate's private key, and that it hashes the message itself"
        }
        SignerFault::RawEcdsa => {
            "encode r and s as a DER SEQUENCE of two INTEGERs (ECDSA-Sig-Value) before the signer returns them"
        }
        // It failed, whatever it said.
        _ => "check that the token or agent is there, that its PIN is not locked, and that it holds the key",
    })
}

/// The store of pre-shared keys did not answer: neither the client's identity nor its key was looked at.
pub(super) fn key_store(context: &Context<'_>) -> Description {
    let description = context.describe().offers(&[Tag::PskIdentity]);
    let description = match context.notes.text(Tag::PskIdentity) {
        Some(name) => description.because(format!("The client names \"{name}\".")),
        None => description,
    };
    description
        .because("Nothing is wrong with the client's identity and key as far as the server knows.")
        .ours("check that the store (`--store`) runs and that the server reaches it; the log says since when it is away")
        .ours("`--store-stale SECONDS` says for how long keys that were read before stay valid meanwhile")
        .client("connect again later")
}

pub(super) fn misuse(context: &Context<'_>, how: Misuse) -> Description {
    let description = context.describe();
    match how {
        Misuse::NothingToOffer => description
            .ours("leave out --suite, --group or --tls: together they exclude everything")
            .ours("a pre-shared key serves one version: 1.3, or 1.2 with `--tls 1.2`"),
        Misuse::VersionNotListed => {
            description.ours("list the version of every suite in `versions`, or remove the suite")
        }
        Misuse::NotBuilt(capability) => description.ours(match capability {
            Capability::Certificates => "build with the cargo feature `certificates`",
            Capability::ClientAuth => "build with the cargo feature `client-auth`",
            Capability::Ecdhe => "build with the cargo feature `ecdhe`",
            Capability::Tickets => "build with the cargo feature `tickets`, or set `resumption.tickets` to 0",
            Capability::Retry => "build with the cargo feature `retry`",
            Capability::HostExtensions => "build with the cargo feature `host-extensions`, or remove the setting",
            Capability::Psk => "build with the cargo feature `psk`",
            Capability::KeyLog => "build with the cargo feature `key-log`, or set `key_log` to false",
            Capability::Exporter => "build with the cargo feature `exporter`",
            Capability::Cbc => "build with the cargo feature `cbc`, or remove the suites of CBC",
            _ => "build with the cargo feature that the error names",
        }),
        Misuse::InvalidInput(input) => invalid(description, input),
        Misuse::NobodyTrusted => description.ours(
            "say which peer to trust: `--ca FILE` or `--pin sha256/…`, for clients `--client-ca` or `--client-pin`",
        ),
        Misuse::NoExpectedName => {
            description.ours("give the name that the certificate must be for: `--name NAME`")
        }
        Misuse::NoExporter => description.either("use TLS 1.3, or let both sides do extended_master_secret"),
        Misuse::NonBlocking => description.ours("give a blocking socket: `set_nonblocking(false)`"),
        // ConfigurationChanged, WrongAnswer, NotConnected, Closed: no setting leads there.
        _ => description.because("This is a defect of the program that uses handclasp."),
    }
}

/// A value that cannot stand in its field; the error itself says which it was.
fn invalid(description: Description, input: Input) -> Description {
    description.ours(match input {
        Input::Address => "give HOST:PORT, such as `example.org:443` or `[::1]:443`",
        Input::ServerName => "give a DNS name in ASCII (at most 253 characters) or an address: `--name NAME`",
        Input::Alpn => "give names of 1 to 255 bytes: `--alpn A,B`",
        Input::PskIdentity => "give an identity of 1 to 65535 bytes: `--psk-id ID`",
        Input::PskKey => "give a key of 1 to 65535 bytes",
        Input::ExportLength => "export less, and derive more from it with HKDF",
        Input::ExportLabel => "use a label of your own, of at most 249 bytes (RFC 5705 §4)",
        Input::RecordSize => "give 512 to 16384: `--max-record BYTES`",
        _ => "correct the value that the error names",
    })
}

pub(super) fn internal(context: &Context<'_>, what: Internal) -> Description {
    context.describe().ours(match what {
        Internal::Random => "check the system's source of randomness",
        Internal::KeyExhausted => "connect anew, or use TLS 1.3, which changes keys",
        // Crypto, Bug.
        _ => "please report it, with the file that --report writes",
    })
}
