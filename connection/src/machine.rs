//! One interface to the state machines of both sides, so that a program that is only a client does
//! not link the server.

use handclasp_codec::ProtocolVersion;
use handclasp_handshake::{Answer, Client, Context as HandshakeContext, Input, Need, Server};
use handclasp_report::{Event, Failed, Side};
use handclasp_schedule::{Epoch, KeySource};

/// The handshake of one side.
pub(crate) trait Machine: Send + Sync {
    fn proceed(&mut self, context: &mut HandshakeContext<'_>, turn: Turn<'_>) -> Result<(), Failed>;
    fn need(&self) -> Option<Need<'_>>;
    fn expects(&self) -> Event;
    fn version(&self) -> Option<ProtocolVersion>;
    fn read_keys(&self, epoch: Epoch) -> Option<KeySource<'_>>;
    fn write_keys(&self, epoch: Epoch) -> Option<KeySource<'_>>;
    fn drop_installed_keys(&mut self);
    fn forget(&mut self);
    fn side(&self) -> Side;
}

/// With what a machine proceeds.
pub(crate) enum Turn<'a> {
    Input(Input<'a>),
    Answer(Answer<'a>),
    UpdateKeys,
}

macro_rules! machine {
    ($side:ident) => {
        impl Machine for $side {
            fn proceed(&mut self, context: &mut HandshakeContext<'_>, turn: Turn<'_>) -> Result<(), Failed> {
                match turn {
                    Turn::Input(input) => self.handle(context, input),
                    Turn::Answer(answer) => self.answer(context, answer),
                    Turn::UpdateKeys => self.update_keys(context),
                }
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
