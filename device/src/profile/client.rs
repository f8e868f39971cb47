//! Profiles of a client.

use handclasp_handshake::Versions;

super::lists::profiles!(ClientVersion, Versions::client, &lists::ECDSA);
