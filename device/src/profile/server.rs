//! Profiles of a server.

use handclasp_handshake::Versions;

super::lists::profiles!(ServerVersion, Versions::server, lists::ECDSA_OF_CLIENTS);
