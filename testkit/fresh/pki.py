"""The certificates of this folder: one table, made on demand; roots lie in `fresh/pki`."""
import functools
import os
import shutil

from lab import label
from lab.pki import CA, CLIENT, LEAF, Pki
from peers import build

OUT = os.path.join(label.VECTORS, 'fresh')
PAST = dict(start='20230110000000Z', end='20260110000000Z')
FUTURE = dict(start='20280214000000Z', end='20300214000000Z')
NAME = 'turbine-3.windpark.example'
ORG = '/C=DK/O=Windpark Nordsee A-S/'


def ca(cn, issuer=None, kind='P-384', extensions=CA, **more):
    return dict(dict(subject=ORG + 'CN=' + cn, issuer=issuer, kind=kind, extensions=tuple(extensions), san=None, end='20440101000000Z'), **more)


def leaf(issuer, kind='P-256', **more):
    return dict(dict(subject=ORG + 'CN=' + NAME, issuer=issuer, kind=kind, san='DNS:' + NAME), **more)


def client(issuer='eroot', cn='operator 17', **more):
    return dict(dict(subject=ORG + 'OU=Operators/CN=' + cn, issuer=issuer, extensions=CLIENT, san='email:op17@windpark.example'), **more)


def usage(bits, base=LEAF):
    return tuple('keyUsage=critical,' + bits if line.startswith('keyUsage') else line for line in base)


def purpose(which, base=LEAF):
    return tuple('extendedKeyUsage=' + which if line.startswith('extendedKeyUsage') else line for line in base)


def chain(*labels):
    return {'chain': list(labels)}


DEEP = chain('isub3', 'isub2', 'isub1')
TABLE = {
    # authorities: a root of each kind of key, and three below one another
    'eroot': ca('Windpark Root E1', kind='P-521', md='sha512'),
    'rroot': ca('Windpark Root R1', kind='rsa:3072', md='sha384'),
    'droot': ca('Windpark Root D1', kind='ed25519'),
    'sroot': ca('Windpark Root S1', kind='rsa-pss:2048'),
    'broot': ca('Windpark Root B1', kind='brainpoolP384r1', md='sha384'),
    'oldroot': ca('Windpark Root 2012', kind='rsa:2048'),
    'elsewhereroot': dict(ca('Harbour Root', kind='P-256'), subject='/C=NO/O=Harbour Trust/CN=Harbour Root'),
    'isub1': ca('Windpark Policy CA', 'eroot', 'rsa:2048', md='sha384'),
    'isub2': ca('Windpark Region West CA', 'isub1'),
    'isub3': ca('Windpark Issuing CA 8', 'isub2', 'P-256'),
    'rsub': ca('Windpark Issuing CA R', 'rroot', 'rsa:2048'),
    'rsubold': ca('Windpark Issuing CA 2023', 'rroot', 'P-256', **PAST),
    'rsubsha1': ca('Windpark Issuing CA sha1', 'rroot', 'rsa:2048', md='sha1'),
    'capped': ca('Windpark CA (no further CAs)', 'rroot', 'P-256', extensions=('basicConstraints=critical,CA:TRUE,pathlen:0',) + CA[1:]),
    'undercapped': ca('Windpark CA too deep', 'capped', 'P-256'),
    'capped1': ca('Windpark CA (one further CA)', 'eroot', 'P-256', extensions=('basicConstraints=critical,CA:TRUE,pathlen:1',) + CA[1:]),
    'under1': ca('Windpark CA first below', 'capped1', 'P-256'),
    'under2': ca('Windpark CA second below', 'under1', 'P-256'),
    'onlyharbour': ca('Windpark CA for harbour.example', 'rroot', 'P-256', extensions=CA + ('nameConstraints=critical,permitted;DNS:harbour.example',)),
    'noaddresses': ca('Windpark CA without addresses', 'rroot', 'P-256', extensions=CA + ('nameConstraints=critical,excluded;IP:127.0.0.0/255.0.0.0',)),
    'windparkonly': ca('Windpark CA for windpark.example', 'rroot', 'P-256', extensions=CA + ('nameConstraints=critical,permitted;DNS:windpark.example',)),
    'station': ca('Windpark station that signs', 'eroot', 'P-256', extensions=LEAF),
    'nosignca': ca('Windpark CA v3 without basicConstraints', 'rroot', 'rsa:2048', extensions=('keyUsage=critical,digitalSignature,keyCertSign', 'subjectKeyIdentifier=hash')),
    # servers that are good
    'e': leaf('eroot'),
    'e384': leaf('eroot', 'P-384'),
    'e521': leaf('eroot', 'P-521'),
    'r': leaf('rroot', 'rsa:2048'),
    'rsubleaf': leaf('rsub', 'rsa:2048', **chain('rsub')),
    'r4096': leaf('rsub', 'rsa:4096', **chain('rsub')),
    'deepest': leaf('isub3', **DEEP),
    'deeprsa': leaf('isub3', 'rsa:2048', **DEEP),
    'd': leaf('droot', 'ed25519'),
    's': leaf('sroot', 'rsa-pss:2048'),
    'b': leaf('broot', 'brainpoolP256r1'),
    'wild': leaf('isub2', san='DNS:*.windpark.example', subject=ORG + 'CN=*.windpark.example', **chain('isub2', 'isub1')),
    'address': leaf('rsub', san='IP:127.0.0.1,IP:2001:db8::10', subject=ORG + 'CN=gateway', **chain('rsub')),
    'address2': leaf('rsub', san='IP:198.51.100.7,IP:192.0.2.77', subject=ORG + 'CN=gateway', **chain('rsub')),
    'manynames': leaf('rroot', san=','.join('DNS:node-%d.windpark.example' % i for i in range(1, 60)) + ',DNS:' + NAME),
    'fits': leaf('windparkonly', **chain('windparkonly')),
    # servers that are not
    'past': leaf('isub3', **PAST, **DEEP),
    'pastrsa': leaf('rsub', 'rsa:2048', **PAST, **chain('rsub')),
    'underpast': leaf('rsubold', **chain('rsubold')),
    'later': leaf('rsub', **FUTURE, **chain('rsub')),
    'laterd': leaf('droot', 'ed25519', **FUTURE),
    'cn': leaf('rsub', 'rsa:2048', san=None, **chain('rsub')),
    'cne': leaf('eroot', 'P-384', san=None),
    'foreign': leaf('elsewhereroot', 'rsa:2048'),
    'foreignd': leaf('elsewhereroot', 'ed25519'),
    'selfish': dict(subject='/CN=' + NAME, issuer=None, kind='P-384', san='DNS:' + NAME),
    'selfishrsa': dict(subject='/O=Default Company Ltd/CN=' + NAME, issuer=None, kind='rsa:2048', san='DNS:' + NAME),
    'alone': leaf('isub3'),
    'gapped': leaf('isub3', 'rsa:2048', **chain('isub3', 'isub1')),
    'alonersa': leaf('rsub', 'rsa:2048'),
    'shuffled': leaf('isub3', **chain('isub1', 'isub2', 'isub3')),
    'overcap': leaf('undercapped', **chain('undercapped', 'capped')),
    'overcap1': leaf('under2', **chain('under2', 'under1', 'capped1')),
    'bystation': leaf('station', **chain('station')),
    'bynosign': leaf('nosignca', 'rsa:2048', **chain('nosignca')),
    'outof': leaf('onlyharbour', **chain('onlyharbour')),
    'outofip': leaf('noaddresses', san='IP:127.0.0.1', subject=ORG + 'CN=gateway', **chain('noaddresses')),
    'mailonly': leaf('rsub', extensions=purpose('emailProtection,timeStamping'), **chain('rsub')),
    'clientonly': leaf('eroot', 'P-384', extensions=purpose('clientAuth')),
    'encipher': leaf('rsub', 'rsa:2048', extensions=usage('keyEncipherment,dataEncipherment'), **chain('rsub')),
    'agree': leaf('eroot', 'P-384', extensions=usage('keyAgreement')),
    'crlsign': leaf('rroot', extensions=usage('cRLSign')),
    'thousand': leaf('rsub', 'rsa:1024', **chain('rsub')),
    'undersha1': leaf('rsubsha1', 'rsa:2048', **chain('rsubsha1')),
    'sha1leaf': leaf('rroot', 'rsa:2048', md='sha1'),
    'withdrawn': leaf('rroot', 'rsa:2048'),
    # pins
    'pinold': dict(subject='/CN=pump-9', issuer=None, kind='P-384', san='DNS:pump-9', end='20261231000000Z'),
    'pinsame': dict(subject='/CN=pump-9', issuer=None, san='DNS:pump-9', key_of='pinold', start='20261001000000Z'),
    'pinother': dict(subject='/CN=pump-9', issuer=None, kind='P-384', san='DNS:pump-9', start='20261001000000Z'),
    # clients
    'op': client(),
    'oprsa': client('rroot', kind='rsa:2048'),
    'oped': client('droot', kind='ed25519'),
    'op521': client(kind='P-521'),
    'opdeep': client('isub3', **DEEP),
    'opforeign': client('elsewhereroot', 'visitor'),
    'opforeignrsa': client('elsewhereroot', 'visitor', kind='rsa:2048'),
    'opself': dict(subject='/CN=laptop', issuer=None, extensions=CLIENT, san=None),
    'oppast': client(cn='operator 3', **PAST),
    'oplater': client(cn='operator 40', kind='P-384', **FUTURE),
    'opgone': client(cn='operator 5'),
    'opmail': client(extensions=purpose('emailProtection', CLIENT)),
    'opserver': client(kind='P-384', extensions=purpose('serverAuth', CLIENT)),
    'opagree': client(extensions=usage('keyAgreement', CLIENT)),
    'openc': client('rroot', kind='rsa:2048', extensions=usage('keyEncipherment', CLIENT)),
}
ANCHORS = {'f-e.pem': ['eroot'], 'f-r.pem': ['rroot'], 'f-d.pem': ['droot'], 'f-s.pem': ['sroot'], 'f-b.pem': ['broot'],
           'f-all.pem': ['eroot', 'rroot', 'droot'], 'f-er.pem': ['eroot', 'rroot'], 'f-old.pem': ['oldroot'], 'f-pin.pem': ['pinold'],
           'f-isub2.pem': ['isub2'], 'f-self.pem': ['selfish']}


@functools.cache
def pki():
    return Pki(build.folder('fresh'))


@functools.cache
def cert(name):
    row = dict(TABLE[name])
    issuer = row.pop('issuer')
    for other in row.get('chain', []):
        cert(other)
    if row.get('key_of'):
        cert(row['key_of'])
    return pki().issue(name, cert(issuer) if issuer else None, **row)


@functools.cache
def anchors(file):
    """A file of roots; a copy lies where labels look for it."""
    for name in ANCHORS[file]:
        cert(name)
    pki().join(file, ANCHORS[file])
    os.makedirs(os.path.join(OUT, 'pki'), exist_ok=True)
    shutil.copyfile(pki().path(file), os.path.join(OUT, 'pki', file))
    return file


@functools.cache
def crl(issuer, *revoked):
    return pki().revoke(cert(issuer), *[cert(one) for one in revoked])


@functools.cache
def damaged(name, of, at=-9, by=0x21, below=()):
    """A certificate with one byte of its signature changed; `below` lists certificates that follow it in the file."""
    cert(of)
    der = bytearray(pki().der(of))
    der[at] ^= by
    return pki().write_der(name, bytes(der), of, list(below) or TABLE[of].get('chain'))


@functools.cache
def dh(file):
    if not os.path.exists(pki().path(file)):
        pki().openssl('dhparam', '-2', '-out', file, file[2:-4])
    return file
