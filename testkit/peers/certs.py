"""The certificates of the cases between real programs: one table, one folder, made on demand."""
import functools
import os
import shutil

from lab import label
from lab.pki import CA, CLIENT, LEAF, Pki

from . import build

PAST = dict(start='20240301000000Z', end='20250301000000Z')
FUTURE = dict(start='20310601000000Z', end='20330601000000Z')
DAY = 'DNS:localhost,DNS:*.lab.example'
NOT_CA = tuple(line for line in LEAF)


def ca(subject, issuer=None, **more):
    extensions = tuple(more.pop('extensions', CA))
    return dict(dict(subject=subject, issuer=issuer, extensions=extensions, san=None), **more)


def leaf(issuer='root', subject='/O=Handclasp lab/CN=localhost', **more):
    return dict(dict(subject=subject, issuer=issuer), **more)


def client(issuer='root', name='device-7', **more):
    return dict(dict(subject='/O=Handclasp lab/CN=' + name, issuer=issuer, extensions=CLIENT, san=None), **more)


def without(extensions, name):
    return tuple(line for line in extensions if not line.startswith(name))


def usage(bits, base=LEAF):
    return tuple('keyUsage=critical,' + bits if line.startswith('keyUsage') else line for line in base)


def purpose(which, base=LEAF):
    return tuple('extendedKeyUsage=' + which if line.startswith('extendedKeyUsage') else line for line in base)


TABLE = {
    # authorities
    'root': ca('/C=SE/O=Handclasp lab/CN=Lab Root P1', kind='rsa:2048'),
    'ecroot': ca('/C=SE/O=Handclasp lab/CN=Lab Root P2 (EC)', kind='P-384', md='sha384'),
    'other': ca('/C=FI/O=Somebody else/CN=Other Root', kind='P-256'),
    'edroot': ca('/O=Handclasp lab/CN=Lab Root P3 (Ed25519)', kind='ed25519'),
    'mid': ca('/C=SE/O=Handclasp lab/CN=Lab Intermediate A', 'root'),
    'mid2': ca('/C=SE/O=Handclasp lab/CN=Lab Intermediate B', 'mid', kind='rsa:2048'),
    'mid3': ca('/C=SE/O=Handclasp lab/CN=Lab Intermediate C', 'mid2'),
    'expiredmid': ca('/C=SE/O=Handclasp lab/CN=Lab Intermediate 2024', 'root', **PAST),
    'short': ca('/C=SE/O=Handclasp lab/CN=Lab Intermediate without sub-CAs', 'root',
                extensions=('basicConstraints=critical,CA:TRUE,pathlen:0',) + CA[1:]),
    'below': ca('/C=SE/O=Handclasp lab/CN=Lab CA below', 'short'),
    'permit': ca('/C=SE/O=Handclasp lab/CN=Lab CA for example.org', 'root',
                 extensions=CA + ('nameConstraints=critical,permitted;DNS:example.org',)),
    'exclude': ca('/C=SE/O=Handclasp lab/CN=Lab CA not for localhost', 'ecroot',
                  extensions=CA + ('nameConstraints=critical,excluded;DNS:localhost',)),
    'nosign': ca('/C=SE/O=Handclasp lab/CN=Lab leaf that signs', 'root', extensions=NOT_CA, kind='rsa:2048'),
    # servers
    'leaf': leaf(),
    'rsaleaf': leaf(kind='rsa:2048', san=DAY),
    'p384leaf': leaf('ecroot', kind='P-384'),
    'p521leaf': leaf('ecroot', kind='P-521'),
    'edleaf': leaf('edroot', kind='ed25519'),
    'pssleaf': leaf(kind='rsa-pss:2048'),
    'ipleaf': leaf(san='IP:192.0.2.10,IP:127.0.0.1,IP:2001:db8::10'),
    'chained': leaf('mid', chain=['mid']),
    'chainedrsa': leaf('mid', kind='rsa:2048', chain=['mid']),
    'deep': leaf('mid3', kind='rsa:2048', chain=['mid3', 'mid2', 'mid']),
    'bare': leaf('mid'),
    'disorder': leaf('mid2', kind='rsa:2048', chain=['mid', 'mid2']),
    'withroot': leaf('mid', kind='rsa:2048', chain=['mid', 'root']),
    'stranger': leaf('other'),
    'strangerrsa': leaf('other', kind='rsa:2048', chain=['other']),
    'expired': leaf(**PAST),
    'expiredrsa': leaf('mid', kind='rsa:2048', chain=['mid'], **PAST),
    'goodunderexpired': leaf('expiredmid', chain=['expiredmid']),
    'future': leaf(**FUTURE),
    'futurersa': leaf('ecroot', kind='rsa:2048', **FUTURE),
    'elsewhere': leaf(subject='/CN=shop.example', san='DNS:shop.example,DNS:www.shop.example'),
    'elsewherersa': leaf('mid', subject='/CN=db.internal', san='DNS:db.internal', kind='rsa:2048', chain=['mid']),
    'wild': leaf(subject='/CN=*.lab.example', san='DNS:*.lab.example'),
    'cnonly': leaf(san=None),
    'cnonlyrsa': leaf('mid', san=None, kind='rsa:3072', chain=['mid']),
    'selfsigned': dict(subject='/CN=localhost', issuer=None),
    'selfrsa': dict(subject='/O=Printer/CN=localhost', issuer=None, kind='rsa:2048',
                    extensions=('basicConstraints=critical,CA:TRUE', 'subjectKeyIdentifier=hash')),
    'belowleaf': leaf('below', chain=['below', 'short']),
    'belowrsa': leaf('below', kind='rsa:2048', chain=['below', 'short']),
    'bynoca': leaf('nosign', chain=['nosign']),
    'bynocarsa': leaf('nosign', kind='rsa:2048', chain=['nosign']),
    'outside': leaf('permit', chain=['permit']),
    'excluded': leaf('exclude', kind='rsa:2048', chain=['exclude']),
    'bareknown': leaf('mid2', kind='P-256'),
    'ekuclient': leaf(extensions=purpose('clientAuth')),
    'ekucode': leaf('mid', kind='rsa:2048', chain=['mid'], extensions=purpose('codeSigning,emailProtection')),
    'kuagree': leaf(extensions=usage('keyAgreement')),
    'kuencipher': leaf(kind='rsa:2048', extensions=usage('keyEncipherment')),
    'kucert': leaf('ecroot', extensions=usage('keyCertSign,cRLSign')),
    'rsa1024': leaf(kind='rsa:1024'),
    'rsa512ish': leaf('mid', kind='rsa:768', chain=['mid']),
    'sha1': leaf(kind='rsa:2048', md='sha1'),
    'md5': leaf(kind='rsa:2048', md='md5'),
    'revoked': leaf(),
    'revokedrsa': leaf('mid', kind='rsa:2048', chain=['mid']),
    'k1leaf': leaf(kind='secp256k1'),
    # clients
    'client': client(),
    'clientrsa': client(kind='rsa:2048'),
    'client384': client('ecroot', kind='P-384'),
    'clientchain': client('mid', chain=['mid']),
    'deepclient': client('mid3', kind='rsa:2048', chain=['mid3', 'mid2', 'mid']),
    'clientstranger': client('other', 'intruder'),
    'clientself': dict(subject='/CN=device-9', issuer=None, extensions=CLIENT, san=None, kind='rsa:2048'),
    'clientexpired': client(name='device-old', **PAST),
    'clientexpiredrsa': client(name='device-old', kind='rsa:2048', **PAST),
    'clientfuture': client(name='device-new', **FUTURE),
    'clientfuturersa': client(name='device-new', kind='rsa:2048', **FUTURE),
    'clientrevoked': client(name='device-stolen'),
    'clientrevokedrsa': client(name='device-stolen', kind='rsa:2048'),
    'clienteku': client(extensions=purpose('serverAuth', CLIENT)),
    'clientekursa': client(kind='rsa:2048', extensions=purpose('emailProtection', CLIENT)),
    'clientku': client(extensions=usage('keyAgreement', CLIENT)),
    'clientkursa': client(kind='rsa:2048', extensions=usage('keyEncipherment', CLIENT)),
    'clientrsa1024': client(kind='rsa:1024'),
    'cliented': client(kind='ed25519'),
    # pins: three of one device; the second has the key of the first
    'pin1': dict(subject='/CN=printer', issuer=None, san='DNS:printer,DNS:localhost', end='20270101000000Z'),
    'pin2': dict(subject='/CN=printer', issuer=None, san='DNS:printer,DNS:localhost', start='20261001000000Z', key_of='pin1'),
    'pin3': dict(subject='/CN=printer', issuer=None, san='DNS:printer,DNS:localhost', start='20261101000000Z'),
    'pinrsa1': dict(subject='/O=Camera/CN=cam-3', issuer=None, san='DNS:cam-3', kind='rsa:2048', end='20270101000000Z'),
    'pinrsa2': dict(subject='/O=Camera/CN=cam-3', issuer=None, san='DNS:cam-3', start='20261101000000Z', key_of='pinrsa1'),
    'pinrsa3': dict(subject='/O=Camera/CN=cam-3', issuer=None, san='DNS:cam-3', kind='rsa:2048', start='20261101000000Z'),
}
ANCHORS = {'p-root.pem': ['root'], 'p-ecroot.pem': ['ecroot'], 'p-edroot.pem': ['edroot'], 'p-both.pem': ['root', 'ecroot'],
           'p-other.pem': ['other'], 'p-pin1.pem': ['pin1'], 'p-pinrsa1.pem': ['pinrsa1'], 'p-selfsigned.pem': ['selfsigned'],
           'p-root-other.pem': ['root', 'other'], 'p-selfrsa.pem': ['selfrsa'], 'p-mid.pem': ['mid']}


@functools.cache
def pki():
    return Pki(build.folder('peers'))


@functools.cache
def cert(name):
    """Makes the certificate of the table, with what it needs above and beside it."""
    row = dict(TABLE[name])
    issuer = row.pop('issuer')
    for other in row.get('chain', []):
        cert(other)
    if row.get('key_of'):
        cert(row['key_of'])
    return pki().issue(name, cert(issuer) if issuer else None, **row)


@functools.cache
def anchors(file):
    """Makes a file of roots and puts a copy where labels look for it."""
    for name in ANCHORS[file]:
        cert(name)
    pki().join(file, ANCHORS[file])
    folder = os.path.join(label.OWN, 'pki')
    os.makedirs(folder, exist_ok=True)
    shutil.copyfile(pki().path(file), os.path.join(folder, file))
    return file


@functools.cache
def crl(issuer, *revoked):
    return pki().revoke(cert(issuer), *[cert(one) for one in revoked])


@functools.cache
def damaged(name, of, **how):
    """A certificate whose signature is damaged: one byte near its end is another."""
    cert(of)
    der = bytearray(pki().der(of))
    der[how.get('at', -9)] ^= how.get('by', 0x55)
    return pki().write_der(name, bytes(der), of, TABLE[of].get('chain'))


@functools.cache
def dh(file):
    """dh512.pem and the like: a prime of that size."""
    if not os.path.exists(pki().path(file)):
        pki().openssl('dhparam', '-2', '-out', file, file[2:-4])
    return file
