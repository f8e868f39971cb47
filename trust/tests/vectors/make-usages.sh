#!/bin/sh
# Makes the chains under `root-usages.pem` anew, with OpenSSL 3: what issuers may do, keyUsage that
# does not parse, must-staple, dates the wrong way round, and long paths. Leaf first; no key is kept.
set -eu
cd "$(dirname "$0")"
rm -f ./usages-*.pem root-usages.pem
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

SAN=subjectAltName=DNS:a.example
CA=basicConstraints=critical,CA:TRUE

key() { openssl genpkey -out "$work/$1.key" -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>/dev/null; }
# issued NAME BY EXTENSIONS [DAYS]: extensions separated by '|'; the certificate is left in $work.
issued() {
    key "$1"
    openssl req -new -key "$work/$1.key" -subj "/CN=$1" -out "$work/$1.csr"
    echo "$3" | tr '|' '\n' > "$work/ext"
    openssl x509 -req -in "$work/$1.csr" -CA "$work/$2.pem" -CAkey "$work/$2.key" -days "${4:-36500}" \
        -extfile "$work/ext" -out "$work/$1.pem" 2>/dev/null
}
# vector NAME CERTIFICATE…: leaf first.
vector() { name=$1; shift; for one in "$@"; do cat "$work/$one.pem"; done > "usages-$name.pem"; }

key root
openssl req -x509 -new -key "$work/root.key" -subj "/CN=root of usages" -days 36500 -out "$work/root.pem" \
    -addext keyUsage=critical,keyCertSign,cRLSign
cp "$work/root.pem" root-usages.pem

issued signs root "$CA|keyUsage=critical,keyCertSign"
issued leaf-1 signs "$SAN"; vector issuer-signs leaf-1 signs
issued unsaid root "$CA"
issued leaf-2 unsaid "$SAN"; vector issuer-unsaid leaf-2 unsaid
issued no-sign root "$CA|keyUsage=critical,digitalSignature,cRLSign"
issued leaf-3 no-sign "$SAN"; vector issuer-may-not leaf-3 no-sign
issued below no-sign "$CA|keyUsage=keyCertSign"
issued leaf-4 below "$SAN"; vector second-issuer-may-not leaf-4 below no-sign
issued odd root "$CA|2.5.29.15=critical,DER:04:02:02:04"
issued leaf-5 odd "$SAN"; vector issuer-odd leaf-5 odd

issued octets root "$SAN|2.5.29.15=critical,DER:04:02:05:20"; vector leaf-octets octets
issued empty root "$SAN|2.5.29.15=critical,DER:03:01:00"; vector leaf-empty empty
issued encipher root "$SAN|keyUsage=critical,keyEncipherment"; vector leaf-encipher encipher
issued staple root "$SAN|tlsfeature=status_request"; vector must-staple staple

issued reversed root "$SAN" -1; vector dates-reversed reversed
issued ca-reversed root "$CA" -1
issued leaf-6 ca-reversed "$SAN"; vector issuer-reversed leaf-6 ca-reversed

# Six between leaf and root, and seven.
by=root; list=
for number in 1 2 3 4 5 6 7; do
    issued "ca-$number" "$by" "$CA|keyUsage=keyCertSign"
    by=ca-$number; list="$by $list"
    [ "$number" -lt 6 ] || { issued "leaf-of-$number" "$by" "$SAN"; vector "between-$number" "leaf-of-$number" $list; }
done
