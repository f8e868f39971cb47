"""Handshakes of odd shape between programs: what TLS itself permits."""
import os
import socket
import ssl
import subprocess
import time

from . import ends, rig
from .ends import Thread, context, dial, echo, new_tls, wrapped
from .rig import NAME, path, record, s_client, s_server

S = ('OpenSSL 3.0.19 s_client', 'OpenSSL 3.0.19 s_server')
LOOSE = 'ALL:@SECLEVEL=0'


def pair(name, server, client, evidence, cert='leaf', expect=None, **more):
    """s_server and s_client; the server answers with the line reversed."""
    send = more.pop('send', b'hello\n')
    hold = more.pop('hold', 0.4)
    record(name, s_server('-rev', *server.split(), cert=cert), lambda at: s_client(at, *client.split(), send=send, hold=hold), evidence, S, expect=expect, **more)


def twice(first, then):
    """A client that connects two times, the second time with what the first one kept."""
    def connect(at):
        s_client(at, '-sess_out', path('session'), *first.split(), keys=True)
        os.rename(path('keys'), path('keys1'))
        return s_client(at, '-sess_in', path('session'), *(then or first).split())
    return connect


def by_openssl():
    pair('hrr', '-groups P-384', '-groups X25519:P-384', 'HelloRetryRequest for another group')
    pair('hrr-mutual', '-groups P-521 -Verify 2 -CAfile root.pem', '-groups X25519:P-521 -cert client.pem -key client.key', 'HelloRetryRequest and a client certificate')
    for version in ('1_3', '1_2'):
        record('resumed-ticket-' + version, s_server('-rev', '-tls' + version), twice('', ''), 'two connections, the second one resumed by a ticket', S, expect='Reused')
    record('resumed-id-12', s_server('-rev', '-tls1_2', '-no_ticket'), twice('', ''), 'two connections, the second one resumed by its session id', S, expect='Reused')
    psk = '-psk 00112233445566778899aabbccddeeff'
    pair('psk-13', psk, psk + ' -ciphersuites TLS_AES_128_GCM_SHA256', 'an external pre-shared key in TLS 1.3', cert=None, given=False)
    for suite in ('PSK-AES128-GCM-SHA256', 'DHE-PSK-AES256-GCM-SHA384', 'ECDHE-PSK-CHACHA20-POLY1305', 'PSK-AES128-CCM8', 'PSK-AES256-CBC-SHA384'):
        more = ' -dhparam dh.pem' if suite.startswith('DHE') else ''
        pair('psk-12-' + suite.lower(), '-tls1_2 -cipher %s:@SECLEVEL=0 %s%s' % (suite, psk, more), '-tls1_2 -cipher %s:@SECLEVEL=0 %s' % (suite, psk), 'a pre-shared key: ' + suite, cert=None, given=False, expect=suite)
    pair('psk-12-rsa', '-tls1_2 -cipher RSA-PSK-AES256-GCM-SHA384 ' + psk, '-tls1_2 -cipher RSA-PSK-AES256-GCM-SHA384 ' + psk, 'a pre-shared key and RSA key exchange', cert='rsa')
    early = s_server('-early_data', '-max_early_data', '4096', '-no_anti_replay')
    with open(path('early.txt'), 'w') as file:
        file.write('early\n')
    record('early-data-accepted', early, twice('', '-early_data ' + path('early.txt')), 'early data that the server accepts', S, expect='Early data was accepted')
    record('early-data-rejected', early, twice('', '-early_data %s -groups P-384' % path('early.txt')), 'resumed; the server rejects or accepts early data after another group', S, expect='Early data was')
    record('early-data-refused', s_server('-rev'), twice_early_refused, 'early data for a server that restarts without it', S)
    pair('key-update', '', '', 'both sides update their keys', send=[b'one\n', b'K\n', b'k\n', b'two\n'])
    pair('renegotiation-12', '-tls1_2 -client_renegotiation', '-tls1_2', 'the client renegotiates, and the server agrees', send=[b'one\n', b'R\n', b'two\n'])
    for version in ('1_2', '1_3'):
        pair('mutual-' + version, '-Verify 2 -CAfile root.pem -tls' + version, '-cert client.pem -key client.key', 'a client certificate')
        pair('asked-none-sent-' + version, '-verify 2 -CAfile root.pem -tls' + version, '', 'the server asks for a client certificate and goes on without')
    pair('many-tickets', '-num_tickets 20', '', 'twenty tickets')
    pair('no-tickets', '-num_tickets 0', '', 'TLS 1.3 without tickets')
    pair('padded-13', '-record_padding 256', '-record_padding 512', 'records padded to a multiple')
    pair('no-middlebox-13', '-no_middlebox', '-no_middlebox', 'without the middlebox compatibility mode')
    pair('split-records', '-split_send_frag 512 -max_send_frag 512', '-max_send_frag 512', 'handshake messages split over small records', cert='wide')
    pair('maxfraglen-512', '', '-maxfraglen 512', 'max_fragment_length of 512 bytes')
    pair('large-chain', '', '', 'a chain longer than a record', cert='wide')
    pair('large-chain-12', '-tls1_2', '', 'a chain longer than a record, TLS 1.2', cert='wide')
    for suite in ('ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES256-CCM', 'ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-ECDSA-CAMELLIA128-SHA256'):
        pair('12-' + suite.lower(), '-tls1_2', '-tls1_2 -cipher ' + suite, suite, expect=suite)
    for suite in ('DHE-RSA-AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'AES128-SHA', 'DHE-RSA-AES256-SHA256'):
        pair('12-rsa-' + suite.lower(), '-tls1_2 -dhparam dh.pem -cipher %s:@SECLEVEL=1' % suite, '-tls1_2 -cipher %s:@SECLEVEL=1' % suite, suite, cert='rsa', expect=suite)
    pair('12-no-etm', '-tls1_2', '-tls1_2 -no_etm -cipher ECDHE-ECDSA-AES128-SHA256', 'CBC without encrypt_then_mac')
    for suite in ('TLS_AES_128_CCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_CCM_8_SHA256'):
        pair('13-' + suite.lower(), '-ciphersuites ' + suite, '-ciphersuites ' + suite, suite, expect=suite)
    for version in ('1', '1_1'):
        pair('tls' + version, '-tls%s -cipher %s' % (version, LOOSE), '-tls%s -cipher %s' % (version, LOOSE), 'an old version that both sides permit', cert='rsa')
    pair('ed25519', '', '', 'an Ed25519 certificate', cert='ed')
    pair('ffdhe-13', '-groups ffdhe2048', '-groups X25519:ffdhe2048', 'a finite field group in TLS 1.3, after HelloRetryRequest')
    pair('x448', '-groups X448', '-groups X448', 'x448')
    pair('alpn-none-chosen', '', '-alpn h2,http/1.1', 'the client offers ALPN; the server chooses none and the client goes on')
    pair('alpn-chosen', '-alpn http/1.1', '-alpn h2,http/1.1', 'ALPN')
    pair('unrecognized-name-warning', '-tls1_2 -servername other.example -cert2 other.pem -key2 other.key', '-tls1_2', 'the server warns with unrecognized_name and goes on')
    pair('serverinfo-status', '-status_file none.der', '-status', 'the client asks for a staple and gets none')
    pair('cert-comp-none', '', '-sigalgs ECDSA+SHA256', 'one signature algorithm only')


def twice_early_refused(at):
    s_client(at, '-sess_out', path('session'))
    os.rename(path('keys'), path('keys1'))
    return s_client(at, '-sess_in', path('session'))


def by_gnutls():
    G = ('GnuTLS 3.7.9 gnutls-cli', 'GnuTLS 3.7.9 gnutls-serv')

    def both(name, server, client, evidence, cert='leaf', expect='- Handshake was completed'):
        argv = ['gnutls-serv', '--echo', '--port', '{port}', '--disable-client-cert', '--x509certfile', cert + '.chain', '--x509keyfile', cert + '.key'] + server
        def connect(at):
            child = subprocess.Popen(['gnutls-cli', '--x509cafile', path('root.pem'), '--port', str(at), '--sni-hostname', NAME, '--verify-hostname', NAME] + client + ['127.0.0.1'],
                                     cwd=rig.WORK, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ, SSLKEYLOGFILE=path('keys')))
            time.sleep(0.4)
            child.stdin.write(b'hello\n')
            child.stdin.flush()
            time.sleep(0.3)
            return child.communicate(timeout=8)[0].decode(errors='replace')
        record(name, argv, connect, evidence, G, expect=expect)

    both('gnutls-13', [], [], 'GnuTLS on both sides')
    both('gnutls-recordsize', [], ['--recordsize', '1024'], 'record_size_limit of GnuTLS')
    both('gnutls-compressed-certificate', ['--compress-cert', 'zlib'], ['--compress-cert', 'zlib'], 'a compressed certificate')
    both('gnutls-no-ems', [], ['--priority', 'NORMAL:-VERS-TLS1.3:%NO_SESSION_HASH'], 'TLS 1.2 without extended_master_secret')
    both('gnutls-cbc-no-etm', [], ['--priority', 'NORMAL:-VERS-TLS1.3:-CIPHER-ALL:+AES-128-CBC:%NO_ETM'], 'CBC without encrypt_then_mac')
    both('gnutls-cbc-etm', [], ['--priority', 'NORMAL:-VERS-TLS1.3:-CIPHER-ALL:+AES-256-CBC'], 'CBC with encrypt_then_mac')
    both('gnutls-no-extensions', ['--priority', 'NORMAL'], ['--priority', 'NORMAL:-VERS-TLS1.3:%NO_EXTENSIONS', '--insecure'], 'a hello without extensions', cert='rsa')
    both('gnutls-false-start', [], ['--priority', 'NORMAL:-VERS-TLS1.3', '--resume', '--waitresumption'], 'resumed by GnuTLS', expect=None)
    both('gnutls-rehandshake', [], ['--priority', 'NORMAL:-VERS-TLS1.3', '--rehandshake'], 'GnuTLS renegotiates', expect=None)


def by_python():
    P = (ends.PYTHON, ends.PYTHON)

    def later(connection):
        made = context(server=True)
        made.post_handshake_auth, made.verify_mode = True, ssl.CERT_REQUIRED
        made.load_verify_locations(path('root.pem'))
        stream = made.wrap_socket(connection, server_side=True)
        stream.recv(100)
        stream.verify_client_post_handshake()
        stream.sendall(b'who are you')
        stream.recv(100)
        stream.sendall(stream.getpeercert() and b'welcome' or b'nobody')
        stream.unwrap()

    def proves(at):
        made = context(keylog=True)
        made.post_handshake_auth = True
        made.load_cert_chain(path('client.pem'), path('client.key'))
        stream = made.wrap_socket(dial(at), server_hostname=NAME)
        stream.sendall(b'one')
        stream.recv(100)
        stream.sendall(b'two')
        said = stream.recv(100)
        stream.close()
        return said.decode()
    record('post-handshake-auth', lambda at: Thread(at, later), proves, 'the client authenticates after the handshake', P, expect='welcome')

    def client(at, segment=None, size=5, **more):
        stream = context(keylog=True, **more).wrap_socket(dial(at, segment=segment), server_hostname=NAME)
        stream.sendall(b'x' * size)
        said = stream.recv(65536)
        stream.unwrap()
        stream.close()
        return said.decode()
    def hears(at):
        stream = context(keylog=True).wrap_socket(dial(at), server_hostname=NAME)
        said = stream.recv(100)
        stream.sendall(b'EHLO me')
        said += stream.recv(100)
        stream.unwrap()
        stream.close()
        return said.decode()
    small = lambda listener: listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 120)
    record('tiny-mss', lambda at: Thread(at, wrapped(None), setup=small), lambda at: client(at, segment=120), 'segments of 120 bytes at most', P, expect='you said')
    record('tiny-mss-12-wide', lambda at: Thread(at, wrapped(None, cert='wide'), setup=small), lambda at: client(at, segment=120, high='TLSv1_2'), 'a large chain in segments of 120 bytes', P)
    record('banner-first', lambda at: Thread(at, wrapped(None, serve=lambda made: (made.sendall(b'220 ready\r\n'), echo(made)))), lambda at: hears(at), 'the server speaks first inside TLS', P)

    def fresh(at, segment=None, prepare=None):
        stream = new_tls(dial(at, segment=segment), prepare=prepare)
        stream.send(b'hello\n')
        said = stream.recv(100)
        stream.shutdown()
        return said.decode()
    def serves(connection):
        stream = new_tls(connection, server=True)
        stream.send(b'you said ' + stream.recv(100))
        stream.shutdown()
    N = (ends.NEW, ends.NEW)
    record('pq', lambda at: Thread(at, serves), fresh, 'a post-quantum key share on both sides', N, expect='you said')
    record('pq-segments', lambda at: Thread(at, serves, setup=small), lambda at: fresh(at, 400), 'a post-quantum hello over many segments', N, expect='you said')
    record('pq-old-server', s_server('-rev'), fresh, 'a post-quantum hello to a server that does not know the group', (ends.NEW, S[1]))
    record('pq-records', lambda at: Thread(at, serves), in_records, 'a post-quantum hello split over records of 300 bytes', N, expect='you said')


def in_records(at):
    """A client whose first record is split: the record layer may cut a message anywhere (RFC 8446 section 5.1)."""
    from OpenSSL import SSL
    connection, stream = dial(at), SSL.Connection(ends.new_context(), None)
    stream.set_tlsext_host_name(NAME.encode())
    stream.set_connect_state()
    first, said = True, b''

    def move():
        nonlocal first
        try:
            out = stream.bio_read(65536)
        except SSL.WantReadError:
            return
        if first:
            body = out[5:]
            parts = [body[at:at + 300] for at in range(0, len(body), 300)]
            out = b''.join(out[:3] + len(part).to_bytes(2, 'big') + part for part in parts)
        first = False
        connection.sendall(out)
    for step in (stream.do_handshake, lambda: stream.send(b'hello'), lambda: stream.recv(100), stream.shutdown):
        while True:
            try:
                done = step()
                move()
                break
            except SSL.WantReadError:
                move()
                stream.bio_write(connection.recv(65536))
        said = done if isinstance(done, bytes) else said
    connection.close()
    return said.decode()
