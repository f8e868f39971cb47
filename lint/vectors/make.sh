#!/bin/sh
# Makes the files of this folder with OpenSSL 3. They are committed; run it again only for new ones.
set -e
openssl ecparam -name prime256v1 -genkey -out ec-parameters-key.pem
openssl pkcs8 -topk8 -nocrypt -in ec-parameters-key.pem -out key.pem
openssl pkcs8 -topk8 -in key.pem -out key-pbkdf2.pem -passout pass:secret
openssl pkcs8 -topk8 -in key.pem -out key-pbkdf2-sha1.pem -passout pass:secret -v2 aes-128-cbc -v2prf hmacWithSHA1
openssl pkcs8 -topk8 -in key.pem -out key-scrypt.pem -passout pass:secret -scrypt
openssl pkcs8 -topk8 -in key.pem -out key-pbes1.pem -passout pass:secret -v1 PBE-SHA1-3DES
openssl ec -in key.pem -aes128 -passout pass:secret -out key-legacy.pem
openssl genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 -out ca-key.pem
openssl genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 -out other-ca-key.pem
openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:1024 -out small-key.pem
days="-days 36500"
ext() { printf "$1" >ext.cnf; }
openssl req -x509 -new -key ca-key.pem -subj "/CN=Test Root" $days -out root.pem \
  -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign
openssl req -x509 -new -key other-ca-key.pem -subj "/CN=Test Root" $days -out other-root.pem \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
openssl req -new -key key.pem -subj "/CN=device.local" -out request.pem -addext subjectAltName=DNS:device.local
sign() { openssl x509 -req -in request.pem -CA root.pem -CAkey ca-key.pem -set_serial 0x1234 "$@"; }
san="subjectAltName=DNS:device.local\n"
ext "$san""extendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\n"; sign -days 36500 -extfile ext.cnf -out leaf.pem
ext "$san""extendedKeyUsage=codeSigning\n"; sign -days 36500 -extfile ext.cnf -out eku.pem
ext "$san""keyUsage=keyEncipherment\n"; sign -days 36500 -extfile ext.cnf -out key-usage.pem
ext "basicConstraints=CA:FALSE\n"; sign -days 36500 -extfile ext.cnf -out no-san.pem
ext "$san"; sign -days 36500 -sha1 -extfile ext.cnf -out sha1.pem
ext "$san""1.2.3.4=critical,ASN1:NULL\n"; sign -days 36500 -extfile ext.cnf -out critical.pem
ext "$san"; openssl req -new -key key.pem -subj "/CN=below" -out below.pem
openssl x509 -req -in below.pem -CA leaf.pem -CAkey key.pem -set_serial 7 -days 36500 -extfile ext.cnf -out under-leaf.pem
openssl req -x509 -new -key small-key.pem -subj "/CN=small" $days -out small.pem -addext subjectAltName=DNS:small -addext basicConstraints=CA:FALSE
# A CA below the root, which permits none, and a leaf below it.
openssl genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 -out sub-key.pem
openssl req -new -key sub-key.pem -subj "/CN=Test CA" -out sub-request.pem
ext "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
openssl x509 -req -in sub-request.pem -CA root.pem -CAkey ca-key.pem -set_serial 9 -days 36500 -extfile ext.cnf -out sub.pem
ext "$san"
openssl x509 -req -in request.pem -CA sub.pem -CAkey sub-key.pem -set_serial 10 -days 36500 -extfile ext.cnf -out sub-leaf.pem
rm -f sub-key.pem sub-request.pem
: >index.txt; echo 01 >number.txt
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=number.txt\ndefault_md=sha256\ndefault_crl_days=30\n' >ca.cnf
openssl ca -config ca.cnf -keyfile ca-key.pem -cert root.pem -revoke leaf.pem
openssl ca -config ca.cnf -keyfile ca-key.pem -cert root.pem -gencrl -out crl.pem
openssl pkcs12 -export -inkey key.pem -in leaf.pem -passout pass:secret -out modern.p12
openssl pkcs12 -export -legacy -inkey key.pem -in leaf.pem -passout pass:secret -out legacy.p12
openssl pkcs12 -export -nomac -inkey key.pem -in leaf.pem -passout pass:secret -out no-mac.p12
rm -f below.pem ext.cnf ca.cnf index.txt* number.txt* small-key.pem other-ca-key.pem ca-key.pem *.srl
