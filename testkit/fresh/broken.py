"""Hellos that are broken or lack something, servers that break a rule, paths that damage, connections that
are not TLS: scripted ends and proxies of `scripted`, against the peers of this folder."""
import functools
import os
import time

from lab import label
from scripted import malformed as bad
from scripted import offers, raw, rules, violations, wire
from scripted.proxy import FIN, PAUSE, RESET, STALL
from scripted.wire import record, u16, vec16

from . import pki
from .pki import NAME
from .run import make, ok, row, table

E, R = ({'ca': 'f-%s.pem' % one, 'name': NAME} for one in 'er')
N = {'keys': False}
GCM = 0xc02b
CH, SH, CERT, SKE, CKE = wire.CLIENT_HELLO, wire.SERVER_HELLO, wire.CERTIFICATE, wire.SERVER_KEY_EXCHANGE, wire.CLIENT_KEY_EXCHANGE
TAMPER, DROPPED, DIFFER = 'tamper.in-flight', 'tamper.dropped-message', 'key-exchange.keys-differ'
BADSIG, OFFCURVE, NOTKEY = 'key-exchange.signature-invalid', 'key-exchange.point-not-on-curve', 'key.not-of-certificate'
V, M, T = 'peer.protocol-violation.', 'hello.malformed.', 'transport.'
NGINX, HAPROXY = ('nginx', '', {'cert': 'e'}), ('haproxy', '', {'cert': 'e'})
STUNNEL, WOLF, NODE = ('stunnel', '', {'cert': 'r'}), ('wolf', '', {'cert': 'e'}), ('node', '', {'cert': 'r'})
JAVA, AIO = ('java', '', {'cert': 'e'}), ('aio', '', {'cert': 'e'})
S12 = ('stunnel', '', {'cert': 'r', 'conf': ['sslVersion = TLSv1.2']})
H12 = ('haproxy', '', {'cert': 'e', 'bind': 'ssl-max-ver TLSv1.2'})
PAD, RENEGO = (21, b'\0' * 60), (wire.RENEGO, b'\0')
TRUNCATED = {'also_accept': ['transport.truncated'], 'grades': {'transport.truncated': 'observed'}}


def dial(*items, quiet=1.0, close='fin'):
    return lambda port: raw.client(port, list(items), quiet=quiet, close=close)


def device(**more):
    return offers.device(**dict({'name': NAME}, **more))


def modern(**more):
    return offers.modern(**dict({'name': NAME}, **more))


def hello(name, field, server, data, what, **more):
    return row('hello-' + name, M + field, server, dial(data, PAUSE(0.05)), what, 'proved', after=0.2, settle='proved', **dict(N, **more))


def lacking(name, cause, server, message, what, **more):
    return row('lacking-' + name, cause, server, dial(record(22, message, 0x0301), PAUSE(0.05)), what, 'inferred', after=0.2, settle='observed', **dict(N, **more))


def script(play):
    def serve(conn):
        conn.read_hello()
        play(conn)
    return serve


def breaks(name, rule, play, client, what, **more):
    return row('rule-' + name, V + rule, script(play), client, what, 'proved', give='n', settle='server', **dict(N, **more))


def point(group, data, suite=None):
    """A ServerHello of TLS 1.3 with that share, then something that looks protected."""
    def play(conn):
        first = suite or next(x for x in conn.hello.suite_list() if x >> 8 == 0x13)
        conn.handshake(wire.server_hello(first, [violations.V13, (wire.KEY_SHARE, u16(group) + vec16(data))], session_id=conn.hello.session_id))
        conn.send(record(20, b'\1'), record(23, os.urandom(48)), PAUSE(0.2))
        conn.drain()
    return play


def certificate(name):
    def build():
        pki.cert(name)
        return wire.message(CERT, wire.vec24(wire.vec24(pki.pki().der(name))))
    return build


def half(msg, count, then):
    """The first bytes of a record of the server, then `then`."""
    def play(conn):
        conn.send(record(22, msg)[:count], PAUSE(0.1), then)
    return play


def says(*lines):
    def serve(conn):
        for line in lines:
            conn.send(line)
            conn.sock.settimeout(1.5)
            if not conn.sock.recv(4096):
                return
        time.sleep(0.1)
    return serve


def certificate_then_reset(conn):
    conn.handshake(SH12, certificate('e')())
    conn.send(PAUSE(0.3), RESET)


def quiet(conn):
    conn.drain(quiet=6)


SH12 = wire.server_hello(GCM, [RENEGO], session_id=b'\5' * 32)
HTTP = b'POST /measure HTTP/1.1\r\nHost: turbine-3.windpark.example\r\nContent-Length: 2\r\n\r\n{}'
CURL_PLAIN = ('command', '', {'argv': ['curl', '-sv', '-m', '3', '-I', 'http://{address}/metrics'], 'title': 'curl without TLS'})
OFF384 = b'\4' + b'\x11' * 96
HELLOS = [
    hello('no-header-stunnel', 'record-header', STUNNEL, modern(), 'a ClientHello without the five bytes of the record header'),
    hello('no-header-wolf', 'record-header', WOLF, device(groups=(23, 24)), 'a ClientHello without the five bytes of the record header'),
    hello('record-short-nginx', 'record-length', NGINX, bad.record_length(device(), bad.more(-4)), 'the record length leaves out the four bytes of the handshake header', also_accept=[M + 'handshake-length']),
    hello('record-long-java', 'record-length', JAVA, bad.record_length(modern(), bad.more(5)), 'the record length counts its own header: five bytes never come', **TRUNCATED),
    hello('message-long-wolf', 'handshake-length', WOLF, bad.handshake_length(modern(), bad.more(9)), 'the handshake length promises nine bytes more than the record has', also_accept=[M + 'record-length', 'transport.truncated'], grades={'transport.truncated': 'observed'}),
    hello('message-short-node', 'handshake-length', NODE, bad.handshake_length(device(), bad.more(-2)), 'the handshake length is two too small', also_accept=[M + 'extensions']),
    hello('session-40-haproxy', 'session-id', HAPROXY, bad.sid(modern(), lambda b: b'\x28' + os.urandom(40)), 'session_id has 40 bytes'),
    hello('session-none-java', 'session-id', JAVA, bad.sid(device(), lambda b: b''), 'session_id has no length byte: the length of the suites is read there', also_accept=[M + 'cipher-suites', M + 'compression-methods']),
    hello('suites-none-nginx', 'cipher-suites', NGINX, bad.suites(modern(), lambda b: b[2:]), 'cipher_suites has no length: the first suite is read there', also_accept=[M + 'compression-methods', M + 'extensions']),
    hello('suites-odd-wolf', 'cipher-suites', WOLF, bad.suites(device(), lambda b: u16(len(b) - 1) + b[2:] + b'\xc0'), 'cipher_suites has an odd length'),
    hello('compression-none-haproxy', 'compression-methods', HAPROXY, bad.comp(device(), lambda b: b'\0'), 'the list of compression methods is empty'),
    hello('compression-other-aio', 'compression-methods', AIO, bad.comp(device(), lambda b: b'\2\1\x40'), 'DEFLATE and LZS are offered, the null method is missing'),
    hello('extension-twice-nginx', 'extensions', NGINX, bad.ext_fields(modern(), lambda e: e[:2] + [e[3]] + e[2:]), 'supported_groups is there twice'),
    hello('extension-end-stunnel', 'extensions', STUNNEL, bad.ext(device(), lambda b: bad.more(40)(b[:2]) + b[2:]), 'the length of the extension block is forty too large'),
    hello('extension-inner-node', 'extensions', NODE, bad.ext_fields(device(), lambda e: [(k, u16(99) + d[2:]) if k == 10 else (k, d) for k, d in e]), 'the list in supported_groups states 99 bytes and has two'),
    lacking('sigalgs-12-haproxy', 'hello.no-signature-algorithms', H12, device(sigalgs=(), extra=[PAD]), 'TLS 1.2 without signature_algorithms: SHA-1 is implied'),
    lacking('sigalgs-13-stunnel', 'hello.no-signature-algorithms', STUNNEL, wire.Hello(offers.only13(name=NAME, groups=(23, 24))).drop(wire.SIGALGS).build(), 'TLS 1.3 without signature_algorithms, which it must have'),
    lacking('groups-13-wolf', 'hello.no-supported-groups', WOLF, wire.Hello(offers.only13(name=NAME)).drop(wire.GROUPS).build(), 'TLS 1.3 with a key share and without supported_groups'),
    lacking('groups-12-haproxy', 'hello.no-supported-groups', H12, device(groups=(), suites=(0xc02b, 0xc02c)), 'an offer of ECDHE suites only without supported_groups'),
]
RULES = [
    breaks('hrr-same-aio', 'hrr-same-group', violations.hrr_same, ('aio', '', E), 'HelloRetryRequest asks for a group of which the first ClientHello carried a share'),
    breaks('hrr-same-wolf', 'hrr-same-group', violations.hrr_same, ('wolf', 'version=1.3', E), 'HelloRetryRequest asks for a group of which the first ClientHello carried a share'),
    breaks('hrr-twice-curl', 'hrr-twice', violations.hrr_twice('other'), ('curl', '--curves X25519:P-256:P-384', E), 'a second HelloRetryRequest answers the second ClientHello and asks for a third group'),
    breaks('hrr-unoffered-aio', 'hrr-unoffered-group', violations.hrr_unoffered(0x0102, 31), ('aio', 'curve=secp384r1', E), 'HelloRetryRequest asks for a group that supported_groups does not list'),
    breaks('hrr-unoffered-wolf', 'hrr-unoffered-group', violations.hrr_unoffered(30, 31), ('wolf', 'version=1.3 groups=23', E), 'HelloRetryRequest asks for a group that supported_groups does not list'),
    breaks('suite-wolf', 'unoffered-suite', violations.unoffered_suite(0x1304, 0x1305, extensions=[violations.V13, violations.SHARE256]), ('wolf', 'version=1.3 suites=TLS13-AES128-GCM-SHA256', E), 'ServerHello of TLS 1.3 selects a CCM suite, which is not offered'),
    breaks('suite-curl-12', 'unoffered-suite', violations.unoffered_suite(0xc00a, 0x0035, extensions=[RENEGO]), ('curl', '--tls-max 1.2 --ciphers ECDHE+AESGCM', E), 'ServerHello of TLS 1.2 selects a CBC suite, which is not offered'),
    breaks('extension-aio', 'unsolicited-extension', violations.hello(None, [violations.V13, violations.SHARE, (wire.COOKIE, vec16(b'monster'))]), ('aio', '', E), 'ServerHello carries a cookie'),
    breaks('extension-stunnel-12', 'unsolicited-extension', violations.hello(GCM, [RENEGO, (wire.ALPN, vec16(b'\2h2'))]), ('stunnel', '', dict(E, conf=['verifyChain = yes', 'sslVersion = TLSv1.2'])), 'ServerHello carries ALPN, the ClientHello does not'),
    breaks('version-stunnel', 'version', violations.hello(0xc013, [RENEGO], version=0x0302), ('stunnel', '', dict(E, conf=['verifyChain = yes', 'sslVersionMin = TLSv1.2'])), 'ServerHello selects TLS 1.1, the ClientHello lists 1.3 and 1.2',
           also_accept=['version.none-in-common'], grades={'version.none-in-common': 'observed'}),
    breaks('version-curl-ssl3', 'version', violations.hello(0x0035, [], version=0x0300), ('curl', '', E), 'ServerHello selects SSL 3.0', also_accept=['version.none-in-common'], grades={'version.none-in-common': 'observed'}),
    breaks('session-aio', 'session-id-echo', violations.hello(None, [violations.V13, violations.SHARE256], session_id=lambda s: os.urandom(32)), ('aio', 'curve=prime256v1', E), 'ServerHello of TLS 1.3 carries another session id than the ClientHello'),
    breaks('no-key-exchange-curl', 'missing-message', violations.hello(GCM, [RENEGO], then=(certificate('e'), violations.done)), ('curl', '--tls-max 1.2', E), 'the suite is ECDHE and ServerHelloDone follows Certificate', also_accept=[DROPPED], grades={DROPPED: 'inferred'}),
    breaks('no-certificate-wolf', 'missing-message', violations.no_certificate(GCM), ('wolf', 'version=1.2', E), 'ServerHelloDone follows ServerHello though the suite authenticates with a certificate', also_accept=[DROPPED], grades={DROPPED: 'inferred'}),
    row('point-384-aio', OFFCURVE, script(point(24, OFF384)), ('aio', 'curve=secp384r1', E), 'the P-384 share of the server is not a point of its curve', 'proved', **N),
    row('point-256-wolf', OFFCURVE, script(point(23, b'\4' + b'\x20' * 64)), ('wolf', 'version=1.3 groups=23', E), 'the P-256 share of the server is not a point of its curve; this client computes with it and refuses the record that follows', 'proved', **N),
]
PATHS = [
    row('path-downgrade-wolf', 'version.downgrade-attack', AIO, ('wolf', '', E), 'the client offers TLS 1.3, the ServerHello selects 1.2 and its random ends in DOWNGRD 01', 'proved', give='n', up=rules.on_hello(CH, lambda h: h.put(wire.VERSIONS, b'\2\3\3')),
        also_accept=[TAMPER], grades={TAMPER: 'inferred'}, **N),
    row('path-downgrade-curl-11', 'version.downgrade-attack', ('openssl', '-cipher ALL:@SECLEVEL=0', {'cert': 'r'}), ('curl', '--tlsv1.0 --tls-max 1.2 --ciphers ALL:@SECLEVEL=0', R), 'the client offers TLS 1.2, the ServerHello selects 1.1 and its random ends in DOWNGRD 00', 'proved', give='n',
        up=rules.on_hello(CH, lambda h: setattr(h, 'version', b'\3\2')), also_accept=[TAMPER], grades={TAMPER: 'inferred'}, **N),
    row('path-random-wolf-12', TAMPER, S12, ('wolf', 'version=1.2', R), 'one bit of the client random changed: the RSA signature was made by the right key, over other data than captured', 'proved', give='nrc', up=rules.flip_message(CH, 17, 8), also_accept=[BADSIG], **N),
    row('path-share-curl-13', TAMPER, ('haproxy', '', {'cert': 'e'}), ('curl', '--curves P-384', E), 'the P-384 share in the ServerHello is no point of its curve after one bit changed', 'inferred', give='n',
        down=rules.on_hello(SH, lambda h: h.put(wire.KEY_SHARE, wire.flip(h.get(wire.KEY_SHARE), -5))), also_accept=[OFFCURVE], grades={OFFCURVE: 'proved'}, **N),
    row('path-finished-aio-nginx', TAMPER, ('nginx', '', {'cert': 'e', 'conf': ['ssl_protocols TLSv1.2']}), ('aio', '', E), 'the Finished record of the server does not authenticate under keys that open the record of the client', 'proved', give='nrc', down=rules.flip_protected(0, -5), also_accept=[DIFFER]),
    row('path-certificate-node-13', TAMPER, ('go', '', {'cert': 'rsubleaf'}), ('node', '', R), 'the second protected record of the server does not authenticate; the first does', 'proved', give='nrc', down=rules.flip_appdata(1, 60, 4)),
    row('path-data-curl-haproxy', TAMPER, HAPROXY, ('curl', '', E), 'the handshake completes; the request authenticates as captured, yet the server answers bad_record_mac', 'proved', give='nrc', outcome='late', up=rules.flip_appdata(1, -2)),
    row('path-lost-key-exchange-wolf', DROPPED, ('haproxy', '', {'cert': 'e', 'bind': 'ssl-max-ver TLSv1.2'}), ('wolf', 'version=1.2', E), 'ECDHE suite and no ServerKeyExchange', 'observed', give='n', down=rules.drop(SKE), also_accept=[V + 'missing-message'], grades={V + 'missing-message': 'proved'}, **N),
    row('path-lost-client-key-aio', DROPPED, S12, ('aio', '', R), 'recorded behind the loss: ChangeCipherSpec of the client comes without a ClientKeyExchange', 'observed', up=rules.drop(CKE), tap='server', also_accept=[V + 'missing-message'], grades={V + 'missing-message': 'proved'}, **N),
    row('path-split-curl-mbed', 'hello.fragmented-unsupported', ('mbed', '', {'cert': 'e'}), ('curl', '', E), 'the ClientHello comes over records of 90 bytes; the server breaks off before its end', 'inferred', up=rules.refragment(CH, 90), tap='server',
        also_accept=['transport.closed.by-server'], grades={'transport.closed.by-server': 'observed'}, **N),
    ok('ok-path-split-nginx', NGINX, ('curl', '', E), 'the ClientHello comes over records of 90 bytes, which this server takes', up=rules.refragment(CH, 90), tap='server', give='nrc'),
    row('path-length-wolf-12', 'record.too-large', S12, ('wolf', 'version=1.2', R), 'the header of the Certificate record states 40000 bytes, a smaller record was sent', 'proved', side_at_fault='network', down=rules.length_field(CERT, 40000), also_accept=[TAMPER], grades={TAMPER: 'inferred'}, **N),
    row('small-deepest-node', 'record.limit-exceeded', ('node', '', {'cert': 'deeprsa', 'more': {'maxVersion': 'TLSv1.2'}}), ('mbed', 'mfl=1024', dict(E, small=True)), 'max_fragment_length 1024 offered; the Certificate message is longer, the client closes without an alert', 'inferred', side_at_fault='client',
        give='nrc', also_accept=['transport.closed.by-client'], grades={'transport.closed.by-client': 'observed'}),
    row('etm-faulty-openssl', 'etm.mismatch', ('tlslite', 'tls=1.2 cipher=aes256 mac=sha', {'cert': 'rsubleaf', 'fault': 'no-etm'}), ('openssl', '-tls1_2 -cipher ECDHE-RSA-AES256-SHA', R), 'encrypt_then_mac is agreed; the record of the client authenticates with it, and the server refuses it', 'inferred', side_at_fault='server',
        give='nrc', also_accept=[TAMPER, DIFFER]),
]
WIRE = [
    row('nobody-node', T + 'refused', ('node', '', {}), ('node', '', E), 'RST answers the SYN', **N),
    row('nobody-aio', T + 'refused', ('node', '', {}), ('aio', '', E), 'RST answers the SYN', host='192.0.2.10', **N),
    row('reset-after-certificate-aio', T + 'reset', script(certificate_then_reset), ('aio', 'high=1.2', E), 'RST between Certificate and ServerKeyExchange', **N),
    row('reset-after-hello-node', T + 'reset', script(lambda conn: conn.send(RESET)), ('node', '', E), 'RST right after the ClientHello', **N),
    row('closed-curl-13', T + 'closed.by-server', script(lambda conn: conn.send(PAUSE(0.2), FIN)), ('curl', '', E), 'FIN after the ClientHello, no alert', **N),
    row('closed-hrr-stateless', T + 'closed.by-server', ('openssl', '-stateless', {'cert': 'rsubleaf'}), ('openssl', '', R), 'the server asks back with a cookie, gets the second ClientHello and closes without an alert', give='nrc', **N),
    row('closed-probe-haproxy', T + 'closed.by-client', HAPROXY, dial(record(22, modern(), 0x0301), quiet=0.2), 'a probe: the client closes after the flight of the server, without an alert', also_accept=['none'], **N),
    row('silent-aio', T + 'silent', quiet, ('aio', 'wait=1.5', E), 'TCP acknowledges the ClientHello, nothing comes back until the client gives up', also_accept=[T + 'closed.by-client'], **N),
    row('silent-wolf', T + 'silent', quiet, ('wolf', '', dict(E, timeout=3)), 'TCP acknowledges the ClientHello, nothing comes back until the client is ended', also_accept=[T + 'closed.by-client'], **N),
    row('check-reset-nginx', T + 'closed-before-hello', NGINX, dial(quiet=0.05, close='reset'), 'a check opens TCP and resets it without a byte', also_accept=[T + 'closed.by-client', T + 'reset'], **N),
    row('check-aio', T + 'closed-before-hello', AIO, dial(PAUSE(0.3), quiet=0.1), 'TCP opened and closed without a byte', also_accept=[T + 'closed.by-client'], **N),
    row('stalled-hello-aio', T + 'stalled', script(half(SH12, 50, STALL)), ('aio', 'wait=2', E), 'half a ServerHello, then nothing more', also_accept=[T + 'truncated', T + 'silent'], **N),
    row('stalled-up-wolf', T + 'stalled', WOLF, dial(record(22, modern(), 0x0301)[:120], PAUSE(1.6), quiet=0.3), 'half a ClientHello, then nothing more for a while', also_accept=[T + 'truncated', T + 'closed.by-client', M + 'record-length'], **N),
    row('truncated-curl-12', T + 'truncated', NGINX, ('curl', '--tls-max 1.2', E), 'the stream ends inside the Certificate record', 'proved', down=rules.cut(CERT, 200, FIN), **N),
    row('truncated-hello-aio', T + 'truncated', script(half(SH12, 30, FIN)), ('aio', '', E), 'the stream ends inside the ServerHello', 'proved', **N),
    row('plain-http-haproxy', T + 'not-tls.http', ('haproxy', '', {'cert': 'e', 'plain': True}), ('wolf', '', E), 'the server answers HTTP 400 to the ClientHello', **N),
    row('plain-http-to-haproxy', T + 'not-tls.http', HAPROXY, CURL_PLAIN, 'the client sends a HEAD request', **N),
    row('plain-http-to-wolf', T + 'not-tls.http', WOLF, dial(HTTP, quiet=0.6), 'the client sends a POST request', **N),
    row('plain-smtp-wolf', T + 'not-tls.smtp', says(b'220 relay.windpark.example ESMTP Exim 4.96\r\n', b'554 SMTP synchronization error\r\n'), ('wolf', '', E), 'the server greets as SMTP does', also_accept=[T + 'starttls'], **N),
    row('plain-ssh-curl', T + 'not-tls.ssh', says(b'SSH-2.0-dropbear_2022.83\r\n'), ('curl', '', E), 'the server greets as SSH does', **N),
    row('plain-mqtt-to-wolf', T + 'not-tls.mqtt', WOLF, dial(bytes.fromhex('101800044d5154540502003c000000') + b'\0\x0bturbine-3-a', quiet=0.6), 'the client sends CONNECT of MQTT 5', **N),
    row('plain-imap-aio', T + 'starttls', says(b'* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] Dovecot ready.\r\n', b'* BAD Error in IMAP command\r\n'), ('aio', '', E), 'the server greets as IMAP does and offers STARTTLS', **N),
    row('plain-pop3-stunnel', T + 'starttls', says(b'+OK POP3 mail.windpark.example ready\r\n', b'-ERR Unknown command.\r\n'), ('stunnel', '', dict(E, conf=['verifyChain = yes'])), 'the server greets as POP3 does', **N),
]


def settle(name, how, cause):
    """A label follows what the peer did with what is broken (see `scripted/malformed.py`, `scripted/violations.py`)."""
    one = label.load(name, pki.OUT)
    said = one['messages']['client']
    if how == 'server':
        if any(word in said for word in ('terminated', 'unexpected eof', 'EOF', 'SYSCALL', '-308', 'peer sent close notify')):
            one.setdefault('grades', {})[cause] = 'proved'
            one.update(also_accept=[cause] + one['also_accept'], cause=T + 'closed.by-server', grade='observed', advice=[cause])
            one['evidence'] += '; this client does not mind and goes on, the server closes without another word'
    elif 'handshake(2)' in said and 'alert(2' not in said:
        one.update(also_accept=['none', cause], grades={cause: how}, advice=[cause], cause=T + 'closed.by-client', grade='observed')
        one['evidence'] += '; this server tolerates that and answers with its flight; the probing client closes TCP'
    label.write(one, pki.OUT)


def settled(one):
    make(one)
    if one.get('settle'):
        settle(one['name'], one['settle'], one['cause'])


def cases():
    rows = HELLOS + RULES + PATHS + WIRE
    assert len(table(rows)) == len({one['name'] for one in rows})
    return [(one['name'], functools.partial(settled, one)) for one in rows]
