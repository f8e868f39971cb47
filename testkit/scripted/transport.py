"""transport.*: connections that end, stall or are not TLS at all; real programs at one end wherever one exists."""
import os
import socket
import time

from . import offers, raw, rig, rules, wire
from .proxy import FIN, PAUSE, RESET, STALL
from .wire import record

CH, SH, CERT, SKE = wire.CLIENT_HELLO, wire.SERVER_HELLO, wire.CERTIFICATE, wire.SERVER_KEY_EXCHANGE
T = 'transport.'
NONE = {'inputs': {}}


def o(tls=None, **more):
    return ('openssl', dict({'tls': tls} if tls else {}, **more))


def go(tls='', **more):
    return ('go', dict({'tls': tls}, **more))


def py(tls='1.3', **more):
    return ('python', dict({'tls': tls}, **more))


GNU, JAVA = 'gnutls', ('java', {'args': 'data=x'})
CURL = ('command', {'argv': ['curl', '-sv', '-o', '/dev/null', '--max-time', '3', '--cacert', 'root.pem', '--connect-to', '::{address}', 'https://localhost:{port}/'], 'title': 'curl'})
CURL_PLAIN = ('command', {'argv': ['curl', '-sv', '-o', '/dev/null', '--max-time', '3', 'http://{address}/status'], 'title': 'curl without TLS'})


def nginx(tls):
    conf = ('daemon off; worker_processes 1; pid .nginx.pid; error_log stderr; events {{}} http {{ access_log off; server {{ listen {address}%s; %s return 200 ok; }} }}'
            % ((' ssl', 'ssl_certificate ec.chain.pem; ssl_certificate_key ec.key;') if tls else ('', '')))
    return ('command', {'argv': ['sh', '-c', 'printf %s "$1" > .nginx.conf && exec nginx -e stderr -p . -c .nginx.conf', 'sh', conf], 'title': 'nginx'})


# ---- scripts of servers ------------------------------------------------------------------------

def silent(conn):
    """Takes everything and says nothing."""
    conn.drain(quiet=6)


def close_now(conn):
    conn.read_hello()


def close_unread(conn):
    """Closes with unread data: the kernel sends RST."""
    time.sleep(0.15)


def reset_now(conn):
    conn.read_hello()
    conn.send(RESET)


def banner(*lines, quiet=1.5):
    """Greets as a plain protocol does, and answers whatever comes with the next line."""
    def script(conn):
        for i, line in enumerate(lines):
            conn.send(line)
            conn.sock.settimeout(quiet)
            try:
                if i + 1 < len(lines) and not conn.sock.recv(4096):
                    return
            except socket.timeout:
                return
        conn.drain(quiet)
    return script


def listen_first(answer, then_close=True):
    """Waits for the client and answers with a fixed text, as HTTP does."""
    def script(conn):
        conn.sock.recv(4096)
        conn.send(answer)
        if not then_close:
            conn.drain()
    return script


def half_hello(kind):
    """A ServerHello record that ends in the middle, then nothing more, FIN or RESET."""
    def script(conn):
        conn.read_hello()
        rec = record(22, wire.server_hello(0xc02b, [(wire.RENEGO, b'\0')], session_id=os.urandom(32)))
        conn.send(rec[:41])
        if kind is STALL:
            conn.drain(quiet=6)
        else:
            conn.send(PAUSE(0.1), kind)
    return script


def slow_close(conn):
    """A good first flight's ServerHello, then FIN: a crash between messages."""
    conn.read_hello()
    conn.handshake(wire.server_hello(0xc02b, [(wire.RENEGO, b'\0')], session_id=os.urandom(32)))
    time.sleep(0.05)


# ---- scripts of clients ------------------------------------------------------------------------

def dial(*items, quiet=0.5, close='fin'):
    return lambda port: raw.client(port, list(items), quiet=quiet, close=close)


def modern(**more):
    return record(22, offers.modern(**more), 0x0301)


HTTP_REQUEST = b'GET /api/v1/state HTTP/1.1\r\nHost: localhost\r\nUser-Agent: meter/2.1\r\n\r\n'
HTTP_400 = (b'HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html><body><h1>400 Bad Request</h1></body></html>\r\n')
SMTP = b'220 mail.plant.example ESMTP Postfix (Debian)\r\n'
EHLO = b'250-mail.plant.example\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 8BITMIME\r\n'
SMTP_BAD = b'502 5.5.2 Error: command not recognized\r\n'
SSH = b'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n'
MQTT_CONNECT = bytes.fromhex('101a00044d5154540402003c000e6d657465722d30303432') + b'-a42'
AMQP = b'AMQP\0\0\x09\x01'
PG_SSL = bytes.fromhex('0000000804d2162f')

ROWS = [
    # name, server, client, cause, grade, side, evidence, more
    ('closed-now-gnutls', close_now, GNU, 'closed.by-server', 'observed', 'server', 'FIN right after the ClientHello, no alert', {}),
    ('closed-now-java', close_now, JAVA, 'closed.by-server', 'observed', 'server', 'FIN right after the ClientHello, no alert', {}),
    ('closed-after-hello-go', slow_close, go('1.2'), 'closed.by-server', 'observed', 'server', 'FIN after a complete ServerHello, no alert', {}),
    ('closed-after-cert-openssl', o('1.2'), o('1.2'), 'closed.by-server', 'observed', 'server', 'FIN between Certificate and ServerKeyExchange, no alert; the stream ends at the end of a record', {'down': rules.after(CERT, FIN), 'also_accept': ['transport.truncated', 'tamper.dropped-message'], 'grades': {'transport.truncated': 'possible', 'tamper.dropped-message': 'possible'}}),
    ('closed-before-finished-13', o('1.3'), go('1.3'), 'closed.by-server', 'observed', 'server', 'FIN in the flight of the server after ServerHello and one protected record, no alert', {'down': rules.on_appdata(0, lambda r: [r, FIN])}),
    ('client-closed-after-hello', GNU, dial(modern(), quiet=0.2), 'closed.by-client', 'observed', 'client', 'a probe: the client closes after the flight of the server, without an alert; what the server says comes later', {'also_accept': ['none']}),
    ('client-closed-after-hello-java', JAVA, dial(record(22, offers.device(groups=(23, 24)), 0x0303), quiet=0.6), 'closed.by-client', 'observed', 'client', 'a probe: the client closes after the flight of the server, without an alert; what the server says comes later', {'also_accept': ['none']}),
    ('client-closed-before-answer', go(), dial(modern(), FIN, quiet=0.1), 'closed.by-client', 'observed', 'client', 'FIN from the client in the same breath as its hello; the server answers to a closed end', {'also_accept': ['none']}),
    ('client-closed-in-flight-13', o('1.3'), o('1.3'), 'closed.by-client', 'observed', 'client', 'the stream of the client ends after its hello, without an alert, while the server still sends', {'up': lambda r, s: [r, FIN] if s.message(r) == CH else r, 'tap': 'server'}),
    ('client-closed-before-finished-12', o('1.2'), py('1.2'), 'closed.by-client', 'observed', 'client', 'the client sends ClientKeyExchange and ends without ChangeCipherSpec or alert', {'up': lambda r, s: [r, FIN] if s.message(r) == wire.CLIENT_KEY_EXCHANGE else r, 'also_accept': ['tamper.dropped-message', 'transport.truncated'], 'grades': {'tamper.dropped-message': 'possible', 'transport.truncated': 'possible'}, 'tap': 'server'}),
    ('before-hello-openssl', o(), dial(quiet=0.1), 'closed-before-hello', 'observed', 'client', 'TCP opened and closed without a byte; the server then says what it thinks of that', {'also_accept': ['transport.closed.by-client']}),
    ('before-hello-go', go(), dial(PAUSE(0.4), quiet=0.1), 'closed-before-hello', 'observed', 'client', 'TCP opened and closed without a byte after a while', {'also_accept': ['transport.closed.by-client']}),
    ('before-hello-mosquitto', ('mosquitto', {'tls': 'any'}), ('command', {'argv': ['mosquitto_pub', '-h', '{host}', '-p', '{port}', '--cafile', 'root.pem', '--cert', 'ec.pem', '--key', 'rsa.key', '-t', 'a', '-m', 'b'], 'title': 'mosquitto_pub'}), 'closed-before-hello', 'observed', 'client', 'key and certificate of the client do not belong together; it opens TCP and closes it without a byte', {'also_accept': ['transport.closed.by-client']}),
    ('before-hello-java', JAVA, dial(quiet=0.1), 'closed-before-hello', 'observed', 'client', 'TCP opened and closed without a byte; the server then says what it thinks of that', {'also_accept': ['transport.closed.by-client']}),
    ('silent-openssl', silent, ('openssl', {}), 'silent', 'observed', 'server', 'TCP acknowledges the ClientHello, nothing comes back until the client gives up', {'timeout': 3, 'also_accept': ['transport.closed.by-client']}),
    ('silent-go', silent, go(), 'silent', 'observed', 'server', 'TCP acknowledges the ClientHello, nothing comes back until the client gives up', {'timeout': 4, 'also_accept': ['transport.closed.by-client']}),
    ('silent-curl', silent, CURL, 'silent', 'observed', 'server', 'TCP acknowledges the ClientHello, nothing comes back until the client gives up', {'also_accept': ['transport.closed.by-client']}),
    ('silent-open-end', silent, GNU, 'silent', 'observed', 'server', 'TCP acknowledges the ClientHello; the capture ends while the connection is still open', {'timeout': 3, 'rewrite': lambda s: s[:5]}),
    ('stalled-cert-12', o('1.2', cert='rsa'), go('1.2'), 'stalled', 'observed', 'network', 'the stream of the server stops inside the Certificate record, the connection stays open until the client gives up', {'down': rules.cut(CERT, 700, STALL), 'also_accept': ['transport.truncated', 'transport.silent'], 'timeout': 4}),
    ('stalled-hello', half_hello(STALL), GNU, 'stalled', 'observed', 'network', 'the stream of the server stops inside the ServerHello record, the connection stays open', {'also_accept': ['transport.truncated', 'transport.silent'], 'timeout': 3}),
    ('stalled-cert-13', GNU, py('1.3'), 'stalled', 'observed', 'network', 'the stream of the server stops inside a protected record, the connection stays open', {'down': rules.on_appdata(1, lambda r: [r[:200], STALL]), 'also_accept': ['transport.truncated', 'transport.silent'], 'timeout': 4}),
    ('stalled-client-hello', o('1.3'), dial(modern()[:120], PAUSE(1.2), quiet=0.8), 'stalled', 'observed', 'network', 'the ClientHello stops inside its record, both ends wait', {'also_accept': ['transport.truncated', 'transport.closed.by-client', 'hello.malformed.record-length'], 'grades': {'hello.malformed.record-length': 'possible'}}),
    ('truncated-cert-go', go('1.2', cert='rsa'), go('1.2'), 'truncated', 'proved', 'network', 'FIN inside the Certificate record', {'down': rules.cut(CERT, 431, FIN)}),
    ('truncated-hello-java', half_hello(FIN), JAVA, 'truncated', 'proved', 'network', 'FIN inside the ServerHello record', {'also_accept': []}),
    ('truncated-hello-rst', half_hello(RESET), o('1.2'), 'truncated', 'proved', 'network', 'RST inside the ServerHello record', {'also_accept': ['transport.reset'], 'grades': {'transport.reset': 'observed'}}),
    ('truncated-13-gnutls', o('1.3', cert='rsa'), GNU, 'truncated', 'proved', 'network', 'FIN inside a protected record of the server', {'down': rules.on_appdata(1, lambda r: [r[:90], FIN])}),
    ('truncated-client-hello', GNU, dial(modern()[:97], FIN, quiet=0.8), 'truncated', 'proved', 'network', 'FIN inside the record with the ClientHello', {'also_accept': ['transport.closed.by-client', 'hello.malformed.record-length'], 'grades': {'hello.malformed.record-length': 'possible'}}),
    ('reset-after-hello-go', reset_now, go(), 'reset', 'observed', 'network', 'RST after the ClientHello', {}),
    ('reset-unread-openssl', close_unread, o(), 'reset', 'observed', 'network', 'RST: the server process ends with the ClientHello unread', {}),
    ('reset-after-sh-gnutls', o('1.2'), GNU, 'reset', 'observed', 'network', 'RST after the ServerHello', {'down': rules.after(SH, PAUSE(0.05), RESET)}),
    ('reset-13-mid-flight', GNU, o('1.3'), 'reset', 'observed', 'network', 'RST after the first protected record of the server', {'down': rules.on_appdata(0, lambda r: [r, PAUSE(0.05), RESET])}),
    ('reset-by-client', o('1.2'), dial(record(22, offers.device(), 0x0301), quiet=0.3, close='reset'), 'reset', 'observed', 'network', 'RST from the side of the client after the flight of the server', {'also_accept': ['none', 'transport.closed.by-client']}),
    ('http-answer-to-tls-openssl', nginx(False), o(), 'not-tls.http', 'observed', 'config', 'the server answers the ClientHello with HTTP', {}),
    ('http-answer-to-tls-go', listen_first(HTTP_400), go(), 'not-tls.http', 'observed', 'config', 'the server answers the ClientHello with HTTP', {}),
    ('http-answer-to-tls-java', nginx(False), JAVA, 'not-tls.http', 'observed', 'config', 'the server answers the ClientHello with HTTP', {}),
    ('http-to-tls-openssl', o(), CURL_PLAIN, 'not-tls.http', 'observed', 'config', 'the client sends a plain HTTP request', {}),
    ('http-to-tls-go', go(), CURL_PLAIN, 'not-tls.http', 'observed', 'config', 'the client sends a plain HTTP request', {}),
    ('http-to-tls-nginx', nginx(True), CURL_PLAIN, 'not-tls.http', 'observed', 'config', 'the client sends a plain HTTP request; nginx answers in plain HTTP that it expects TLS', {}),
    ('http-to-tls-gnutls', GNU, dial(HTTP_REQUEST, quiet=0.8), 'not-tls.http', 'observed', 'config', 'the client sends a plain HTTP request', {}),
    ('smtp-openssl', banner(SMTP, SMTP_BAD), o(), 'not-tls.smtp', 'observed', 'config', 'the server greets as SMTP', {'also_accept': ['transport.starttls']}),
    ('smtp-go', banner(SMTP, SMTP_BAD), go(), 'not-tls.smtp', 'observed', 'config', 'the server greets as SMTP', {'also_accept': ['transport.starttls']}),
    ('smtp-late-greeting-gnutls', lambda c: (time.sleep(0.3), banner(b'220-mx2.plant.example ESMTP Exim 4.96\r\n', b'554 SMTP synchronization error\r\n')(c)), GNU, 'not-tls.smtp', 'observed', 'config', 'the server greets as SMTP after the ClientHello has come', {'also_accept': ['transport.starttls']}),
    ('mqtt-plain-to-openssl', o(), ('command', {'argv': ['mosquitto_pub', '-h', '{host}', '-p', '{port}', '-t', 'plant/line3', '-m', '42'], 'title': 'mosquitto_pub without TLS'}), 'not-tls.mqtt', 'observed', 'config', 'the client sends a plain MQTT CONNECT', {}),
    ('mqtt-plain-to-go', go(), dial(MQTT_CONNECT, quiet=0.8), 'not-tls.mqtt', 'observed', 'config', 'the client sends a plain MQTT CONNECT', {}),
    ('mqtt-plain-to-mosquitto-tls', ('mosquitto', {'tls': 'any'}), ('command', {'argv': ['mosquitto_pub', '-V', '5', '-h', '{host}', '-p', '{port}', '-t', 'plant/line3', '-m', '42'], 'title': 'mosquitto_pub without TLS'}), 'not-tls.mqtt', 'observed', 'config', 'the client sends a plain MQTT 5 CONNECT to the TLS port', {}),
    ('mqtt-broker-plain-openssl', ('mosquitto', {}), o(), 'not-tls.mqtt', 'possible', 'config', 'a plain broker takes the ClientHello for MQTT and ends the connection without a byte', {'also_accept': ['transport.closed.by-server', 'transport.reset'], 'grades': {'transport.closed.by-server': 'observed', 'transport.reset': 'observed'}}),
    ('ssh-openssl', banner(SSH, b'Invalid SSH identification string.\r\n'), o(), 'not-tls.ssh', 'observed', 'config', 'the server sends an SSH banner', {}),
    ('ssh-java', banner(SSH), JAVA, 'not-tls.ssh', 'observed', 'config', 'the server sends an SSH banner', {}),
    ('ssh-client-to-tls', go(), dial(b'SSH-2.0-libssh2_1.10.0\r\n', quiet=0.8), 'not-tls.ssh', 'observed', 'config', 'the client sends an SSH banner to the TLS port', {}),
    ('starttls-imap-openssl', banner(b'* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] Dovecot ready.\r\n', b'* BAD Invalid characters in tag\r\n'), o(), 'starttls', 'observed', 'config', 'the server greets as IMAP and offers STARTTLS', {}),
    ('starttls-pop3-go', banner(b'+OK Dovecot ready.\r\n', b'-ERR Unknown command.\r\n'), go(), 'starttls', 'observed', 'config', 'the server greets as POP3', {}),
    ('starttls-ftp-gnutls', banner(b'220 (vsFTPd 3.0.3)\r\n', b'500 OOPS: vsf_sysutil_read\r\n'), GNU, 'starttls', 'observed', 'config', 'the server greets as FTP', {'also_accept': ['transport.not-tls.smtp'], 'grades': {'transport.not-tls.smtp': 'possible'}}),
    ('starttls-refused', banner(SMTP, EHLO, b'454 4.7.0 TLS not available due to local problem\r\n'), ('openssl', {'args': ['-starttls', 'smtp']}), 'starttls', 'observed', 'config', 'the client says STARTTLS, the server answers 454, the client starts TLS all the same', {'also_accept': ['transport.not-tls.smtp'], 'timeout': 5}),
    ('starttls-lines-to-tls', o(), dial(b'EHLO meter.plant.example\r\n', quiet=0.6), 'starttls', 'observed', 'config', 'the client speaks plain SMTP to the TLS port', {'also_accept': ['transport.not-tls.smtp']}),
    ('starttls-postgres-to-tls', go(), dial(PG_SSL, quiet=0.8), 'starttls', 'observed', 'config', 'the client sends the SSLRequest of PostgreSQL to a port that speaks TLS at once', {'also_accept': ['transport.closed.by-client', 'transport.silent', 'transport.closed.by-server', 'hello.malformed.record-header'], 'grades': {'hello.malformed.record-header': 'possible'}}),
]


def refused(name, client, host='127.0.0.1', **more):
    """Nobody listens."""
    rig.make('transport-' + name, client=client, keys=None, host=host, cause='transport.refused', grade='observed', side_at_fault='network',
             evidence='RST answers the SYN', inputs={}, **more)


def one(name, server, client, cause, grade, side, evidence, more):
    more = dict(more)
    between = {k: more.pop(v) for k, v in (('to_client', 'down'), ('to_server', 'up')) if v in more}
    rig.make('transport-' + name, server=server, client=client, keys=None, after=0.3, cause=T + cause, grade=grade, side_at_fault=side,
             evidence=evidence, **between, **dict({'inputs': {}, 'timeout': 4}, **more))


def cases():
    made = [('transport-' + row[0], lambda row=row: one(*row)) for row in ROWS]
    plain = (('refused-openssl', o()), ('refused-curl', CURL), ('refused-java', JAVA))
    made += [('transport-' + n, lambda n=n, c=c: refused(n, c)) for n, c in plain]
    return made + [('transport-refused-v6-go', lambda: refused('refused-v6-go', go(), host='::1'))]
