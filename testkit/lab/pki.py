"""Certificates that are wrong in one chosen way, made with `openssl ca` (which takes both dates).

A `Pki` is a folder; files are named by label: LABEL.pem, LABEL.key, LABEL.chain.pem (all of
the chain), LABEL.rest.pem (what follows the leaf, if anything does). A second call
with the same label returns what is there, so that many cases share a certificate."""
import base64
import os
import re
import subprocess

CONFIG = """[ca]
default_ca = d
[d]
database = {index}
new_certs_dir = .
rand_serial = yes
crlnumber = {index}.crl
default_md = sha256
default_crl_days = 3650
unique_subject = no
email_in_dn = no
policy = p
[p]
countryName = optional
stateOrProvinceName = optional
localityName = optional
organizationName = optional
organizationalUnitName = optional
commonName = optional
emailAddress = optional
[e]
{extensions}
"""
LEAF = ('basicConstraints=critical,CA:FALSE', 'keyUsage=critical,digitalSignature,keyEncipherment',
        'extendedKeyUsage=serverAuth', 'subjectKeyIdentifier=hash', 'authorityKeyIdentifier=keyid')
CLIENT = ('basicConstraints=critical,CA:FALSE', 'keyUsage=critical,digitalSignature',
          'extendedKeyUsage=clientAuth', 'subjectKeyIdentifier=hash')
CA = ('basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign', 'subjectKeyIdentifier=hash')


class Cert:
    def __init__(self, pki, label):
        self.label = label
        self.cert, self.key, self.chain = label + '.pem', label + '.key', label + '.chain.pem'
        self.dir = pki.dir

    def path(self, suffix='.pem'):
        return os.path.join(self.dir, self.label + suffix)


class Pki:
    def __init__(self, directory):
        self.dir = directory
        os.makedirs(directory, exist_ok=True)

    def openssl(self, *args, **more):
        done = subprocess.run(('openssl',) + args, cwd=self.dir, capture_output=True, **more)
        if done.returncode:
            raise RuntimeError('openssl %s: %s' % (' '.join(args), done.stderr.decode()))
        return done.stdout

    def path(self, name):
        return os.path.join(self.dir, name)

    def key(self, label, kind='P-256'):
        """kind: P-256, P-384, P-521, secp256k1, rsa:BITS, rsa-pss:BITS, ed25519, ed448"""
        file = label + '.key'
        if not os.path.exists(self.path(file)):
            if kind.startswith('rsa'):
                name, bits = kind.split(':')
                how = ('RSA-PSS' if name == 'rsa-pss' else 'RSA', '-pkeyopt', 'rsa_keygen_bits:' + bits)
            elif kind.startswith('ed'):
                how = (kind,)
            else:
                how = ('EC', '-pkeyopt', 'ec_paramgen_curve:' + kind, '-pkeyopt', 'ec_param_enc:named_curve')
            self.openssl('genpkey', '-algorithm', *how, '-out', file)
        return file

    def issue(self, label, issuer=None, kind='P-256', subject='/CN=localhost', extensions=LEAF, san='DNS:localhost',
              start='20260101000000Z', end='20361231235959Z', md=None, key_of=None, chain=None):
        """A certificate by `issuer` (self-signed without one). `san=None` leaves subjectAltName out;
        `key_of` takes the key of another label; `chain` lists labels to follow the leaf."""
        made = Cert(self, label)
        if os.path.exists(made.path()):
            return made
        if key_of:
            with open(self.path(key_of + '.key')) as old, open(made.path('.key'), 'w') as new:
                new.write(old.read())
        else:
            self.key(label, kind)
        signer = issuer.label if issuer else label
        index = signer + '.index'
        if not os.path.exists(self.path(index)):
            open(self.path(index), 'w').close()
            with open(self.path(index + '.crl'), 'w') as number:
                number.write('01\n')
        lines = list(extensions) + (['subjectAltName=' + san] if san else [])
        if not issuer:
            lines = [line for line in lines if not line.startswith('authorityKeyIdentifier')]
        with open(self.path(label + '.cnf'), 'w') as config:
            config.write(CONFIG.format(index=index, extensions='\n'.join(lines)))
        self.openssl('req', '-new', '-key', made.key, '-subj', subject, '-out', label + '.csr', '-utf8')
        kind_of_signer = self.openssl('pkey', '-in', signer + '.key', '-noout', '-text').decode()
        by = ['-selfsign', '-keyfile', made.key] if not issuer else ['-cert', issuer.cert, '-keyfile', issuer.key]
        self.openssl('ca', '-config', label + '.cnf', '-batch', '-notext', '-preserveDN', '-in', label + '.csr',
                     '-out', made.cert, '-startdate', start, '-enddate', end, '-extensions', 'e',
                     '-md', 'default' if kind_of_signer.startswith('ED') else md or 'sha256', *by)
        self.join_chain(made, chain)
        return made

    def join_chain(self, made, chain):
        self.join(made.chain, [made.label] + list(chain or []))
        if chain:
            self.join(made.label + '.rest.pem', chain)

    def join(self, file, labels):
        """One PEM file of several certificates, in the order given."""
        with open(self.path(file), 'w') as out:
            for label in labels:
                with open(self.path(label + '.pem')) as one:
                    out.write(one.read())
        return file

    def revoke(self, issuer, *revoked):
        """LABEL.crl.pem of `issuer`, in which the certificates given are revoked."""
        config = issuer.label + '.crl.cnf'
        with open(self.path(config), 'w') as out:
            out.write(CONFIG.format(index=issuer.label + '.index', extensions=''))
        by = ('-config', config, '-cert', issuer.cert, '-keyfile', issuer.key)
        for one in revoked:
            try:
                self.openssl('ca', *by, '-revoke', one.cert)
            except RuntimeError as error:
                if 'Already revoked' not in str(error):
                    raise
        self.openssl('ca', *by, '-gencrl', '-out', issuer.label + '.crl.pem')
        return issuer.label + '.crl.pem'

    def der(self, label):
        with open(self.path(label + '.pem')) as file:
            body = re.search('-----BEGIN CERTIFICATE-----(.*?)-----END', file.read(), re.S).group(1)
        return base64.b64decode(body)

    def write_der(self, label, der, key_of, chain=None):
        """A certificate from altered bytes, e.g. with a damaged signature."""
        made = Cert(self, label)
        text = base64.encodebytes(der).decode()
        with open(made.path(), 'w') as out:
            out.write('-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----\n' % text)
        with open(self.path(key_of + '.key')) as old, open(made.path('.key'), 'w') as new:
            new.write(old.read())
        self.join_chain(made, chain)
        return made
