"""tlslite-ng as an end with one fault put into it while it runs: tlslite_end.py ROLE HOST PORT FAULT [NAME=VALUE...]

Faults: none; reversed (the shared secret of ECDH in the wrong byte order); no-ems (extended_master_secret agreed
and then not used); no-etm (encrypt_then_mac agreed and then not used); transcript (one message more hashed than
was sent); drop:MESSAGE (a message that is neither sent nor hashed), e.g. drop:CertificateVerify; ee:TYPE (an
extension in EncryptedExtensions that nobody asked for). Values: cert key tls suite psk.
"""
import socket
import sys

from tlslite import keyexchange, recordlayer, tlsconnection, tlsrecordlayer
from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey
from tlslite.extensions import TLSExtension


def drop(name):
    send, queue = tlsrecordlayer.TLSRecordLayer._sendMsg, tlsrecordlayer.TLSRecordLayer._queue_message

    def send_others(self, msg, *args, **kwargs):
        return iter(()) if type(msg).__name__ == name else send(self, msg, *args, **kwargs)

    def queue_others(self, msg):
        return None if type(msg).__name__ == name else queue(self, msg)
    TLSConnection._sendMsg, TLSConnection._queue_message = send_others, queue_others


def reverse_shared_secret():
    for kex in (keyexchange.ECDHKeyExchange, keyexchange.FFDHKeyExchange):
        right = kex.calc_shared_key
        kex.calc_shared_key = lambda self, *a, right=right, **k: right(self, *a, **k)[::-1]


def forget_ems():
    right = TLSConnection._calculate_master_secret

    def wrong(self, *args):
        agreed, self.extendedMasterSecret = self.extendedMasterSecret, False
        try:
            return right(self, *args)
        finally:
            self.extendedMasterSecret = agreed
    TLSConnection._calculate_master_secret = wrong


def forget_etm():
    layer = recordlayer.RecordLayer
    layer.encryptThenMAC = property(lambda self: False, lambda self, value: None)


def hash_too_much():
    right = TLSConnection._sendFinished if hasattr(TLSConnection, '_sendFinished') else None

    def wrong(self, *args, **kwargs):
        self._handshake_hash.update(bytearray(b'\0\0\0\0'))
        return right(self, *args, **kwargs)
    TLSConnection._sendFinished = wrong


def unasked(kind):
    made = tlsconnection.EncryptedExtensions

    class More(made):
        def create(self, extensions):
            return made.create(self, list(extensions) + [TLSExtension(extType=kind).create(bytearray())])
    tlsconnection.EncryptedExtensions = More
    More.__name__ = 'EncryptedExtensions'


def put_in(fault):
    kind, _, what = fault.partition(':')
    if kind == 'drop':
        drop(what)
    elif kind == 'ee':
        unasked(int(what))
    elif kind != 'none':
        {'reversed': reverse_shared_secret, 'no-ems': forget_ems, 'no-etm': forget_etm, 'transcript': hash_too_much}[kind]()


def settings(given):
    made = HandshakeSettings()
    if 'tls' in given:
        made.minVersion = made.maxVersion = {'1.2': (3, 3), '1.3': (3, 4)}[given['tls']]
    if 'cipher' in given:
        made.cipherNames = given['cipher'].split(',')
    if 'mac' in given:
        made.macNames = given['mac'].split(',')
    if 'kex' in given:
        made.keyExchangeNames = given['kex'].split(',')
    if 'groups' in given:
        made.eccCurves = given['groups'].split(',')
        made.keyShares = given['groups'].split(',')
    return made


def main(role, host, port, fault, *rest):
    given = dict(one.split('=', 1) for one in rest)
    put_in(fault)
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    sock = socket.socket(family)
    if role == 'client':
        sock.settimeout(6)
        sock.connect((host, int(port)))
        conn = TLSConnection(sock)
        conn.handshakeClientCert(settings=settings(given), serverName=given.get('name', 'localhost'))
        conn.write(b'reading 4.1\n')
        print(bytes(conn.read(max=100, min=1)))
        conn.close()
        return
    with open(given['cert']) as f:
        chain = X509CertChain()
        chain.parsePemList(f.read())
    with open(given['key']) as f:
        key = parsePEMKey(f.read(), private=True)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, int(port)))
    sock.listen(4)
    one, _ = sock.accept()
    one.settimeout(6)
    conn = TLSConnection(one)
    conn.handshakeServer(certChain=chain, privateKey=key, settings=settings(given))
    data = conn.read(max=1000, min=1)
    while data:
        conn.write(data)
        data = conn.read(max=1000, min=1)
    conn.close()


if __name__ == '__main__':
    try:
        main(*sys.argv[1:])
    except Exception as e:
        print('error: %s: %s' % (type(e).__name__, e))
        sys.exit(1)
