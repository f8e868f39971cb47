//! Either side's machine behind one interface, so that a program which is only ever a client
//! does not link the server.

use handclasp_codec::ProtocolVersion;
use handclasp_handshake::{Answer, Client, Env, Input, Need, Server};
use handclasp_report::{Event, Fault, Side};

/// The handshake of one side.
pub(crate) trait Machine: Send + Sync {
    fn handle(&mut self, env: &mut Env<'_>, input: Input<'_>) -> Result<(), Fault>;
    fn answer(&mut self, env: &mut Env<'_>, answer: Answer<'_>) -> Result<(), Fault>;
    fn need(&self) -> Option<Need<'_>>;
    fn expects(&self) -> Event;
    fn version(&self) -> Option<ProtocolVersion>;
    fn update_keys(&mut self, env: &mut Env<'_>) -> Result<(), Fault>;
    fn side(&self) -> Side;
}

macro_rules! machine {
    ($side:ident) => {
        impl Machine for $side {
            fn handle(&mut self, env: &mut Env<'_>, input: Input<'_>) -> Result<(), Fault> {
                self.handle(env, input)
            }
            fn answer(&mut self, env: &mut Env<'_>, answer: Answer<'_>) -> Result<(), Fault> {
                self.answer(env, answer)
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
            fn update_keys(&mut self, env: &mut Env<'_>) -> Result<(), Fault> {
                self.update_keys(env)
            }
            fn side(&self) -> Side {
                Side::$side
            }
        }
    };
}

machine!(Client);
machine!(Server);
