//! Servers that speak only versions below TLS 1.2.

use std::io;

use handclasp::{CipherSuite, ProtocolVersion};
use handclasp_report::Named;

use super::hello::{Hello, SUITES12};
use super::probe::{Answer, Target};

/// Suites that only old servers choose.
const SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_DHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_DHE_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_DHE_DSS_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA,
    CipherSuite::TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_RC4_128_SHA,
    CipherSuite::TLS_RSA_WITH_RC4_128_MD5,
];

/// A ClientHello of at most an old version.
pub fn hello(name: Option<&str>, version: ProtocolVersion) -> Hello {
    let usual = Hello::usual(name).only(version);
    Hello {
        suites: [SUITES12, SUITES].concat(),
        // signature_algorithms came with TLS 1.2.
        schemes: Vec::new(),
        ..usual
    }
}

/// Asks for SSL 3.0, which nothing else offers.
///
/// # Errors
/// The server cannot be reached.
pub fn ssl3(target: &mut Target, name: Option<&str>) -> io::Result<(ProtocolVersion, Answer)> {
    let version = ProtocolVersion::SSL_3_0;
    Ok((version, target.ask(&hello(name, version))?))
}

/// What such a server is, and which clients still connect.
pub fn text(newest: ProtocolVersion) -> String {
    let version = Named(newest);
    let (forbids, openssl) = match newest {
        ProtocolVersion::SSL_3_0 => ("RFC 7568 forbids it", "builds of OpenSSL with enable-ssl3"),
        ProtocolVersion::TLS_1_0 => (
            "RFC 8996 forbids it and TLS 1.1",
            "OpenSSL 3 with -tls1 -cipher DEFAULT:@SECLEVEL=0 (MinProtocol = TLSv1)",
        ),
        _ => (
            "RFC 8996 forbids TLS 1.0 and 1.1",
            "OpenSSL 3 with -tls1_1 -cipher DEFAULT:@SECLEVEL=0 (MinProtocol = TLSv1.1)",
        ),
    };
    format!(
        "The server speaks {version} at most. {forbids}: current browsers, Go, Java, rustls, OpenSSL 3 at its \
         default security level and handclasp refuse this server. Clients that can still connect: those \
         released before about 2020, and those configured for it: {openssl}, Go with MinVersion, Java with \
         another jdk.tls.disabledAlgorithms. Update the server, or put a proxy with TLS 1.2 in front of it."
    )
}
