"""Protocols that begin in plain text: STARTTLS, headers of proxies, tunnels."""
import socket
import struct
import subprocess
import time

from . import ends, rig
from .ends import Thread, dial, echo, exactly, line, pump, wrapped
from .rig import NAME, path, record, s_client

S = ('OpenSSL 3.0.19 s_client -starttls %s', ends.PYTHON)


def lines(greeting, *answers):
    """Sends a greeting and answers each line of the client."""
    def talk(connection):
        connection.sendall(greeting)
        for answer in answers:
            if not line(connection):
                return
            connection.sendall(answer)
    return talk


def imap(connection):
    connection.sendall(b'* OK ready\r\n')
    for answer in (b'* CAPABILITY IMAP4rev1 STARTTLS\r\n%s OK done\r\n', b'%s OK begin\r\n'):
        tag = line(connection).split(b' ')[0]
        connection.sendall(answer % tag)


def xmpp(connection):
    connection.recv(1000)
    connection.sendall(b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1' from='plant' version='1.0'>"
                       b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>")
    connection.recv(1000)
    connection.sendall(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")


def ldap(connection):
    connection.recv(1000)
    connection.sendall(bytes.fromhex('300c02010178070a010004000400'))


def postgres(connection):
    exactly(connection, 8)
    connection.sendall(b'S')


def mysql(connection):
    body = b'\x0a8.0.36\0' + struct.pack('<I', 9) + b'abcdefgh\0' + struct.pack('<HBHHB', 0xffff, 0x21, 2, 0xdfff, 21) + bytes(10) + b'ijklmnopqrst\0' + b'caching_sha2_password\0'
    connection.sendall(struct.pack('<I', len(body))[:3] + b'\0' + body)
    exactly(connection, 36)


def rdp(connection):
    exactly(connection, 19)
    connection.sendall(bytes.fromhex('030000130ed000001234000200080001000000'))


def rdp_client(at):
    connection = dial(at)
    connection.sendall(bytes.fromhex('030000130ee000000000000100080001000000'))
    exactly(connection, 19)
    return talks(connection)


def talks(connection, high=None):
    stream = ends.context(keylog=True, high=high).wrap_socket(connection, server_hostname=NAME)
    stream.sendall(b'hello')
    said = stream.recv(100)
    stream.unwrap()
    stream.close()
    return said.decode()


def starttls():
    rows = [
        ('smtp', lines(b'220 mail ESMTP\r\n', b'250-mail\r\n250 STARTTLS\r\n', b'220 begin\r\n')),
        ('pop3', lines(b'+OK ready\r\n', b'+OK begin\r\n')),
        ('imap', imap), ('xmpp', xmpp), ('ldap', ldap), ('postgres', postgres), ('mysql', mysql),
        ('nntp', lines(b'200 news\r\n', b'101 list\r\nSTARTTLS\r\n.\r\n', b'382 begin\r\n')),
        ('sieve', lines(b'"IMPLEMENTATION" "x"\r\n"STARTTLS"\r\nOK "ready"\r\n', b'OK "begin"\r\n')),
        ('irc', lines(b'', b':x 670 nick :STARTTLS successful\r\n')),
        ('lmtp', lines(b'220 mail LMTP\r\n', b'250-mail\r\n250 STARTTLS\r\n', b'220 begin\r\n')),
    ]
    for name, talk in rows:
        record('starttls-' + name, lambda at: Thread(at, wrapped(talk)), lambda at: s_client(at, '-starttls', name, '-name', 'plant'), 'TLS begins after %s has asked for it' % name,
               (S[0] % name, S[1]), expect='Verify return code: 0')
    def files(made):
        for answer in (b'331 password\r\n', b'230 in\r\n', b'200 fine\r\n', b'200 fine\r\n', b'221 bye\r\n'):
            if made.recv(1000):
                made.sendall(answer)
        made.unwrap()
    def ftp(at):
        import ftplib
        client = ftplib.FTP_TLS(context=ends.context(keylog=True, verify=False))
        client.connect('127.0.0.1', at, 5)
        client.login('a', 'b')
        client.prot_p()
        said = client.quit()
        client.close()
        return said
    record('starttls-ftp', lambda at: Thread(at, wrapped(lines(b'220 ftp\r\n', b'234 begin\r\n'), serve=files)), ftp, 'FTP with AUTH TLS', ('Python 3.11 ftplib', ends.PYTHON))
    record('starttls-rdp', lambda at: Thread(at, wrapped(rdp)), rdp_client, 'RDP negotiates TLS in its first packets', (ends.PYTHON, ends.PYTHON), expect='you said')


def proxy_client(header):
    def connect(at):
        connection = dial(at)
        connection.sendall(header)
        return talks(connection)
    return connect


def nginx(at, listen, more=''):
    text = ('daemon off; pid %s; error_log %s; events {} http { access_log off; client_body_temp_path %s; proxy_temp_path %s; fastcgi_temp_path %s; uwsgi_temp_path %s; scgi_temp_path %s;'
            ' server { listen 127.0.0.1:%d ssl %s; ssl_certificate leaf.chain; ssl_certificate_key leaf.key; %s location / { return 200 "hello\\n"; } } }'
            % (path('nginx.pid'), path('nginx.log'), *[path('t%d' % number) for number in range(5)], at, listen, more))
    with open(path('nginx.conf'), 'w') as file:
        file.write(text)
    return rig.Program(['nginx', '-p', rig.WORK, '-c', path('nginx.conf')], at)


def curl(at, *options, scheme='https'):
    return rig.run(['curl', '-sS', '-i', '--max-time', '8', '--cacert', path('root.pem'), '--connect-to', '%s:443:127.0.0.1:%d' % (NAME, at)] + list(options) + ['https://%s/' % NAME],
                   env=dict(__import__('os').environ, SSLKEYLOGFILE=path('keys')))


def proxies():
    one = b'PROXY TCP4 192.0.2.1 192.0.2.2 40000 443\r\n'
    two = b'\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c' + bytes([192, 0, 2, 1, 192, 0, 2, 2]) + struct.pack('>HH', 40000, 443)
    local = b'\r\n\r\n\0\r\nQUIT\n\x20\0\0\0'
    for name, header, length in (('v1', one, len(one)), ('v2', two, len(two)), ('v2-local', local, len(local))):
        def asked(at):
            connection = dial(at)
            connection.sendall(header)
            made = ends.context(keylog=True).wrap_socket(connection, server_hostname=NAME)
            made.sendall(b'GET / HTTP/1.0\r\n\r\n')
            said = made.recv(4096).decode()
            made.close()
            return said
        record('proxy-' + name, lambda at: nginx(at, 'proxy_protocol'), asked, 'a PROXY header that the server expects', (ends.PYTHON, 'nginx 1.22.1'), expect='200 OK')
    record('nginx-curl-h2', lambda at: nginx(at, 'http2'), lambda at: curl(at), 'HTTP/2', ('curl 7.88.1', 'nginx 1.22.1'), expect='HTTP/2 200')
    record('nginx-curl-12', lambda at: nginx(at, ''), lambda at: curl(at, '--tls-max', '1.2'), 'TLS 1.2 with keep-alive', ('curl 7.88.1', 'nginx 1.22.1'), expect='200 OK')
    record('nginx-curl-keepalive', lambda at: nginx(at, '', 'keepalive_timeout 1;'), lambda at: curl(at, '--no-alpn', '--next', '-sS', '--cacert', path('root.pem'), '--connect-to', '%s:443:127.0.0.1:%d' % (NAME, at), 'https://%s/two' % NAME), 'two requests on one connection',
           ('curl 7.88.1', 'nginx 1.22.1'), expect='200 OK')

    inner = rig.port()
    target = nginx(inner, '')
    try:
        def connects(connection):
            line(connection)
            while line(connection).strip():
                pass
            far = dial(inner)
            connection.sendall(b'HTTP/1.1 200 Connection established\r\n\r\n')
            pump(connection, far)
        def socks(connection):
            connection.recv(100)
            connection.sendall(b'\5\0')
            connection.recv(300)
            far = dial(inner)
            connection.sendall(b'\5\0\0\1\0\0\0\0\0\0')
            pump(connection, far)
        def direct(at, *options):
            return rig.run(['curl', '-sS', '-i', '--max-time', '8', '--cacert', path('root.pem')] + list(options) + ['https://%s:%d/' % (NAME, inner)], env=dict(__import__('os').environ, SSLKEYLOGFILE=path('keys')))
        record('http-connect', lambda at: Thread(at, connects), lambda at: direct(at, '-x', 'http://127.0.0.1:%d' % at), 'a tunnel through HTTP CONNECT', ('curl 7.88.1', 'nginx 1.22.1'), expect='200 OK')
        record('socks5', lambda at: Thread(at, socks), lambda at: direct(at, '--socks5-hostname', '127.0.0.1:%d' % at), 'a tunnel through SOCKS5', ('curl 7.88.1', 'nginx 1.22.1'), expect='200 OK')
    finally:
        target.stop()
