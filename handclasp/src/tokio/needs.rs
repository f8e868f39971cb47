//! Needs of a handshake that an async function answers.

use std::{
    fmt,
    future::{Future, poll_fn},
    ops::DerefMut,
    pin::Pin,
    sync::Arc,
};

use handclasp_report::Misuse;

use crate::{Connection, Error, LateNeed, misuse, trace::Handle};

/// Answers the needs of a handshake that [`Server::late_needs`] or [`Client::late_needs`] leaves to the
/// application, one at a time: a signature of a remote signer, the verdict of a person or a service on
/// a certificate, a pre-shared key out of a database.
///
/// [`TlsAcceptor::with_needs`] and [`TlsConnector::with_needs`] take it. An implementation is one
/// `async fn`. The handshake's deadline goes on while it runs: when the time is over, the future of
/// `answer` is dropped.
///
/// ```
/// use std::sync::Arc;
/// use handclasp::{
///     Client, Credentials, Error, LateNeed, NeedKind, Psk, PskUse, Server, Trust,
///     tokio::{AnswerNeeds, TlsAcceptor, TlsConnector},
/// };
///
/// # async fn look_up(_: &[u8]) -> Option<Psk> {
/// #     Psk::from_bytes("device-7", PskUse::Tls13Sha256, &[7; 32]).ok()
/// # }
/// /// Pre-shared keys in a database.
/// struct Database;
///
/// impl AnswerNeeds for Database {
///     async fn answer(&self, need: LateNeed<'_>) -> Result<(), Error> {
///         let LateNeed::Psk(need) = need else { return Ok(()) };
///         let identity = need.identities().next().unwrap_or_default().to_vec();
///         match look_up(&identity).await {
///             Some(psk) => need.answer(&psk),
///             None => need.unknown(),
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::new(Credentials::default()).late_needs(&[NeedKind::Psk]);
/// let acceptor = TlsAcceptor::from(server).with_needs(Database);
///
/// let psk = Psk::from_bytes("device-7", PskUse::Tls13Sha256, &[7; 32])?;
/// let connector = TlsConnector::from(Client::new(Trust::Psk(psk)));
/// let (near, far) = tokio::io::duplex(4096);
/// let (client, server) = tokio::join!(connector.connect(None, near), acceptor.accept(far));
/// assert_eq!(client?.connected().psk_identity.as_deref(), Some(&b"device-7"[..]));
/// # server?;
/// # Ok(())
/// # }
/// ```
///
/// [`Server::late_needs`]: crate::Server::late_needs
/// [`Client::late_needs`]: crate::Client::late_needs
/// [`TlsAcceptor::with_needs`]: super::TlsAcceptor::with_needs
/// [`TlsConnector::with_needs`]: super::TlsConnector::with_needs
pub trait AnswerNeeds: Send + Sync + 'static {
    /// Answers a need by one of its methods. A need that is returned from without an answer ends the
    /// handshake with an error that says so.
    ///
    /// # Errors
    /// Those of the need's methods; the handshake then fails with them.
    fn answer(&self, need: LateNeed<'_>) -> impl Future<Output = Result<(), Error>> + Send;
}

impl<N: AnswerNeeds> AnswerNeeds for Arc<N> {
    fn answer(&self, need: LateNeed<'_>) -> impl Future<Output = Result<(), Error>> + Send {
        (**self).answer(need)
    }
}

/// The future of an answer.
type Answering<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;

/// [`AnswerNeeds`] of any type.
trait AnswerAny: Send + Sync {
    fn answer_any<'a>(&'a self, need: LateNeed<'a>) -> Answering<'a>;
}

impl<N: AnswerNeeds> AnswerAny for N {
    fn answer_any<'a>(&'a self, need: LateNeed<'a>) -> Answering<'a> {
        Box::pin(self.answer(need))
    }
}

/// What answers the needs of the handshakes of a connector or an acceptor, if anything does.
#[derive(Clone, Default)]
pub(super) struct Needs(Option<Arc<dyn AnswerAny>>);

impl Needs {
    pub(super) fn new(needs: impl AnswerNeeds) -> Self {
        Self(Some(Arc::new(needs)))
    }

    /// Answers the need that waits, within the handshake's time limit. The connection travels through
    /// the future, so that nothing borrows from anything else.
    pub(super) fn answer<C>(&self, mut connection: C) -> Answered<C>
    where
        C: DerefMut<Target = Connection> + Send + 'static,
    {
        let needs = self.0.clone();
        Box::pin(async move {
            let outcome = answer(needs.as_deref(), &mut connection).await;
            (connection, outcome)
        })
    }
}

/// A connection whose need was answered, or the error of its handshake.
pub(super) type Answered<C> = Pin<Box<dyn Future<Output = (C, Result<(), Error>)> + Send>>;

/// Waits for an answer within the span of the handshake, where what the application records then stands.
async fn inside(trace: &Handle, mut answering: Answering<'_>) -> Result<(), Error> {
    poll_fn(|cx| {
        let _inside = trace.enter();
        answering.as_mut().poll(cx)
    })
    .await
}

async fn answer(needs: Option<&dyn AnswerAny>, connection: &mut Connection) -> Result<(), Error> {
    let deadline = connection.deadline();
    let trace = connection.trace.handle();
    let Some(need) = connection.need() else { return Ok(()) };
    let kind = need.kind();
    let outcome = match (needs, deadline) {
        (None, _) => Some(Ok(())),
        (Some(needs), None) => Some(inside(&trace, needs.answer_any(need)).await),
        (Some(needs), Some(deadline)) => {
            ::tokio::time::timeout_at(deadline.into(), inside(&trace, needs.answer_any(need))).await.ok()
        }
    };
    let Some(outcome) = outcome else { return Err(connection.time_out()) };
    // The peer gets an alert also where the need was not answered, or the application gave up.
    let is_unanswered = connection.need().is_some_and(|need| need.kind() == kind);
    if connection.fault().is_none() && (is_unanswered || outcome.is_err()) {
        let unanswered = connection.misuse(Misuse::WrongAnswer, misuse::unanswered(kind));
        return Err(outcome.err().unwrap_or(unanswered));
    }
    outcome
}

impl fmt::Debug for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Some(_)" } else { "None" })
    }
}
