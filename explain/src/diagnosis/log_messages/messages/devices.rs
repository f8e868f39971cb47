//! Messages of devices, tokens and small libraries: Mbed TLS, PKCS#11, TPM, s2n, and of memory.

use super::{Message, both, client, peer, server};
use crate::diagnosis::cause::Cause as C;

pub(super) const MESSAGES: &[Message] = &[
    // What Mbed TLS prints of its verification flags.
    peer("signed with an unacceptable key", C::CertWeakKey, C::ClientCertWeakKey),
    peer("signed with an unacceptable hash", C::CertWeakSignature, C::ClientCertWeakSignature),
    peer("signed with an unacceptable pk alg", C::CertWeakSignature, C::ClientCertWeakSignature),
    client("common name (cn) does not match", C::CertNameMismatch),
    peer("not correctly signed by the trusted ca", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("the certificate validity has expired", C::CertExpired, C::ClientCertExpired),
    peer("the certificate validity starts in the future", C::CertNotYetValid, C::ClientCertNotYetValid),
    peer("the certificate has been revoked", C::CertRevoked, C::ClientCertRevoked),
    // Memory.
    both("bad message length", C::RecordLimitExceeded),
    both("out of memory", C::LocalMemory),
    both("cannot allocate memory", C::LocalMemory),
    both("memory allocation failed", C::LocalMemory),
    both("dynamic impl: alloc(", C::LocalMemory),
    both("std::bad_alloc", C::LocalMemory),
    both("not enough memory", C::LocalMemory),
    both("insufficient memory", C::LocalMemory),
    // PKCS#11.
    both("ckr_host_memory", C::LocalMemory),
    client("ckr_mechanism_invalid", C::ClientCertNoUsableScheme),
    client("ckr_mechanism_param_invalid", C::ClientCertNoUsableScheme),
    client("ckr_key_type_inconsistent", C::ClientCertNoUsableScheme),
    both("ckr_pin_", C::LocalToken),
    both("ckr_token_", C::LocalToken),
    both("ckr_user_", C::LocalToken),
    both("ckr_device_", C::LocalToken),
    both("ckr_slot_id_invalid", C::LocalToken),
    both("ckr_session_", C::LocalToken),
    both("ckr_key_handle_invalid", C::LocalToken),
    both("ckr_key_function_not_permitted", C::LocalToken),
    both("ckr_object_handle_invalid", C::LocalToken),
    both("ckr_function_failed", C::LocalToken),
    both("ckr_function_not_supported", C::LocalToken),
    both("ckr_general_error", C::LocalToken),
    both("ckr_cryptoki_not_initialized", C::LocalToken),
    // TPM.
    ("tpm_rc_success", None, None),
    ("tpm2_rc_success", None, None),
    both("tpm_rc_", C::LocalToken),
    both("tpm2_rc_", C::LocalToken),
    both("tpm:parameter(", C::LocalToken),
    both("tpm:session(", C::LocalToken),
    both("tpm:handle(", C::LocalToken),
    both("tpm:error(2.0)", C::LocalToken),
    // s2n.
    peer("certificate is untrusted", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("s2n_err_cert_untrusted", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("s2n_err_cert_expired", C::CertExpired, C::ClientCertExpired),
    peer("s2n_err_cert_not_yet_valid", C::CertNotYetValid, C::ClientCertNotYetValid),
    peer("s2n_err_cert_revoked", C::CertRevoked, C::ClientCertRevoked),
    server("s2n_err_cipher_not_supported", C::SuiteNoneInCommon),
    both("s2n_err_no_application_protocol", C::AlpnNoneInCommon),
    server("s2n_err_no_valid_signature_scheme", C::SigalgNoneInCommon),
    both("s2n_err_protocol_version_unsupported", C::VersionNoneInCommon),
];
