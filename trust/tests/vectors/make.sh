#!/bin/sh
# Makes the chains of this folder anew, with OpenSSL 3: leaf first, roots in files of their own.
# No key is kept. Valid for a hundred years: the tests bring their own clock.
set -eu
cd "$(dirname "$0")"
rm -f ./*.pem ./*.pin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

SAN=subjectAltName=DNS:a.example,DNS:*.wild.example,IP:192.0.2.1,IP:2001:db8::1
CA=basicConstraints=critical,CA:TRUE

# key NAME ALGORITHM…
key() { name=$1; shift; openssl genpkey -quiet -out "$work/$name.key" "$@" 2>/dev/null ||
        openssl genpkey -out "$work/$name.key" "$@" 2>/dev/null; }
ec() { key "$1" -algorithm EC -pkeyopt "ec_paramgen_curve:$2"; }
rsa() { key "$1" -algorithm RSA -pkeyopt "rsa_keygen_bits:$2"; }
# root NAME [ARGUMENT…]: self-signed; `openssl req -x509` marks it as a CA's.
root() { name=$1; shift; openssl req -x509 -new -key "$work/$name.key" -subj "/CN=$name" -days 36500 \
         -out "$name.pem" "$@"; }
# issued NAME BY EXTENSIONS [ARGUMENT…]: extensions separated by '|'.
issued() {
    name=$1; by=$2; extensions=$3; shift 3
    openssl req -new -key "$work/$name.key" -subj "/CN=$name" -out "$work/$name.csr"
    echo "$extensions" | tr '|' '\n' > "$work/ext"
    openssl x509 -req -in "$work/$name.csr" -CA "$by.pem" -CAkey "$work/$by.key" -days 36500 \
        -extfile "$work/ext" -out "$name.pem" "$@" 2>/dev/null
}
# chain NAME NAME…: appends certificates to the first.
chain() { first=$1; shift; for one in "$@"; do cat "$one.pem" >> "$first.pem"; done; }

# Every kind of key: root, intermediate of another kind, leaf.
ec root-p256 P-256; root root-p256
ec root-p384 P-384; root root-p384 -sha256
ec root-p521 P-521; root root-p521 -sha512
key root-ed25519 -algorithm ed25519; root root-ed25519
rsa root-rsa 2048; root root-rsa
ec between P-384; issued between root-p256 "$CA" -sha384
ec ec P-256; issued ec between "$SAN" -sha512; chain ec between
ec leaf-p384 P-384; issued leaf-p384 root-p384 "$SAN" -sha256
ec leaf-p521 P-521; issued leaf-p521 root-p521 "$SAN" -sha384
key leaf-ed25519 -algorithm ed25519; issued leaf-ed25519 root-ed25519 "$SAN"
rsa leaf-rsa 2048; issued leaf-rsa root-rsa "$SAN" -sha384
rsa leaf-rsa-pss 2048
issued leaf-rsa-pss root-rsa "$SAN" -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32

# Usage and names.
ec usage-client P-256; issued usage-client root-p256 "$SAN|extendedKeyUsage=clientAuth"
ec usage-server P-256; issued usage-server root-p256 "$SAN|extendedKeyUsage=serverAuth"
ec usage-code P-256; issued usage-code root-p256 "$SAN|extendedKeyUsage=codeSigning"
ec common-name P-256; issued common-name root-p256 keyUsage=digitalSignature
ec version1 P-256
openssl req -new -key "$work/version1.key" -subj /CN=version1 -out "$work/version1.csr"
openssl x509 -req -in "$work/version1.csr" -CA root-p256.pem -CAkey "$work/root-p256.key" -days 36500 \
    -out version1.pem 2>/dev/null
ec root-version1 P-256
openssl req -new -key "$work/root-version1.key" -subj /CN=root-version1 -out "$work/root-version1.csr"
openssl x509 -req -in "$work/root-version1.csr" -signkey "$work/root-version1.key" -days 36500 \
    -out root-version1.pem 2>/dev/null
ec under-version1 P-256; issued under-version1 root-version1 "$SAN"; chain under-version1 root-version1

# Keys and signatures that are not accepted.
rsa root-rsa1024 1024; root root-rsa1024
ec under-rsa1024 P-256; issued under-rsa1024 root-rsa1024 "$SAN"
rsa leaf-rsa1024 1024; issued leaf-rsa1024 root-p256 "$SAN"
ec leaf-secp256k1 secp256k1; issued leaf-secp256k1 root-p256 "$SAN"
ec root-secp256k1 secp256k1; root root-secp256k1
ec under-secp256k1 P-256; issued under-secp256k1 root-secp256k1 "$SAN"
key root-ed448 -algorithm ed448; root root-ed448
ec under-ed448 P-256; issued under-ed448 root-ed448 "$SAN"
ec sha1 P-256; issued sha1 root-rsa "$SAN" -sha1

# CAs that may not.
ec ca-length P-256; issued ca-length root-p256 "$CA,pathlen:0"
ec ca-below P-256; issued ca-below ca-length "$CA"
ec length P-256; issued length ca-below "$SAN"; chain length ca-below ca-length
ec ca-none P-256; issued ca-none root-p256 "basicConstraints=CA:FALSE"
ec no-ca P-256; issued no-ca ca-none "$SAN"; chain no-ca ca-none
ec ca-names P-256; issued ca-names root-p256 "$CA|nameConstraints=critical,permitted;DNS:example.org"
ec names P-256; issued names ca-names "$SAN"; chain names ca-names
ec critical P-256; issued critical root-p256 "$SAN|1.2.3.4=critical,DER:0500"
ec ca-critical P-256; issued ca-critical root-p256 "$CA|1.2.3.4=critical,DER:0500"
ec under-critical P-256; issued under-critical ca-critical "$SAN"; chain under-critical ca-critical
ec ca-usage P-256; issued ca-usage root-p256 "$CA|extendedKeyUsage=clientAuth"
ec under-usage P-256; issued under-usage ca-usage "$SAN"; chain under-usage ca-usage
ec leaf-is-ca P-256; issued leaf-is-ca root-p256 "$CA|$SAN"
rm ca-*.pem between.pem

# Self-signed, as people make them.
ec self P-256; root self -addext "$SAN"
ec self-leaf P-256; root self-leaf -addext "$SAN" -addext basicConstraints=critical,CA:FALSE
ec self-client P-256; root self-client -addext "$SAN" -addext extendedKeyUsage=clientAuth
ec self-critical-usage P-256
root self-critical-usage -addext "$SAN" -addext extendedKeyUsage=critical,clientAuth,serverAuth
rsa self-sha1 2048; root self-sha1 -addext "$SAN" -sha1
# Another root of the same name.
cp root-p256.pem "$work/kept.pem"; cp "$work/root-p256.key" "$work/kept.key"
ec root-p256 P-256; root root-p256; mv root-p256.pem root-p256-other.pem; mv "$work/kept.pem" root-p256.pem
rsa root-p256 2048; cp root-p256.pem "$work/kept.pem"; root root-p256; mv root-p256.pem root-p256-rsa.pem
mv "$work/kept.pem" root-p256.pem

# The pin as OpenSSL computes it.
openssl x509 -in self.pem -noout -pubkey | openssl pkey -pubin -outform DER |
    openssl dgst -sha256 -binary | openssl base64 > self.pin
