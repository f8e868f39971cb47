#!/bin/sh
# Makes OCSP responses and the chains that they are about anew, with `openssl ocsp` (OpenSSL 3): a root,
# an issuer, certificates that are good, revoked and unknown, and responders of several kinds. No key is
# kept. The responses are good for a hundred years: the tests bring their own clock.
set -eu
cd "$(dirname "$0")"
rm -rf staples; mkdir staples
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

key() { openssl genpkey -out "$work/$1.key" -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>/dev/null; }
# issued NAME BY SUBJECT EXTENSIONS: extensions separated by '|'.
issued() {
    [ -f "$work/$1.key" ] || key "$1"
    openssl req -new -key "$work/$1.key" -subj "/CN=$3" -out "$work/$1.csr"
    echo "$4" | tr '|' '\n' > "$work/ext"
    openssl x509 -req -in "$work/$1.csr" -CA "$work/$2.pem" -CAkey "$work/$2.key" -days 36500 \
        -extfile "$work/ext" -out "$work/$1.pem" 2>/dev/null
}
CA='basicConstraints=critical,CA:TRUE|keyUsage=critical,keyCertSign,digitalSignature'
SAN=subjectAltName=DNS:a.example

key root
openssl req -x509 -new -key "$work/root.key" -subj "/CN=root of staples" -days 36500 -out "$work/root.pem"
issued issuer root issuer "$CA"
# Another CA of the same name, with another key.
issued namesake root issuer "$CA"
for name in good revoked unknown; do issued $name issuer $name "$SAN"; done
issued must issuer must "$SAN|tlsfeature=status_request"
issued direct root direct "$SAN"
SIGNING='extendedKeyUsage=OCSPSigning'
issued delegate issuer delegate "$SIGNING|keyUsage=digitalSignature"
issued no-purpose issuer no-purpose 'extendedKeyUsage=serverAuth'
issued no-usage issuer no-usage "$SIGNING|keyUsage=keyEncipherment"
issued of-root root of-root "$SIGNING"
issued of-namesake namesake of-namesake "$SIGNING"

for name in good revoked unknown must direct; do
    by=issuer; [ $name = direct ] && by=
    cat "$work/$name.pem" ${by:+"$work/$by.pem"} > "staples/$name.pem"
done
cp "$work/root.pem" staples/root.pem

# The issuer's list: serial numbers of good, must, direct and revoked.
serial() { openssl x509 -in "$work/$1.pem" -noout -serial | cut -d= -f2; }
for name in good must direct; do
    printf 'V\t21250101000000Z\t\t%s\tunknown\t/CN=%s\n' "$(serial $name)" $name >> "$work/index.txt"
done
printf 'R\t21250101000000Z\t260101000000Z,keyCompromise\t%s\tunknown\t/CN=revoked\n' "$(serial revoked)" \
    >> "$work/index.txt"

# response NAME CERTIFICATE ISSUER SIGNER [ARGUMENT…]: the digest of the request's CertID is $digest.
digest=sha1
response() {
    name=$1; about=$2; by=$3; signer=$4; shift 4
    openssl ocsp "-$digest" -issuer "$work/$by.pem" -cert "$work/$about.pem" -no_nonce -reqout "$work/req" \
        >/dev/null 2>&1
    openssl ocsp -index "$work/index.txt" -CA "$work/$by.pem" -rsigner "$work/$signer.pem" \
        -rkey "$work/$signer.key" -reqin "$work/req" -respout "staples/$name.der" ${until:--ndays 36500} "$@" \
        >/dev/null 2>&1
}
response good good issuer issuer -resp_no_certs
response good-by-delegate good issuer delegate
digest=sha256; response good-sha256 good issuer issuer -resp_no_certs; digest=sha1
response must must issuer issuer -resp_no_certs
response direct direct root root -resp_no_certs
response revoked revoked issuer issuer -resp_no_certs
response unknown unknown issuer issuer -resp_no_certs
until='-nmin 1'
response outdated good issuer issuer -resp_no_certs
response revoked-outdated revoked issuer issuer -resp_no_certs
until=
response by-no-purpose good issuer no-purpose
response by-no-usage good issuer no-usage
response by-responder-of-root good issuer of-root
response by-responder-of-namesake good issuer of-namesake
response by-namesake good issuer namesake
response about-namesake good namesake issuer -resp_no_certs
# OCSPResponse { tryLater }
printf '\060\003\012\001\003' > staples/try-later.der
