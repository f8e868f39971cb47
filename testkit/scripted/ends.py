"""Command lines of the programs at the two ends: OpenSSL, GnuTLS, Python, Go, mosquitto; others from `peers`.

`server((kind, options), side)` and `client(...)` give argv, environment, a text that says it is ready (or
None: wait until it listens) and the name that goes into the label.
"""
import os
import re
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


# ---- the programs of `peers`, in the words used here ----------------------------------------------

GROUP = {'P-256': 23, 'P-384': 24, 'P-521': 25, 'X25519': 29}
DATA = 'reading 21.5\n'


def borrowed(kind, role, side, options):
    """An end of `peers.ends` with our certificates as defaults."""
    from peers import ends as real
    options = dict({'cert': 'ec'} if role == 'server' else {'ca': 'root.pem', 'name': 'localhost'}, **options)
    options['keylog'] = bool(side.keylog)
    argv, env, ready, title = (real.SERVERS if role == 'server' else real.CLIENTS)[kind](side, options)
    return Built(argv, title, env, ready)


def python_end(role):
    def build(o, side):
        args = ['low=' + o['tls'], 'high=' + o['tls']] if o.get('tls', 'any') != 'any' else []
        args += ['data=' + DATA] if role == 'client' else []
        return borrowed('python', role, side, {'args': args, **{k: o[k] for k in ('cert',) if k in o}})
    return build


def go_end(role):
    def build(o, side):
        if o.get('fault'):
            return faulty_go(o, side)
        args = ['-min', o['tls'], '-max', o['tls']] if o.get('tls') else []
        args += ['-curves', ','.join(str(GROUP[g]) for g in o['groups'].split(','))] if o.get('groups') else []
        args += ['-suites', o['suites']] if o.get('suites') else []
        args += ['-data', DATA] if role == 'client' else []
        return borrowed('go', role, side, {'args': args, **{k: o[k] for k in ('cert',) if k in o}})
    return build


def faulty_go(o, side):
    """A server of Go's crypto/tls whose signer fails; LAB_GO may name the toolchain."""
    def make():
        folder = tempfile.mkdtemp(prefix='signer-')
        subprocess.check_call([os.environ.get('LAB_GO', 'go'), 'build', '-o', os.path.join(folder, 'signer'), os.path.join(HERE, 'signer.go')],
                              env=dict(os.environ, GO111MODULE='off'))
        return os.path.join(folder, 'signer')
    from peers import build
    cert = o.get('cert', 'ec')
    argv = [once('signer', make), side.address, o['tls'], cert + '.chain.pem', cert + '.key', o['fault'], side.keylog or '']
    return Built(argv, build.version('go') + ' with a failing signer')


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
    """Our own table first, then the ends of `peers` as they are (Java, Mbed TLS, Node …)."""
    kind, options = (which, {}) if isinstance(which, str) else which
    own = SERVERS if role == 'server' else CLIENTS
    return own[kind](options, side) if kind in own else borrowed(kind, role, side, options)


def server(which, side):
    return built('server', which, side)


def client(which, side):
    return built('client', which, side)
