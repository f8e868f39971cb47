"""How each program is started as one end of a case. Options common to all of them:

cert   label of the own certificate (its chain file, its key), chain/key other files for the same
ca     file of trusted roots (for a server: of clients), name the name that a client expects
args   everything else, in the words of the program itself

Each function gives (arguments, environment, text of the log that says "ready" or None, description)."""
import json
import os

from . import build


def own(o):
    cert = o.get('chain') or (o['cert'] + '.chain.pem' if o.get('cert') else None)
    return cert, o.get('key') or (o['cert'] + '.key' if o.get('cert') else None)


def words(o):
    args = o.get('args', [])
    return args.split() if isinstance(args, str) else [str(a) for a in args]


def openssl_own(case, o, cert, key):
    """These programs take the leaf and what follows it as two files; `chain` names the second."""
    rest = o.get('chain') or o['cert'] + '.rest.pem'
    with_rest = ['-cert_chain', rest] if os.path.exists(case.pki.path(rest)) else []
    return ['-cert', o['cert'] + '.pem' if o.get('cert') else cert, '-key', key] + with_rest


def openssl_server(case, o):
    cert, key = own(o)
    argv = ['openssl', 's_server', '-accept', case.address]
    argv += openssl_own(case, o, cert, key) if cert else ['-nocert']
    if o.get('ca'):
        argv += ['-CAfile', o['ca']]
    if o.get('keylog'):
        argv += ['-keylogfile', case.keylog]
    return argv + words(o), {}, None, build.version('openssl') + ' s_server'


def openssl_client(case, o):
    cert, key = own(o)
    argv = ['openssl', 's_client', '-connect', case.address]
    argv += ['-servername', o.get('sni') or o['name']] if o.get('sni') or o.get('name') else ['-noservername']
    if o.get('name'):
        argv += ['-verify_hostname', o['name']]
    if o.get('ca'):
        argv += ['-CAfile', o['ca'], '-verify_return_error']
    if cert:
        argv += openssl_own(case, o, cert, key)
    if o.get('keylog'):
        argv += ['-keylogfile', case.keylog]
    return argv + words(o), {}, None, build.version('openssl') + ' s_client'


def gnutls_server(case, o):
    cert, key = own(o)
    argv = ['gnutls-serv', '--port', case.port, '--echo']
    if cert:
        argv += ['--x509certfile', cert, '--x509keyfile', key]
    if o.get('ca'):
        argv += ['--x509cafile', o['ca']]
    env = {'SSLKEYLOGFILE': case.keylog} if o.get('keylog') else {}
    return argv + words(o), env, None, build.version('gnutls') + ' gnutls-serv'


def gnutls_client(case, o):
    cert, key = own(o)
    argv = ['gnutls-cli', case.host, '--port', case.port]
    if o.get('name'):
        argv += ['--sni-hostname', o.get('sni') or o['name'], '--verify-hostname', o['name']]
    else:
        argv += ['--disable-sni']
    if o.get('ca'):
        argv += ['--x509cafile', o['ca']]
    if cert:
        argv += ['--x509certfile', cert, '--x509keyfile', key]
    env = {'SSLKEYLOGFILE': case.keylog} if o.get('keylog') else {}
    return argv + words(o), env, None, build.version('gnutls') + ' gnutls-cli'


def mbed(role):
    def end(case, o):
        cert, key = own(o)
        argv = [build.mbed(o.get('small', False)), 'role=' + role, 'host=' + case.host, 'port=%d' % case.port]
        argv += ['cert=' + cert, 'key=' + key] if cert else []
        argv += ['%s=%s' % (name, o[name]) for name in ('ca', 'name') if o.get(name)]
        argv += ['keylog=' + case.keylog] if o.get('keylog') else []
        what = build.version('mbed') + (', buffers of 1 KB' if o.get('small') else '')
        return argv + words(o), {}, None, what + ' ' + role
    return end


def java(role):
    def end(case, o):
        cert, key = own(o)
        argv = ['java', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', build.jsse()] + list(o.get('jvm', []))
        argv += ['JssePeer', 'role=' + role, 'host=' + case.host, 'port=%d' % case.port]
        argv += ['cert=' + cert, 'key=' + key] if cert else []
        argv += ['%s=%s' % (name, o[name]) for name in ('ca', 'name') if o.get(name)]
        return argv + words(o), {}, None, build.version('java')
    return end


def go(role):
    def end(case, o):
        cert, key = own(o)
        argv = [build.go(), '-role', role, '-address', case.address]
        argv += ['-cert', cert, '-key', key] if cert else []
        for name in ('ca', 'name'):
            argv += ['-' + name, o[name]] if o.get(name) else []
        argv += ['-keylog', case.keylog] if o.get('keylog') else []
        return argv + words(o), {}, None, build.version('go')
    return end


def python(role):
    def end(case, o):
        cert, key = own(o)
        argv = ['python3', build.PROGRAMS + '/pyssl.py', 'role=' + role, 'host=' + case.host, 'port=%d' % case.port]
        argv += ['cert=' + cert, 'key=' + key] if cert else []
        argv += ['%s=%s' % (name, o[name]) for name in ('ca', 'name') if o.get(name)]
        argv += ['keylog=' + case.keylog] if o.get('keylog') else []
        return argv + words(o), {}, None, build.version('python')
    return end


def node(role):
    def end(case, o):
        cert, key = own(o)
        made = {'host': case.host, 'port': case.port, 'files': []}
        for name, file in (('cert', cert), ('key', key), ('ca', o.get('ca')), ('crl', o.get('crl'))):
            if file:
                made[name] = file
                made['files'].append(name)
        if o.get('name'):
            made['servername'] = o['name']
        if o.get('keylog'):
            made['keylog'] = case.keylog
        made.update(o.get('more', {}))
        return ['node', build.PROGRAMS + '/node.js', role, json.dumps(made)], {}, None, build.version('node')
    return end


def deno(role):
    def end(case, o):
        cert, key = own(o)
        made = {'host': case.host, 'port': case.port, 'cert': cert, 'key': key, 'ca': o.get('ca'), 'name': o.get('name')}
        made.update(o.get('more', {}))
        env = {'SSLKEYLOGFILE': case.keylog, 'NO_COLOR': '1'} if o.get('keylog') else {'NO_COLOR': '1'}
        argv = [build.program('deno'), 'run', '-A', '--no-config', build.PROGRAMS + '/rustls.ts', role, json.dumps(made)]
        return argv, env, None, build.version('deno')
    return end


def curl_client(case, o):
    cert, key = own(o)
    argv = ['curl', '-sv', '--max-time', '4', '--connect-to', '::%s' % case.address,
            'https://%s:%d/' % (o['name'], case.port)]
    argv += ['--cacert', o['ca']] if o.get('ca') else []
    argv += ['--cert', cert, '--key', key] if cert else []
    env = {'SSLKEYLOGFILE': case.keylog} if o.get('keylog') else {}
    return argv + words(o), env, None, build.version('curl')


def bssl(role):
    def end(case, o):
        cert, key = own(o)
        argv = [build.program('bssl'), role, '-accept' if role == 'server' else '-connect',
                str(case.port) if role == 'server' else case.address]
        argv += ['-cert', cert, '-key', key] if cert else []
        argv += ['-server-name', o['name']] if o.get('name') else []
        argv += ['-root-certs', o['ca']] if o.get('ca') else []
        env = {'SSLKEYLOGFILE': case.keylog} if o.get('keylog') else {}
        return argv + words(o), env, None, build.version('bssl')
    return end


def mosquitto(case, o):
    """The broker; its configuration is written beside the certificates."""
    cert, key = own(o)
    lines = ['listener %d %s' % (case.port, case.host), 'allow_anonymous true', 'log_type all', 'user root', 'certfile ' + cert,
             'keyfile ' + key] if cert else ['listener %d %s' % (case.port, case.host), 'allow_anonymous true', 'user root']
    lines += ['cafile ' + o['ca']] if o.get('ca') else []
    lines += o.get('conf', [])
    file = '.%s.conf' % case.name
    with open(case.pki.path(file), 'w') as out:
        out.write('\n'.join(lines) + '\n')
    return ['mosquitto', '-v', '-c', file], {}, None, build.version('mosquitto')


def mosquitto_pub(case, o):
    cert, key = own(o)
    argv = ['mosquitto_pub', '-d', '-h', o.get('name') or case.host, '-p', case.port, '-t', 'a/b', '-m', 'hello']
    argv += ['--cafile', o['ca']] if o.get('ca') else []
    argv += ['--cert', cert, '--key', key] if cert else []
    return argv + words(o), {}, None, build.version('mosquitto') + ' mosquitto_pub'


def nginx(case, o):
    """Serves one name; any other, or none, is rejected in the handshake."""
    cert, key = own(o)
    text = '''daemon off; master_process off; pid .%(name)s.pid; error_log stderr info; events {}
http { access_log off; client_body_temp_path .n1; proxy_temp_path .n2; fastcgi_temp_path .n3; uwsgi_temp_path .n4; scgi_temp_path .n5;
server { listen %(address)s ssl default_server; ssl_reject_handshake on; }
server { listen %(address)s ssl; server_name %(serves)s; ssl_certificate %(cert)s; ssl_certificate_key %(key)s; } }
'''
    with open(case.pki.path('.%s.conf' % case.name), 'w') as out:
        out.write(text % {'name': case.name, 'address': case.address, 'serves': o['serves'], 'cert': cert, 'key': key})
    argv = ['nginx', '-p', case.pki.dir, '-e', 'stderr', '-c', '.%s.conf' % case.name]
    return argv, {}, None, build.version('nginx')


def haproxy(case, o):
    """Serves the names of its certificate only (strict-sni)."""
    cert, key = own(o)
    with open(case.pki.path('.%s.pem' % case.name), 'w') as both:
        for name in (cert, key):
            with open(case.pki.path(name)) as one:
                both.write(one.read())
    with open(case.pki.path('.%s.conf' % case.name), 'w') as out:
        out.write('''defaults
 mode http
 timeout client 5s
 timeout connect 5s
 timeout server 5s
frontend f
 bind %s ssl crt .%s.pem strict-sni
 http-request return status 200
''' % (case.address, case.name))
    return ['haproxy', '-d', '-f', '.%s.conf' % case.name], {}, None, build.version('haproxy')


def starttls(case, o):
    cert, key = own(o)
    argv = ['python3', build.PROGRAMS + '/starttls.py', 'host=' + case.host, 'port=%d' % case.port, 'cert=' + cert, 'key=' + key]
    argv += ['keylog=' + case.keylog] if o.get('keylog') else []
    return argv + words(o), {}, None, build.version('python') + ' behind STARTTLS'


SERVERS = {'openssl': openssl_server, 'gnutls': gnutls_server, 'mbed': mbed('server'), 'java': java('server'),
           'go': go('server'), 'python': python('server'), 'node': node('server'), 'deno': deno('server'),
           'bssl': bssl('server'), 'mosquitto': mosquitto, 'starttls': starttls, 'nginx': nginx,
           'haproxy': haproxy}
CLIENTS = {'openssl': openssl_client, 'gnutls': gnutls_client, 'mbed': mbed('client'), 'java': java('client'),
           'go': go('client'), 'python': python('client'), 'node': node('client'), 'deno': deno('client'),
           'bssl': bssl('client'), 'curl': curl_client, 'mosquitto_pub': mosquitto_pub}
# Ends that write a key log when asked, in the order in which they are asked.
WRITES_KEYS = ('openssl', 'python', 'starttls', 'go', 'node', 'mbed', 'curl', 'gnutls', 'bssl', 'deno')
