"""TLS 1.3 without keys that a client refuses, and what ends right after a handshake. The labels stand in
`endings.toml`, and the certificates are made anew for each run: no label needs a trust anchor."""
import functools
import os
import subprocess
import sys

from lab import container, label, process
from lab.case import Case
from peers import build

from . import ends, pki

NAME = 'pump-4.windpark.example'
MINE = os.path.join(ends.PROGRAMS, 'endings.py')
TABLE = os.path.join(pki.OUT, 'endings.toml')


class Folder:
    """A root, a chain below it, a leaf right below it, and certificates signed by themselves."""

    def __init__(self):
        self.dir = build.folder('endings')
        if not os.path.exists(self.path('root.pem')):
            self.make()

    def path(self, name):
        return os.path.join(self.dir, name)

    def issue(self, name, subject, extensions, issuer=None, key='ec'):
        kind = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] if key == 'ec' else [key]
        argv = ['openssl', 'req', '-new', '-x509', '-nodes', '-days', '3000', '-newkey', *kind, '-keyout', name + '.key', '-out', name + '.pem',
                '-subj', subject]
        argv += ['-CA', issuer + '.pem', '-CAkey', issuer + '.key'] if issuer else []
        for one in extensions:
            argv += ['-addext', one]
        if issuer:
            # OpenSSL 3.0 signs for another issuer only in `x509`.
            subprocess.run(argv[:2] + ['-new', '-nodes', '-newkey', *kind, '-keyout', name + '.key', '-out', name + '.csr', '-subj', subject],
                           cwd=self.dir, check=True, capture_output=True)
            with open(self.path('ext'), 'w') as out:
                out.write('\n'.join(extensions))
            argv = ['openssl', 'x509', '-req', '-in', name + '.csr', '-CA', issuer + '.pem', '-CAkey', issuer + '.key', '-CAcreateserial',
                    '-days', '3000', '-extfile', 'ext', '-out', name + '.pem']
        subprocess.run(argv, cwd=self.dir, check=True, capture_output=True)

    def make(self):
        ca, san = ['basicConstraints=critical,CA:TRUE'], ['subjectAltName=DNS:' + NAME]
        for name in ('root', 'other'):
            self.issue(name, '/C=DK/O=Windpark Nordsee A-S/CN=Windpark %s CA' % name, [])
        self.issue('inter', '/C=DK/O=Windpark Nordsee A-S/CN=Windpark Issuing CA', ca, 'root')
        self.issue('leaf', '/C=DK/O=Windpark Nordsee A-S/CN=' + NAME, san, 'inter')
        self.issue('direct', '/C=DK/O=Windpark Nordsee A-S/CN=' + NAME, san, 'root')
        self.issue('own', '/CN=' + NAME, san)
        self.issue('ownrsa', '/CN=' + NAME, san, key='rsa:2048')
        self.issue('default', '/O=Acme/CN=Default Certificate', ['subjectAltName=DNS:ingress.local'])
        self.issue('wrong', '/CN=old.windpark.example', ['subjectAltName=DNS:old.windpark.example'], 'root')
        with open(self.path('chain.pem'), 'w') as out:
            for name in ('leaf', 'inter'):
                with open(self.path(name + '.pem')) as part:
                    out.write(part.read())
        os.replace(self.path('leaf.key'), self.path('chain.key'))


def openssl(cert, args=''):
    more = ['-cert_chain', 'inter.pem'] if cert == 'chain' else []
    return lambda case: (['openssl', 's_server', '-accept', case.address, '-cert', cert + '.pem', '-key', cert + '.key', *more, *args.split()],
                         'openssl')


def go_server(cert, args=''):
    return lambda case: ([build.go(), '-role', 'server', '-address', case.address, '-cert', cert + '.pem', '-key', cert + '.key', *args.split()], 'go')


def mine(role, what, cert=None, keys=False):
    def end(case):
        argv = [sys.executable, MINE, role, what, case.host, str(case.port), cert or '-', case.keylog if keys else '-']
        return argv, 'python'
    return end


def go_client(args=''):
    return lambda case: ([build.go(), '-address', case.address, '-name', NAME, '-ca', 'root.pem', *args.split()], 'go')


def curl(args='', ca='root'):
    return lambda case: (['curl', '-sS', '-m', '4', '--connect-to', '::' + case.address, '--cacert', ca + '.pem', *args.split(), 'https://' + NAME + '/'],
                         'curl')


def s_client(args=''):
    return lambda case: (['openssl', 's_client', '-connect', case.address, '-servername', NAME, *args.split()], 'openssl')


def gnutls(args=''):
    return lambda case: (['gnutls-cli', case.host, '--port', case.port, '--sni-hostname', NAME, '--verify-hostname', NAME, '--x509cafile', 'other.pem',
                          *args.split()], 'gnutls')


def node(ca):
    script = ("require('tls').connect({port:%d,host:'%s',servername:'%s',ca:require('fs').readFileSync('%s.pem')},function(){this.end('hi')})"
              ".on('error',e=>console.log(e.code))")
    return lambda case: (['node', '-e', script % (case.port, case.host, NAME, ca)], 'node')


UNKNOWN = ['cert.self-signed', 'cert.missing-intermediate']
SILENT = ['transport.closed.by-client']
AFTER = ['transport.closed.after-handshake', 'trust.refused-after-handshake']
CLIENT = ['client-cert.unknown-issuer', 'client-cert.missing', 'client-cert.expired', 'client-cert.signature-invalid', 'transport.closed.by-server', 'refused.after-handshake']
# Name, cause, what is as good, server, client, what was done.
ROWS = [
    ('chain-go-openssl', 'cert.unknown-issuer', UNKNOWN, openssl('chain'), go_client('-ca other.pem'), 'a chain of two under a CA that Go is not given'),
    ('own-go-openssl', 'cert.self-signed', ['cert.unknown-issuer'], openssl('own'), go_client('-ca other.pem'), 'a self-signed certificate for the right name, unknown to Go'),
    ('default-go-go', 'cert.name-mismatch', [], go_server('default'), go_client(), 'the default certificate of an ingress, for another name and self-signed'),
    ('nosuch-go-openssl', 'cert.name-mismatch', ['cert.no-san'], openssl('wrong'), go_client(), 'one certificate of the known CA, for another name'),
    ('chain-curl-go', 'cert.unknown-issuer', UNKNOWN, go_server('chain'), curl(ca='other'), 'a chain of two under a CA that curl is not given'),
    ('own-curl-openssl', 'cert.self-signed', ['cert.unknown-issuer'], openssl('ownrsa'), curl(ca='other'), 'a self-signed RSA certificate, unknown to curl'),
    ('own-python-go', 'cert.self-signed', ['cert.unknown-issuer'], go_server('own'), mine('client', 'verify', 'other'), 'a self-signed certificate, unknown to Python'),
    ('chain-python-openssl', 'cert.unknown-issuer', UNKNOWN, openssl('chain'), mine('client', 'verify', 'other'), 'a chain of two under a CA that Python is not given'),
    ('direct-gnutls-openssl', 'cert.unknown-issuer', ['cert.self-signed'], openssl('direct'), gnutls(), 'one certificate right below a CA that GnuTLS is not given'),
    ('chain-gnutls-go', 'cert.unknown-issuer', UNKNOWN, go_server('chain'), gnutls(), 'a chain of two under a CA that GnuTLS is not given'),
    ('chain-node-openssl', 'cert.unknown-issuer', SILENT, openssl('chain'), node('other'), 'a chain of two under a CA that Node is not given: it closes without an alert'),
    ('chain-ccm8-openssl', 'cert.unknown-issuer', UNKNOWN, openssl('chain', '-ciphersuites TLS_AES_128_CCM_8_SHA256'),
     gnutls('--priority NORMAL:+AES-128-CCM-8:-AES-128-GCM:-AES-256-GCM:-CHACHA20-POLY1305:-AES-128-CCM:-AES-256-CCM'), 'tags of 8 bytes'),
    ('alpn-python-13', 'alpn.none-in-common', AFTER, openssl('chain'), mine('client', 'h2', 'root'), 'h2 is required, and the server selects none'),
    ('alpn-python-13-keys', 'alpn.none-in-common', AFTER, go_server('chain'), mine('client', 'h2', 'root', True), 'h2 is required, and the server selects none'),
    ('alpn-python-12', 'alpn.none-in-common', AFTER, openssl('chain', '-tls1_2'), mine('client', 'h2', 'root'), 'h2 is required, and the server selects none'),
    ('alpn-postgresql-13', 'alpn.none-in-common', AFTER, go_server('direct'), mine('client', 'postgresql', 'root'), 'direct TLS of PostgreSQL to a server without ALPN'),
    ('alpn-curl-none', 'none', [], openssl('chain', '-www'), curl(), 'curl offers h2 and http/1.1, the server selects none, and HTTP/1.1 follows'),
    ('name-curl-12', 'cert.name-mismatch', AFTER, openssl('wrong', '-tls1_2 -www'), curl(), 'curl compares the name after the handshake'),
    ('pin-curl-13', 'trust.refused-after-handshake', ['none', 'transport.closed.after-handshake'], openssl('chain', '-www'),
     curl('--pinnedpubkey sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='), 'curl pins another key'),
    ('probe-openssl-13', 'none', [], openssl('chain'), s_client(), 'a probe: s_client without input'),
    ('probe-openssl-12', 'none', [], go_server('direct', '-max 1.2'), s_client(), 'a probe: s_client without input'),
    ('probe-fin-13', 'none', [], openssl('own'), mine('client', 'fin'), 'a health check that closes without close_notify'),
    ('probe-reset-13', 'none', [], go_server('own'), mine('client', 'reset'), 'a health check that resets the connection'),
    ('server-closes-13', 'none', [], mine('server', 'close', 'own'), s_client(), 'a server that closes right after the handshake'),
    ('plain-server-13', 'transport.plain-after-tls', [], mine('server', 'plain', 'own'), mine('client', 'read'), 'the server writes to the socket beside TLS'),
    ('plain-server-12', 'transport.plain-after-tls', [], mine('server', 'plain12', 'own'), mine('client', 'read'), 'the server writes to the socket beside TLS'),
    ('unwrapped-12', 'none', ['transport.plain-after-tls'], mine('server', 'unwrap', 'own'), mine('client', 'unwrap'), 'both leave TLS and go on in plain text, as FTP does after CCC'),
    ('mutual-stranger-go', 'client-cert.filtered', CLIENT, openssl('chain', '-Verify 2 -verify_return_error -CAfile root.pem'),
     go_client('-cert default.pem -key default.key -data hello'), 'Go withholds a certificate of no CA that the server lists, and the server refuses after the handshake'),
]


@functools.cache
def folder():
    return Folder()


def make(row):
    name, cause, accept, server, client, evidence = row
    name = 'end-' + name
    with Case(name, folder()) as case:
        argv, server_kind = server(case)
        case.server(argv)
        argv, client_kind = client(case)
        case.client(argv, hold=0.0, timeout=6)
        case.stop()
        capture = container.read(case.pcap)
        if os.path.exists(case.keylog):
            with open(case.keylog, 'rb') as keys:
                capture = capture._replace(keys=keys.read())
        with open(os.path.join(pki.OUT, name + '.pcapng'), 'wb') as out:
            out.write(container.FORMS['pcapng'](capture))
        said = {role: process.messages(case.log(role)) for role in ('client', 'server')}
        print('   ', said)
        grade = 'observed' if cause in ('none', 'transport.plain-after-tls') else 'inferred'
        made = {'name': name, 'cause': cause, 'inputs': {}, 'also_accept': accept, 'outcome': 'completed' if cause == 'none' else 'failed',
                'side_at_fault': label.side_of(cause), 'grade': grade, 'evidence': evidence,
                'grades': {one: 'observed' for one in accept if one.startswith('transport')},
                'peers': {'client': build.version(client_kind), 'server': build.version(server_kind)}, 'messages': said}
        label.check(made, pki.OUT)
        labels = label.table.load(TABLE) if os.path.exists(TABLE) else {}
        label.save(TABLE, dict(labels, **{name: label.of_table(made)}))


def cases():
    return [('end-' + row[0], functools.partial(make, row)) for row in ROWS]
