//! Decisions that the configuration leaves to the application.

use crate::{
    codes::{Code, HC_UNSUPPORTED},
    config::{Config, edit},
};

/// Server: the application looks up pre-shared keys that the configuration does not have.
pub const HC_LATE_PSK: u32 = 1;
/// The application signs, with a key in a secure element or elsewhere. Set by
/// `hc_config_identity_external`.
pub const HC_LATE_SIGNATURE: u32 = 2;
/// The application judges the peer's certificates, such as by the key chain of the operating system.
pub const HC_LATE_PEER: u32 = 4;

/// Leaves decisions to the application: `HC_LATE_…` joined.
///
/// Returns `HC_UNSUPPORTED` for another bit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_late(config: *mut Config, needs: u32) -> Code {
    // SAFETY: a handle.
    unsafe {
        edit(config, |settings| {
            if needs & !(HC_LATE_PSK | HC_LATE_SIGNATURE | HC_LATE_PEER) != 0 {
                return Err(HC_UNSUPPORTED.into());
            }
            settings.late |= needs;
            settings.engine.handshake.has_psk |= settings.is_late(HC_LATE_PSK);
            Ok(())
        })
    }
}
