#!/bin/sh
# A key in a TPM 2.0 as a signing command (docs/identity.md), by tpm2-tools.
#
# Once, for EC P-256 (or `-G rsa2048` for RSA):
#   tpm2_createprimary -c primary.ctx
#   tpm2_create -C primary.ctx -G ecc256 -u key.pub -r key.priv \
#       -a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign'
#   tpm2_load -C primary.ctx -u key.pub -r key.priv -c key.ctx
#   tpm2_evictcontrol -C o -c key.ctx 0x81000101
# Then: tpm-signer.sh 0x81000101
#
# RSA without RSASSA-PSS, as on a TPM whose salt is not as long as the hash: tpm-signer.sh 0x81000101 pkcs1
set -eu
key=$1
shift
padding=pss
if [ "$1" = pkcs1 ]; then
    padding=pkcs1
    shift
fi
case $1 in
describe)
    echo 'handclasp-signer 1'
    case $(tpm2_readpublic -c "$key") in
    *'value: ecc'*) echo 'schemes: ecdsa_secp256r1_sha256' ;;
    *) [ $padding = pkcs1 ] || echo 'schemes: rsa_pss_rsae_sha256 rsa_pss_rsae_sha384 rsa_pss_rsae_sha512'
        echo 'schemes: rsa_pkcs1_sha256 rsa_pkcs1_sha384 rsa_pkcs1_sha512' ;;
    esac
    echo 'input: digest'
    tpm2_readpublic -Q -c "$key" -f pem -o /dev/stdout
    ;;
sign)
    case $2 in
    ecdsa_secp256r1_*) scheme=ecdsa ;;
    rsa_pss_rsae_*) scheme=rsapss ;;
    rsa_pkcs1_*) scheme=rsassa ;;
    *) echo "the TPM does not sign by $2" >&2; exit 2 ;;
    esac
    tpm2_sign -Q -c "$key" -g "${2##*_}" -s $scheme -d -f plain -o /dev/stdout
    ;;
*)
    echo "expected describe or sign, found $1" >&2
    exit 2
    ;;
esac
