//! Exports in programs with and without the feature `exporter`: `cargo xtask profiles` runs this without, the tests of
//! the workspace run it with.

mod pair;

use handclasp_provider_aws_lc as aws_lc;
use handclasp_report::{Capability, Fault, Misuse};
use pair::{Pair, Proof, config};

#[test]
fn keying_material_leaves_where_the_program_has_exporters() {
    for suite in [&aws_lc::TLS_AES_128_GCM_SHA256, &aws_lc::TLS_PSK_WITH_AES_128_GCM_SHA256] {
        let mut config = config(&[suite]);
        // A pre-shared key alone: a program may have nothing else.
        config.handshake.groups = Vec::new().into();
        config.handshake.verify = Vec::new().into();
        config.handshake.extensions.psk_ke = true;
        let mut pair = Pair::new(config.clone(), config, Proof::Psk);
        pair.shake(usize::MAX).unwrap_or_else(|fault| panic!("{}: {fault:?}", suite.id));
        let mut keys = [[0; 32]; 2];
        let exported =
            [&pair.client, &pair.server].map(|side| side.export(b"EXPERIMENTAL test", None, &mut keys[0]));
        if cfg!(feature = "exporter") {
            assert_eq!(exported, [Ok(()); 2], "{}", suite.id);
            pair.client.export(b"EXPERIMENTAL test", None, &mut keys[1]).expect("client exports");
            assert_eq!(keys[0], keys[1], "{}", suite.id);
        } else {
            let refused = Err(Fault::Misuse(Misuse::NotBuilt(Capability::Exporter)).code());
            assert_eq!((exported, keys[0]), ([refused; 2], [0; 32]), "{}", suite.id);
        }
    }
}
