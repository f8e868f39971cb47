"""Protocols that are not TLS, on either side; PROXY headers; TLS inside TDS; large hellos without an answer; a
SYN without a reply. Most servers are real (Redis, memcached, PostgreSQL, mosquitto, OpenSSH, slapd, nginx,
HAProxy); the others play a script. The labels stand in a file of their own, `plain-protocols.toml`.

Debian packages beside those of the kit: redis-server, memcached, openssh-server, slapd, ldap-utils, postgresql."""
import glob
import os
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time

from lab import label, net, table
from lab.record import Recorder

OUT = os.path.join(label.VECTORS, 'fresh')
FILE = os.path.join(OUT, 'plain-protocols.toml')
HERE = os.path.dirname(os.path.abspath(__file__))
T = 'transport.'
WORK = os.path.join(os.environ.get('LAB_WORK', tempfile.gettempdir()), 'plain-protocols')
NAME = 'station.windpark.example'


def certificate():
    """A self-signed certificate and its key."""
    cert, key = os.path.join(WORK, 'cert.pem'), os.path.join(WORK, 'key.pem')
    if not os.path.exists(cert):
        os.makedirs(WORK, exist_ok=True)
        os.chmod(WORK, 0o755)
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key,
                        '-out', cert, '-days', '3650', '-subj', '/CN=' + NAME, '-addext', 'subjectAltName=DNS:' + NAME],
                       check=True, stderr=subprocess.DEVNULL)
    return cert, key


# ---- servers: each gives a function that ends it ---------------------------------------------------

def process(argv, port, **more):
    child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    for _ in range(100):
        if net.is_listening('127.0.0.1', port):
            break
        time.sleep(0.05)

    def end():
        child.terminate()
        child.wait(5)
    return end


def config(name, text):
    os.makedirs(WORK, exist_ok=True)
    path = os.path.join(WORK, name)
    with open(path, 'w') as file:
        file.write(text)
    return path


def openssl(port):
    cert, key = certificate()
    return process(['openssl', 's_server', '-accept', str(port), '-cert', cert, '-key', key, '-quiet'], port)


def redis(port):
    return process(['redis-server', '--port', str(port), '--save', '', '--dir', tempfile.mkdtemp(dir=WORK)], port)


def redis_tls(port):
    cert, key = certificate()
    return process(['redis-server', '--port', '0', '--tls-port', str(port), '--tls-cert-file', cert, '--tls-key-file', key,
                    '--tls-ca-cert-file', cert, '--tls-auth-clients', 'no', '--save', '', '--dir', tempfile.mkdtemp(dir=WORK)], port)


def memcached(port):
    return process(['memcached', '-u', 'root', '-l', '127.0.0.1', '-p', str(port)], port)


def mosquitto(port):
    return process(['mosquitto', '-c', config('mosquitto.conf', 'listener %d 127.0.0.1\nallow_anonymous true\n' % port)], port)


def sshd(port):
    key = os.path.join(WORK, 'ssh_host')
    if not os.path.exists(key):
        certificate()
        subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key], check=True)
    os.makedirs('/run/sshd', exist_ok=True)
    return process(['/usr/sbin/sshd', '-D', '-f', '/dev/null', '-h', key, '-p', str(port), '-o', 'ListenAddress=127.0.0.1',
                    '-o', 'PidFile=none'], port)


def postgres(port):
    bin = sorted(glob.glob('/usr/lib/postgresql/*/bin'))[-1]
    data = tempfile.mkdtemp()
    shutil.chown(data, 'postgres')
    run = lambda *argv: ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'] + list(argv)
    subprocess.run(run(bin + '/initdb', '-D', data, '-A', 'trust', '-U', 'station'), check=True, stdout=subprocess.DEVNULL)
    end = process(run(bin + '/postgres', '-D', data, '-p', str(port), '-c', 'ssl=off', '-c', 'listen_addresses=127.0.0.1',
                      '-c', 'unix_socket_directories='), port)

    def both():
        end()
        shutil.rmtree(data)
    return both


def slapd(port):
    base = tempfile.mkdtemp(dir=WORK)
    path = config('slapd.conf', 'include /etc/ldap/schema/core.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\n'
                  'pidfile %s/pid\ndatabase mdb\nsuffix "dc=windpark,dc=example"\ndirectory %s\n' % (base, base))
    return process(['slapd', '-f', path, '-h', 'ldap://127.0.0.1:%d' % port, '-d', '0'], port)


def nginx(listen=''):
    def serve(port):
        cert, key = certificate()
        path = config('nginx.conf', 'daemon off; pid %s/nginx.pid; error_log /dev/null; events {}\nhttp { access_log off; server '
                      '{ listen 127.0.0.1:%d ssl %s; ssl_certificate %s; ssl_certificate_key %s; return 204; } }\n' % (WORK, port, listen, cert, key))
        return process(['nginx', '-c', path], port)
    return serve


def haproxy(bind=''):
    def serve(port):
        cert, key = certificate()
        both = config('both.pem', open(cert).read() + open(key).read())
        path = config('haproxy.cfg', 'defaults\n mode http\n timeout client 3s\n timeout server 3s\n timeout connect 3s\nfrontend f\n '
                      'bind 127.0.0.1:%d ssl crt %s %s\n http-request return status 204\n' % (port, both, bind))
        return process(['haproxy', '-f', path], port)
    return serve


def script(play):
    """A server that plays `play(socket)` for each connection."""
    def serve(port):
        listener = socket.create_server(('127.0.0.1', port))

        def accept():
            while True:
                try:
                    one, _ = listener.accept()
                except OSError:
                    return
                try:
                    play(one)
                except OSError:
                    pass
                one.close()
        threading.Thread(target=accept, daemon=True).start()
        return listener.close
    return serve


def talk(*turns, greet=None):
    """Answers each message of the client with the next of `turns`."""
    def play(one):
        one.settimeout(3)
        if greet:
            one.sendall(greet)
        for turn in turns:
            if not one.recv(4096):
                return
            one.sendall(turn)
        one.recv(4096)
    return script(play)


# ---- clients ----------------------------------------------------------------------------------------

def command(*argv, wait=4):
    def dial(port):
        words = [word.replace('PORT', str(port)) for word in argv]
        env = dict(os.environ, PGCONNECT_TIMEOUT='3', LDAPTLS_REQCERT='never')
        try:
            done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=wait, env=env)
            return done.stdout.decode(errors='replace')
        except subprocess.TimeoutExpired as late:
            return (late.stdout or b'').decode(errors='replace')
    return dial


def s_client(*more, wait=3):
    return command('openssl', 's_client', '-connect', '127.0.0.1:PORT', '-servername', NAME, *more, wait=wait)


def sends(*turns, wait=0.6):
    """Sends bytes, reading for a while after each."""
    def dial(port):
        with socket.create_connection(('127.0.0.1', port)) as one:
            one.settimeout(wait)
            got = b''
            for turn in turns:
                try:
                    one.sendall(turn)
                    got += one.recv(4096)
                except OSError as error:
                    got += type(error).__name__.encode()
            return repr(got[:120])
    return dial


def behind(header):
    """TLS of Python behind a header."""
    def dial(port):
        context = ssl.create_default_context(cafile=certificate()[0])
        with socket.create_connection(('127.0.0.1', port)) as one:
            one.settimeout(2)
            one.sendall(header)
            try:
                with context.wrap_socket(one, server_hostname=NAME) as tls:
                    tls.sendall(b'HEAD / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' % NAME.encode())
                    return repr(tls.recv(100))
            except OSError as error:
                return str(error)
    return dial


def go(*more):
    """The client in `programs/large.go`."""
    program = os.path.join(WORK, 'large')
    if not os.path.exists(program):
        certificate()
        subprocess.run([os.environ.get('LAB_GO', 'go'), 'build', '-o', program, os.path.join(HERE, 'programs', 'large.go')], check=True)
    return command(program, '127.0.0.1:PORT', *more)


def large(*more):
    return lambda port: go(*more)(port)


# ---- TLS inside TDS ---------------------------------------------------------------------------------

def prelogin(encryption):
    options, at = b'', 5 * 3 + 1
    body = b'\x0f\x00\x07\xd0\x00\x00' + bytes([encryption]) + b'\0\0\0\0'
    for token, length in ((0, 6), (1, 1), (3, 4)):
        options += struct.pack('>BHH', token, at, length)
        at += length
    return options + b'\xff' + body


def packets(kind, data, size=600):
    """Data in packets of at most `size` bytes."""
    parts = [data[at:at + size] for at in range(0, len(data), size)]
    return b''.join(struct.pack('>BBHHBB', kind, i + 1 == len(parts), len(part) + 8, 0, i + 1 & 255, 0) + part for i, part in enumerate(parts))


def packet(one):
    head = exactly(one, 8)
    return exactly(one, struct.unpack('>H', head[2:4])[0] - 8)


def exactly(one, count):
    got = b''
    while len(got) < count:
        more = one.recv(count - len(got))
        if not more:
            raise OSError('closed')
        got += more
    return got


def shake(one, context, **side):
    """A handshake through packets of type PRELOGIN; then the records run bare."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, **side)
    while True:
        try:
            tls.do_handshake()
            failed = None
        except ssl.SSLWantReadError:
            failed = 'more'
        except ssl.SSLError as error:
            failed = error
        data = outgoing.read()
        if data:
            one.sendall(packets(0x12, data))
        if failed != 'more':
            if failed:
                raise failed
            return tls, incoming, outgoing
        incoming.write(packet(one))


def tds_server(encryption=1):
    def play(one):
        one.settimeout(3)
        packet(one)
        one.sendall(packets(4, prelogin(encryption)))
        if encryption == 2:
            one.recv(10)
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate())
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        tls, incoming, outgoing = shake(one, context, server_side=True)
        incoming.write(one.recv(4096))
        tls.read(100)
        tls.write(b'\x04\x01\0\x15\0\0\1\0\xfd\0\0\0\0\0\0\0\0\0\0\0\0')
        one.sendall(outgoing.read())
        one.recv(10)
    return script(play)


def tds_client(trusts):
    def dial(port):
        context = ssl.create_default_context(cafile=certificate()[0] if trusts else None)
        with socket.create_connection(('127.0.0.1', port)) as one:
            one.settimeout(3)
            one.sendall(packets(0x12, prelogin(1)))
            answer = packet(one)
            if answer[16 + 6] == 2:
                return 'The instance of SQL Server does not support encryption.'
            try:
                tls, incoming, outgoing = shake(one, context, server_hostname=NAME)
            except ssl.SSLError as error:
                return str(error)
            tls.write(b'\x10\x01\0\x20\0\0\1\0' + b'\0' * 24)
            one.sendall(outgoing.read())
            one.recv(4096)
            return 'logged in'
    return dial


# ---- the cases --------------------------------------------------------------------------------------

def reads_one_segment(then, greet=False):
    """A server that looks at the first 1,400 bytes of a ClientHello, and then does nothing or resets."""
    def play(one):
        one.settimeout(3)
        if greet:
            one.sendall(b'220 relay.windpark.example ESMTP\r\n')
            one.recv(4096)
            one.sendall(b'250-relay.windpark.example\r\n250 STARTTLS\r\n')
            one.recv(4096)
            one.sendall(b'220 2.0.0 Ready to start TLS\r\n')
        got = b''
        while len(got) < 1400:
            got += one.recv(1400 - len(got))
        if then == 'reset':
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            return
        time.sleep(3)
    return script(play)


V1 = b'PROXY TCP4 203.0.113.9 198.51.100.7 40112 443\r\n'
V2 = b'\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c' + bytes([203, 0, 113, 9, 198, 51, 100, 7]) + struct.pack('>HH', 40112, 443)
H2 = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0'
AMQP, KAFKA = b'AMQP\0\0\x09\x01', b'\0\0\0\x1a\0\x12\0\x03\0\0\0\1\0\x08producer\0\x06rdkaf\0'
RDP = bytes.fromhex('0300001300 e000000000000100080003000000'.replace(' ', '')).replace(b'\x13\0\xe0', b'\x13\x0e\xe0')
NLA = bytes.fromhex('030000130ed000001234000300080005000000')
MYSQL = b'\x4a\0\0\0\x0a8.0.36\0\x08\0\0\0abcdefgh\0\xff\xf7\x21\2\0\xff\xdf\x15\0\0\0\0\0\0\0\0\0\0abcdefghijkl\0caching_sha2_password\0'
XMPP = (b"<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client' id='1' "
        b"version='1.0'><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>")
GONE = [T + 'closed.by-server', T + 'closed.by-client', T + 'silent', T + 'reset']
OTHER, MQTT, SSH, HTTP, STARTTLS, HEADER = (T + one for one in ('not-tls.other', 'not-tls.mqtt', 'not-tls.ssh', 'not-tls.http', 'starttls', 'proxy-header'))
LARGE = 'hello.fragmented-unsupported'
REFUSES = [T + 'not-tls.smtp']

# name, cause, also accepted, server, its name, client, its name, evidence
CASES = [
    ('redis-to-openssl', OTHER, [], openssl, 'OpenSSL s_server', command('redis-cli', '-p', 'PORT', 'ping'), 'redis-cli', 'the client sends an array of RESP'),
    ('redis-to-redis-tls', OTHER, [], redis_tls, 'Redis with tls-port', command('redis-cli', '-p', 'PORT', 'ping'), 'redis-cli', 'the client sends an array of RESP'),
    ('tls-to-redis', OTHER, GONE, redis, 'Redis without TLS', s_client(), 'OpenSSL s_client', 'Redis waits for the end of a line, or answers an unknown command'),
    ('tls-to-memcached', OTHER, GONE, memcached, 'memcached without TLS', s_client(), 'OpenSSL s_client', 'memcached waits for the end of a line, or answers ERROR'),
    ('tls-to-postgres', STARTTLS, GONE, postgres, 'PostgreSQL 15, ssl = off', s_client(), 'OpenSSL s_client', 'the server takes the ClientHello for a startup packet of a wrong length'),
    ('postgres-ssl-off', STARTTLS, [], postgres, 'PostgreSQL 15, ssl = off', command('psql', 'host=127.0.0.1 port=PORT user=station dbname=postgres sslmode=require', '-c', 'select 1'), 'psql', 'SSLRequest is answered with N'),
    ('postgres-to-openssl', STARTTLS, GONE, openssl, 'OpenSSL s_server', command('psql', 'host=127.0.0.1 port=PORT user=station dbname=postgres sslmode=require'), 'psql', 'SSLRequest reaches a server that speaks TLS from the start'),
    ('tls-to-mosquitto', MQTT, GONE, mosquitto, 'mosquitto without TLS', s_client(), 'OpenSSL s_client', 'the broker closes on the ClientHello'),
    ('mqtt-to-openssl', MQTT, [], openssl, 'OpenSSL s_server', command('mosquitto_pub', '-p', 'PORT', '-t', 'a', '-m', 'b'), 'mosquitto_pub', 'the client sends CONNECT'),
    ('tls-to-sshd', SSH, [], sshd, 'OpenSSH', s_client(), 'OpenSSL s_client', 'the server greets as SSH does'),
    ('ssh-to-nginx', SSH, [], nginx(), 'nginx', command('ssh', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no', '-p', 'PORT', '127.0.0.1'), 'OpenSSH', 'the client sends its version line'),
    ('ldap-starttls-refused', STARTTLS, [], slapd, 'slapd without a certificate', command('ldapsearch', '-x', '-ZZ', '-H', 'ldap://127.0.0.1:PORT', '-b', '', '-s', 'base'), 'ldapsearch', 'the result of StartTLS is not success'),
    ('ldap-to-openssl', STARTTLS, GONE, openssl, 'OpenSSL s_server', command('ldapsearch', '-x', '-H', 'ldap://127.0.0.1:PORT', '-b', '', '-s', 'base'), 'ldapsearch', 'the client sends a bind request'),
    ('proxy1-nginx', HEADER, [], nginx(), 'nginx', behind(V1), 'Python behind a PROXY header', 'nginx takes the header for a request'),
    ('proxy2-nginx', HEADER, [], nginx(), 'nginx', behind(V2), 'Python behind a PROXY header', 'nginx takes the header for a request'),
    ('proxy1-openssl', HEADER, [], openssl, 'OpenSSL s_server', behind(V1), 'Python behind a PROXY header', 'the server closes on the header'),
    ('proxy2-openssl', HEADER, [], openssl, 'OpenSSL s_server', behind(V2), 'Python behind a PROXY header', 'the server closes on the header'),
    ('proxy2-haproxy', HEADER, [], haproxy(), 'HAProxy', behind(V2), 'Python behind a PROXY header', 'the server refuses the header'),
    ('proxy1-haproxy-ok', 'none', [], haproxy('accept-proxy'), 'HAProxy with accept-proxy', behind(V1), 'Python behind a PROXY header', 'the server expects the header'),
    ('proxy2-nginx-ok', 'none', [], nginx('proxy_protocol'), 'nginx with proxy_protocol', behind(V2), 'Python behind a PROXY header', 'the server expects the header'),
    ('proxy-missing-haproxy', HEADER, GONE, haproxy('accept-proxy'), 'HAProxy with accept-proxy', s_client(), 'OpenSSL s_client', 'the server expects a header and gets a ClientHello'),
    ('proxy-missing-nginx', HEADER, GONE, nginx('proxy_protocol'), 'nginx with proxy_protocol', s_client(), 'OpenSSL s_client', 'the server expects a header and gets a ClientHello'),
    ('smtp-454', STARTTLS, REFUSES, talk(b'250-relay\r\n250 STARTTLS\r\n', b'454 4.7.0 TLS not available due to local problem\r\n', greet=b'220 relay ESMTP\r\n'), 'scripted SMTP server', s_client('-starttls', 'smtp'), 'OpenSSL s_client', 'STARTTLS is answered with 454'),
    ('imap-no', STARTTLS, [], talk(b'* CAPABILITY IMAP4rev1 STARTTLS\r\n. OK done\r\n', b'. NO TLS is not available\r\n', greet=b'* OK ready\r\n'), 'scripted IMAP server', s_client('-starttls', 'imap'), 'OpenSSL s_client', 'STARTTLS is answered with NO'),
    ('ftp-534', STARTTLS, [], talk(b'500 unknown\r\n', b'534 Policy requires no TLS\r\n', b'534 Policy requires no TLS\r\n', greet=b'220 FTP ready\r\n'), 'scripted FTP server', s_client('-starttls', 'ftp'), 'OpenSSL s_client', 'AUTH TLS is refused'),
    ('xmpp-failure', STARTTLS, [], talk(XMPP, b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"), 'scripted XMPP server', s_client('-starttls', 'xmpp', '-xmpphost', NAME), 'OpenSSL s_client', 'starttls is answered with failure'),
    ('mysql-to-tls', STARTTLS, [], talk(greet=MYSQL), 'scripted greeting of MySQL', s_client(), 'OpenSSL s_client', 'the server sends HandshakeV10 first'),
    ('rdp-nla-required', STARTTLS, [], talk(NLA), 'scripted RDP server', sends(RDP), 'raw bytes', 'RDP_NEG_FAILURE 5'),
    ('rdp-to-openssl', STARTTLS, GONE, openssl, 'OpenSSL s_server', sends(RDP), 'raw bytes', 'the client sends an X.224 connection request'),
    ('http2-to-openssl', HTTP, [], openssl, 'OpenSSL s_server', sends(H2), 'raw bytes', 'the client sends the preface of HTTP/2'),
    ('amqp-to-openssl', OTHER, [], openssl, 'OpenSSL s_server', sends(AMQP), 'raw bytes', 'the client sends the header of AMQP 0-9-1'),
    ('tls-to-amqp', OTHER, [], talk(AMQP), 'scripted AMQP broker', s_client(), 'OpenSSL s_client', 'the broker answers with its own header'),
    ('kafka-to-nginx', OTHER, [], nginx(), 'nginx', sends(KAFKA), 'raw bytes', 'the client sends ApiVersions'),
    ('zabbix-to-openssl', OTHER, [], openssl, 'OpenSSL s_server', sends(b'ZBXD\x01\x0a\0\0\0\0\0\0\0agent.ping'), 'raw bytes', 'the client sends the header of Zabbix'),
    ('syslog-to-openssl', OTHER, [], openssl, 'OpenSSL s_server', sends(b'<134>1 2026-11-29T10:00:00Z turbine app - - - started\n'), 'raw bytes', 'the client sends a message of syslog'),
    ('socks-refused', OTHER, [], talk(b'\x05\0', b'\x05\x05\0\x01\0\0\0\0\0\0'), 'scripted SOCKS proxy', command('curl', '-s', '--socks5', '127.0.0.1:PORT', 'https://192.0.2.10/'), 'curl', 'the proxy answers 5: connection refused'),
    ('proxy-407', HTTP, [], talk(b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="a"\r\nContent-Length: 0\r\n\r\n'), 'scripted HTTP proxy', command('curl', '-s', '-x', 'http://127.0.0.1:PORT', 'https://192.0.2.10/'), 'curl', 'the proxy answers 407'),
    ('tds-self-signed', 'cert.self-signed', ['cert.unknown-issuer'], tds_server(), 'Python in packets of TDS', tds_client(False), 'Python in packets of TDS', 'the alert unknown_ca is inside a TDS packet'),
    ('tds-no-encryption', STARTTLS, [], tds_server(2), 'scripted TDS server', tds_client(True), 'Python in packets of TDS', 'PRELOGIN of the server: encryption not supported'),
    ('tds-ok', 'none', [], tds_server(), 'Python in packets of TDS', tds_client(True), 'Python in packets of TDS', 'the handshake completes inside TDS packets'),
    ('large-silent', LARGE, [T + 'silent', T + 'closed.by-client'], reads_one_segment('silence'), 'scripted server', large(), 'Go crypto/tls', 'a ClientHello of 1.5 KB, of which the server reads 1,400 bytes; nothing comes back'),
    ('large-reset', LARGE, [T + 'reset', T + 'closed.by-server'], reads_one_segment('reset'), 'scripted server', large(), 'Go crypto/tls', 'a ClientHello of 1.5 KB, of which the server reads 1,400 bytes and resets'),
    ('large-starttls', LARGE, [T + 'silent'], reads_one_segment('silence', greet=True), 'scripted server', large('smtp'), 'Go crypto/tls', 'a ClientHello of 1.5 KB behind STARTTLS, of which the server reads 1,400 bytes; nothing comes back'),
    ('redis-plain-ok', 'none', [], redis, 'Redis without TLS', command('redis-cli', '-p', 'PORT', 'ping'), 'redis-cli', 'both sides speak RESP and want it so'),
    ('postgres-plain-ok', 'none', [], postgres, 'PostgreSQL 15, ssl = off', command('psql', 'host=127.0.0.1 port=PORT user=station dbname=postgres sslmode=prefer', '-c', 'select 1'), 'psql', 'the client goes on without TLS after N'),
    ('memcached-plain-ok', 'none', [], memcached, 'memcached without TLS', sends(b'stats\r\n'), 'raw bytes', 'both sides speak memcached and want it so'),
    ('mqtt-plain-ok', 'none', [], mosquitto, 'mosquitto without TLS', command('mosquitto_pub', '-p', 'PORT', '-t', 'a', '-m', 'b'), 'mosquitto_pub', 'both sides speak MQTT and want it so'),
    ('ldap-plain-ok', 'none', [], slapd, 'slapd', command('ldapsearch', '-x', '-H', 'ldap://127.0.0.1:PORT', '-b', '', '-s', 'base'), 'ldapsearch', 'both sides speak LDAP and want it so'),
]


def save(name, capture, cause, also, server, client, evidence, said, side=None):
    path = 'fresh-wire-' + name
    with open(os.path.join(OUT, path + '.pcap'), 'wb') as file:
        file.write(capture)
    one = {'name': path, 'cause': cause, 'also_accept': also, 'outcome': 'completed' if cause == 'none' else 'failed',
           'side_at_fault': side or label.side_of(cause), 'grade': 'inferred' if cause == LARGE else 'proved' if cause == 'cert.self-signed' else 'observed',
           'grades': {one: 'observed' for one in also if cause == LARGE}, 'inputs': {}, 'evidence': evidence, 'peers': {'client': client, 'server': server}, 'messages': {'client': said.strip()[-200:]}}
    label.check(one, OUT)
    labels = table.load(FILE) if os.path.exists(FILE) else {}
    labels[path] = label.of_table(one)
    with open(FILE, 'w', newline='\n') as file:
        file.write(table.dump(labels))


def make(name, cause, also, server, server_name, client, client_name, evidence):
    os.makedirs(WORK, exist_ok=True)
    port = net.free_port()
    end = server(port)
    recorder = Recorder([port])
    try:
        said = client(port)
        time.sleep(0.3)
    finally:
        capture = recorder.stop()
        end()
    save(name, capture, cause, also, server_name, client_name, evidence, said)


def syn_dropped():
    """An address behind an interface that drops what it sends."""
    run = lambda *argv: subprocess.run(['ip'] + list(argv), stderr=subprocess.DEVNULL)
    run('link', 'add', 'drop0', 'type', 'veth', 'peer', 'name', 'drop1')
    run('addr', 'add', '203.0.113.1/24', 'dev', 'drop0')
    run('link', 'set', 'drop0', 'arp', 'off', 'up')
    run('link', 'set', 'drop1', 'arp', 'off', 'up')
    recorder = Recorder([8883], interface='drop0')
    try:
        socket.create_connection(('203.0.113.77', 8883), timeout=2.5).close()
        said = 'connected'
    except OSError as error:
        said = str(error)
    save('syn-dropped', recorder.stop(), T + 'no-answer', [], 'an address without a host', 'Python', 'SYN three times, and no reply', said)


def cases():
    made = [('fresh-wire-' + row[0], lambda row=row: make(*row)) for row in CASES]
    return made + [('fresh-wire-syn-dropped', syn_dropped)]
