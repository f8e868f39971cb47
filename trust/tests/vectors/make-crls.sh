#!/bin/sh
# Makes revocation lists and the chains that they are about anew, with `openssl ca` (OpenSSL 3) and GnuTLS's
# certtool: a root, an issuer, certificates that are good and revoked, and lists of several kinds. No key is
# kept. The lists are valid until 2125: the tests bring their own clock, 2027-01-15.
set -eu
cd "$(dirname "$0")"
rm -rf crls; mkdir crls
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
CA='basicConstraints=critical,CA:TRUE|keyUsage=critical,keyCertSign,cRLSign'
SAN=subjectAltName=DNS:a.example

key root
openssl req -x509 -new -key "$work/root.key" -subj "/CN=root of lists" -days 36500 -out "$work/root.pem"
issued issuer root issuer "$CA"
# Another CA of the same name, with another key.
issued namesake root issuer "$CA"
# A CA that may sign certificates and not lists.
issued mute root mute 'basicConstraints=critical,CA:TRUE|keyUsage=critical,keyCertSign'
for name in good revoked held; do issued $name issuer $name "$SAN"; done
issued pointed issuer pointed "$SAN|crlDistributionPoints=URI:http://a.example/1.crl"
issued of-mute mute of-mute "$SAN"
issued direct root direct "$SAN"
for name in good revoked held pointed; do cat "$work/$name.pem" "$work/issuer.pem" > "crls/$name.pem"; done
cat "$work/of-mute.pem" "$work/mute.pem" > crls/of-mute.pem
cp "$work/direct.pem" "$work/root.pem" crls/

serial() { openssl x509 -in "$work/$1.pem" -noout -serial | cut -d= -f2; }
revoked() { printf 'R\t21250101000000Z\t%s,%s\t%s\tunknown\t/CN=%s\n' "$2" "$3" "$(serial "$1")" "$1"; }
# list NAME BY NUMBER EXTENSIONS [ARGUMENT…]: the entries are $entries; without a number of version 1.
list() {
    name=$1; by=$2; number=$3; extensions=$4; shift 4
    printf '%s' "$entries" > "$work/index.txt"; [ -z "$entries" ] || echo >> "$work/index.txt"
    {
        printf '[ca]\ndefault_ca=own\n[own]\ndatabase=%s\ndefault_md=sha256\n' "$work/index.txt"
        [ -z "$number" ] || printf 'crlnumber=%s\n' "$work/number"
        [ -z "$extensions" ] || printf '[lists]\n%s\n' "$(echo "$extensions" | tr '|' '\n')"
        printf '[idp]\n%s\n' "${idp:-onlyuser=TRUE}"
    } > "$work/config"
    echo "$number" > "$work/number"
    openssl ca -config "$work/config" -gencrl -cert "$work/$by.pem" -keyfile "$work/$by.key" \
        ${extensions:+-crlexts lists} -out "$work/list.pem" \
        -crl_lastupdate "${begin:-20260101000000Z}" -crl_nextupdate "${end:-21250101000000Z}" "$@" 2>/dev/null
    openssl crl -in "$work/list.pem" -outform der -out "crls/$name.crl"
}
entries=$(revoked revoked 260203040506Z keyCompromise; revoked held 260301000000Z certificateHold)
list issuer issuer 02 authorityKeyIdentifier=keyid:always
begin=20250101000000Z end=20260101000000Z; list outdated issuer 02 ''
begin=20280101000000Z end=; list early issuer 03 ''
begin=
idp='onlyuser=TRUE'; list user-only issuer 02 'issuingDistributionPoint=critical,@idp'
idp='onlyCA=TRUE'; list ca-only issuer 02 'issuingDistributionPoint=critical,@idp'
idp='onlyAA=TRUE'; list attributes-only issuer 02 'issuingDistributionPoint=critical,@idp'
idp='indirectCRL=TRUE'; list indirect issuer 02 'issuingDistributionPoint=critical,@idp'
idp='onlysomereasons=keyCompromise'; list some-reasons issuer 02 'issuingDistributionPoint=critical,@idp'
idp='fullname=URI:http://a.example/1.crl'; list point issuer 02 'issuingDistributionPoint=critical,@idp'
idp='fullname=URI:http://a.example/2.crl'; list other-point issuer 02 'issuingDistributionPoint=critical,@idp'
list delta issuer 03 '2.5.29.27=critical,DER:020102'
list critical issuer 02 '1.2.3.4=critical,DER:0500'
# A reason would need version 2.
entries=$(revoked revoked 260203040506Z '' | sed 's/Z,/Z/')
list version1 issuer '' ''
entries=
begin=20250101000000Z; list before issuer 01 ''; begin=
list namesake namesake 09 ''
list mute mute 01 ''
list root root 01 ''
entries=$(revoked issuer 260203040506Z cACompromise)
list root-revokes-issuer root 02 ''

# GnuTLS.
printf 'crl_this_update_date = "2026-01-01"\ncrl_next_update = 36000\ncrl_number = 7\n' > "$work/template"
printf 'revocation_date = "2026-01-01"\n' >> "$work/template"
certtool --generate-crl --load-ca-privkey "$work/issuer.key" --load-ca-certificate "$work/issuer.pem" \
    --load-certificate "$work/revoked.pem" --template "$work/template" --outder --outfile crls/gnutls.crl \
    2>/dev/null

# Several lists in one text, as people collect them.
{
    echo 'The lists of both CAs'
    openssl crl -inform der -in crls/root.crl
    openssl crl -inform der -in crls/issuer.crl
} > crls/both.crls.pem
