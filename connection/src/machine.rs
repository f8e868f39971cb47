//! One interface to the state machines of both sides, so that a program that is only a client does
//! not link the server.

use handclasp_codec::ProtocolVersion;
use handclasp_handshake::{Answer, Client, Context as HandshakeContext, Input, Need, Server};
use handclasp_report::{Event, Fault, Side};
use handclasp_schedule::{Epoch, KeySource};

/// The handshake of one side.
pub(crate) trait Machine: Send + Sync {
    fn handle(&mut self, env: &mut HandshakeContext<'_>, input: Input<'_>) -> Result<(), Fault>;
    fn answer(&mut self, env: &mut HandshakeContext<'_>, answer: Answer<'_>) -> Result<(), Fault>;
    fn need(&self) -> Option<Need<'_>>;
    fn expects(&self) -> Event;
    fn version(&self) -> Option<ProtocolVersion>;
    fn update_keys(&mut self, env: &mut HandshakeContext<'_>) -> Result<(), Fault>;
    fn read_keys(&self, epoch: Epoch) -> Option<KeySource<'_>>;
    fn write_keys(&self, epoch: Epoch) -> Option<KeySource<'_>>;
    fn drop_installed_keys(&mut self);
    fn forget(&mut self);
    fn side(&self) -> Side;
}

macro_rules! machine {
    ($side:ident) => {
        impl Machine for $side {
            fn handle(&mut self, env: &mut HandshakeContext<'_>, input: Input<'_>) -> Result<(), Fault> {
                self.handle(env, input).map_err(|failed| env.report.fault_of(failed))
            }
            fn answer(&mut self, env: &mut HandshakeContext<'_>, answer: Answer<'_>) -> Result<(), Fault> {
                self.answer(env, answer).map_err(|failed| env.report.fault_of(failed))
            }
            fn need(&self) -> Option<Need<'_>> {
                self.need()
            }
            fn expects(&self) -> Event {
                self.expects()
            }
            fn version(&self) -> Option<ProtocolVersion> {
                self.version()
            }
            fn update_keys(&mut self, env: &mut HandshakeContext<'_>) -> Result<(), Fault> {
                self.update_keys(env).map_err(|failed| env.report.fault_of(failed))
            }
            fn read_keys(&self, epoch: Epoch) -> Option<KeySource<'_>> {
                self.read_keys(epoch)
            }
            fn write_keys(&self, epoch: Epoch) -> Option<KeySource<'_>> {
                self.write_keys(epoch)
            }
            fn drop_installed_keys(&mut self) {
                self.drop_installed_keys();
            }
            fn forget(&mut self) {
                self.forget();
            }
            fn side(&self) -> Side {
                Side::$side
            }
        }
    };
}

machine!(Client);
machine!(Server);
