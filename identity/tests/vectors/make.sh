#!/bin/sh
# Makes the vectors of this folder anew, with OpenSSL 3 and ssh-keygen. The keys are published:
# they protect nothing.
set -eu
cd "$(dirname "$0")"
rm -f ./*.pem ./*.p12

certificate() { openssl req -x509 -new -key "$1" -subj "/CN=$2" -days 36500 -out "$3"; }

for curve in p256:prime256v1 p384:secp384r1 p521:secp521r1 secp256k1:secp256k1; do
    name=${curve%%:*}
    openssl ecparam -name "${curve##*:}" -genkey -noout -out "$name.sec1.pem"
    openssl pkcs8 -topk8 -nocrypt -in "$name.sec1.pem" -out "$name.pkcs8.pem"
    certificate "$name.sec1.pem" "$name" "$name.cert.pem"
done
rm secp256k1.sec1.pem
openssl genpkey -algorithm ed25519 -out ed25519.pkcs8.pem
certificate ed25519.pkcs8.pem ed25519 ed25519.cert.pem
openssl genpkey -algorithm ed448 -out ed448.pkcs8.pem
certificate ed448.pkcs8.pem ed448 ed448.cert.pem
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pkcs8.pem
openssl rsa -traditional -in rsa.pkcs8.pem -out rsa.pkcs1.pem
certificate rsa.pkcs8.pem rsa rsa.cert.pem
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out rsa1024.pkcs8.pem
certificate rsa1024.pkcs8.pem rsa1024 rsa1024.cert.pem
openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out rsapss.pkcs8.pem
certificate rsapss.pkcs8.pem rsapss rsapss.cert.pem

# What people have instead.
openssl ecparam -name prime256v1 -out parameters.pem
cat parameters.pem p256.sec1.pem > p256.parameters-and-key.pem
openssl pkcs8 -topk8 -in p256.sec1.pem -passout pass:secret -out p256.encrypted.pem
openssl ec -in p256.sec1.pem -aes128 -passout pass:secret -out p256.legacy-encrypted.pem
openssl pkey -in p256.sec1.pem -pubout -out p256.public.pem
openssl req -new -key p256.sec1.pem -subj /CN=p256 -out p256.request.pem
openssl x509 -req -in p256.request.pem -signkey p256.sec1.pem -days 36500 -out p256.v1.pem
openssl crl2pkcs7 -nocrl -certfile p256.cert.pem -out p256.p7b.pem
openssl pkcs12 -export -inkey p256.sec1.pem -in p256.cert.pem -passout pass:secret -out p256.p12
ssh-keygen -q -t ecdsa -N '' -C '' -f openssh.pem && rm openssh.pem.pub
