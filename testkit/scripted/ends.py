"""Command lines of the programs at the two ends: OpenSSL, GnuTLS, Python, Go, mosquitto; others from `peers`.

`server((kind, options), side)` and `client(...)` give argv, environment, a text that says it is ready (or
None: wait until it listens) and the name that goes into the label.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'programs')
VERSION = {'1.0': 'tls1', '1.1': 'tls1_1', '1.2': 'tls1_2', '1.3': 'tls1_3'}
GNUTLS = {'1.0': 'VERS-TLS1.0', '1.1': 'VERS-TLS1.1', '1.2': 'VERS-TLS1.2', '1.3': 'VERS-TLS1.3'}
_BUILT = {}


class Built:
    def __init__(self, argv, title, env=None, ready=None):
        self.argv, self.title, self.env, self.ready = argv, title, env, ready


def once(key, make):
    if key not in _BUILT:
        _BUILT[key] = make()
    return _BUILT[key]


def first_line(*argv):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    return done.stdout.splitlines()[0] if done.stdout else ''


def openssl_title():
    return once('openssl', lambda: ' '.join(first_line('openssl', 'version').split()[:2]))


def gnutls_title():
    return 'GnuTLS ' + once('gnutls', lambda: first_line('gnutls-cli', '--version').split()[-1])


# ---- OpenSSL --------------------------------------------------------------------------------

def openssl_common(o, side):
    argv = []
    if o.get('tls'):
        argv += ['-' + VERSION[o['tls']]]
    if o.get('suites'):
        argv += ['-cipher', o['suites']]
    if o.get('suites13'):
        argv += ['-ciphersuites', o['suites13']]
    if o.get('groups'):
        argv += ['-groups', o['groups']]
    if side.keylog:
        argv += ['-keylogfile', side.keylog]
    return argv + list(o.get('args', []))


def openssl_server(o, side):
    argv = ['openssl', 's_server', '-accept', side.address]
    if o.get('cert', 'ec'):
        c = o.get('cert', 'ec')
        argv += ['-cert', c + '.pem', '-key', o.get('key', c) + '.key']
        if os.path.exists(side.pki.path(c + '.chain.pem')):
            argv += ['-cert_chain', c + '.chain.pem']
    if o.get('rev', True):
        argv += ['-rev']
    return Built(argv + openssl_common(o, side), openssl_title() + ' s_server')


def openssl_client(o, side):
    argv = ['openssl', 's_client', '-connect', side.address]
    if o.get('verify', True):
        argv += ['-CAfile', 'root.pem', '-verify_return_error', '-verify_hostname', 'localhost']
    if o.get('sni', 'localhost'):
        argv += ['-servername', o.get('sni', 'localhost')]
    else:
        argv += ['-noservername']
    return Built(argv + openssl_common(o, side), openssl_title() + ' s_client')


# ---- GnuTLS ---------------------------------------------------------------------------------

def gnutls_priority(o):
    p = o.get('priority', 'NORMAL')
    if o.get('tls'):
        p += ':-VERS-ALL:+' + GNUTLS[o['tls']]
    return p


def gnutls_server(o, side):
    argv = ['gnutls-serv', '-p', side.port, '--echo', '--priority', gnutls_priority(o)]
    if o.get('cert', 'ec'):
        c = o.get('cert', 'ec')
        argv += ['--x509certfile', c + '.chain.pem', '--x509keyfile', c + '.key']
    env = {'SSLKEYLOGFILE': side.keylog} if side.keylog else None
    return Built(argv + list(o.get('args', [])), gnutls_title() + ' gnutls-serv', env)


def gnutls_client(o, side):
    argv = ['gnutls-cli', '-p', side.port, '--priority', gnutls_priority(o)]
    if o.get('verify', True):
        argv += ['--x509cafile', 'root.pem', '--verify-hostname', 'localhost']
    argv += ['--sni-hostname', 'localhost'] if o.get('sni', True) else ['--disable-sni']
    env = {'SSLKEYLOGFILE': side.keylog} if side.keylog else None
    return Built(argv + list(o.get('args', [])) + [side.host], gnutls_title() + ' gnutls-cli', env)


# ---- Python's ssl module ----------------------------------------------------------------------

def python_end(role):
    def build(o, side):
        argv = [sys.executable, os.path.join(HERE, 'pyend.py'), role, side.host, side.port, o.get('tls', '1.3')]
        argv += ['root.pem'] if role == 'client' else [o.get('cert', 'ec') + '.chain.pem', o.get('cert', 'ec') + '.key']
        argv += ['--keylog', side.keylog] if side.keylog else []
        if o.get('suites'):
            argv += ['--suites', o['suites']]
        return Built(argv + list(o.get('args', [])), 'Python %d.%d ssl' % sys.version_info[:2])
    return build


# ---- Go's crypto/tls --------------------------------------------------------------------------

def go_program():
    def make():
        go = os.environ.get('GO') or shutil.which('go')
        if not go:
            raise RuntimeError('no Go toolchain: set GO')
        folder = tempfile.mkdtemp(prefix='goend-')
        env = dict(os.environ, GOFLAGS='-mod=mod', GO111MODULE='off', GOCACHE=os.path.join(tempfile.gettempdir(), 'goend-cache'))
        subprocess.check_call([go, 'build', '-o', os.path.join(folder, 'goend'), os.path.join(HERE, 'goend.go')], env=env)
        version = re.search(r'go(\d+\.\d+(\.\d+)?)', first_line(go, 'version')).group(1)
        return os.path.join(folder, 'goend'), 'Go %s crypto/tls' % version
    return once('go', make)


def go_end(role):
    def build(o, side):
        program, title = go_program()
        argv = [program, '-role', role, '-addr', side.address, '-tls', o.get('tls', '')]
        if role == 'server' or o.get('cert'):
            argv += ['-cert', o.get('cert', 'ec') + '.chain.pem', '-key', o.get('key', o.get('cert', 'ec')) + '.key']
        if role == 'client':
            argv += ['-ca', 'root.pem', '-name', o.get('sni', 'localhost')]
        for flag in ('fault', 'groups', 'suites'):
            if o.get(flag):
                argv += ['-' + flag, o[flag]]
        argv += ['-keylog', side.keylog] if side.keylog else []
        return Built(argv + list(o.get('args', [])), title)
    return build


# ---- tlslite-ng, with a fault --------------------------------------------------------------------

def tlslite_end(role):
    """LAB_TLSLITE names a Python that has tlslite-ng."""
    def build(o, side):
        python = os.environ.get('LAB_TLSLITE', sys.executable)
        argv = [python, os.path.join(HERE, 'tlslite_end.py'), role, side.host, side.port, o.get('fault', 'none')]
        if role == 'server':
            argv += ['cert=%s.chain.pem' % o.get('cert', 'ec'), 'key=%s.key' % o.get('cert', 'ec')]
        version = once('tlslite', lambda: first_line(python, '-c', 'import tlslite; print(tlslite.__version__)'))
        return Built(argv + list(o.get('args', [])), 'tlslite-ng %s with a fault' % version)
    return build


# ---- whatever else is a command ----------------------------------------------------------------

def command(o, side):
    """Any program: `argv` with {port}, {host}, {address}, {keylog} filled in."""
    known = {'port': side.port, 'host': side.host, 'address': side.address, 'keylog': side.keylog or ''}
    env = {k: v.format(**known) for k, v in o.get('env', {}).items()}
    return Built([str(a).format(**known) for a in o['argv']], o['title'], env or None, o.get('ready'))


def mosquitto(o, side):
    """A broker; `lines` are its configuration, PORT the listener."""
    path = side.pki.path('.mosquitto-%d.conf' % side.port)
    lines = ['listener %d %s' % (side.port, side.host), 'allow_anonymous true', 'user root'] + list(o.get('lines', []))
    if o.get('tls'):
        lines += ['certfile %s' % side.pki.path(o.get('cert', 'ec') + '.chain.pem'),
                  'keyfile %s' % side.pki.path(o.get('cert', 'ec') + '.key')]
        if o['tls'] != 'any':
            lines += ['tls_version tlsv' + o['tls']]
    with open(path, 'w') as f:
        f.write('\n'.join(lines) + '\n')
    version = once('mosquitto', lambda: re.search(r'version (\S+)', subprocess.run(
        ['mosquitto', '-h'], stdout=subprocess.PIPE, universal_newlines=True).stdout).group(1))
    return Built(['mosquitto', '-v', '-c', path], 'mosquitto ' + version)


SERVERS = {'openssl': openssl_server, 'gnutls': gnutls_server, 'python': python_end('server'), 'go': go_end('server'),
           'tlslite': tlslite_end('server'), 'command': command, 'mosquitto': mosquitto}
CLIENTS = {'openssl': openssl_client, 'gnutls': gnutls_client, 'python': python_end('client'), 'go': go_end('client'),
           'tlslite': tlslite_end('client'), 'command': command}


def built(role, which, side):
    """Our own table first, then the ends of `peers` (Java, Mbed TLS, Node …), with our certificates as defaults."""
    kind, options = (which, {}) if isinstance(which, str) else which
    own = SERVERS if role == 'server' else CLIENTS
    if kind in own:
        return own[kind](options, side)
    from peers import ends as real
    options = dict({'cert': 'ec'} if role == 'server' else {'ca': 'root.pem', 'name': 'localhost'}, **options)
    options['keylog'] = bool(side.keylog)
    argv, env, ready, title = (real.SERVERS if role == 'server' else real.CLIENTS)[kind](side, options)
    return Built(argv, title, env, ready)


def server(which, side):
    return built('server', which, side)


def client(which, side):
    return built('client', which, side)
