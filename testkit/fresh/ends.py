"""More ends, in the form of `peers/ends.py`, whose ends are taken over: wolfSSL, stunnel, asyncio, and
nginx and HAProxy with settings of their own. Each gives (arguments, environment, ready text, description)."""
import functools
import json
import os
import re
import subprocess

from peers import build
from peers import ends as peers

PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'programs')


@functools.cache
def wolf_program():
    out = os.path.join(build.folder('bin'), 'wolf')
    subprocess.run(['gcc', '-O1', '-Wall', '-o', out, os.path.join(build.PEERS, 'wolfssl.c'), '-lwolfssl', '-lm'], check=True)
    return out


@functools.cache
def version(kind):
    if kind == 'wolf':
        return 'wolfSSL ' + re.search(r'(\d+\.\d+\.\d+)', build.first('dpkg-query', '-W', 'libwolfssl-dev')).group(1)
    return 'stunnel ' + re.search(r'stunnel (\d\S+)', build.first('stunnel', '-version')).group(1)


def named(role, case, o):
    """NAME=VALUE, as the small programs take their options."""
    cert, key = peers.own(o)
    argv = ['role=' + role, 'host=' + case.host, 'port=%d' % case.port]
    argv += ['cert=' + cert, 'key=' + key] if cert else []
    argv += ['%s=%s' % (name, o[name]) for name in ('ca', 'name') if o.get(name)]
    return argv + peers.words(o)


def wolf(role):
    def end(case, o):
        return [wolf_program()] + named(role, case, o), {}, None, version('wolf')
    return end


def aio(role):
    def end(case, o):
        keys = ['keylog=' + case.keylog] if o.get('keylog') else []
        return ['python3', PROGRAMS + '/aio.py'] + named(role, case, o) + keys, {}, None, build.version('python').replace('ssl', 'asyncio')
    return end


def node_psk(role):
    def end(case, o):
        made = dict({'host': case.host, 'port': case.port}, **o.get('more', {}))
        if o.get('keylog'):
            made['keylog'] = case.keylog
        return ['node', PROGRAMS + '/psk.js', role, json.dumps(made)], {}, None, build.version('node')
    return end


def file_for(case, suffix, text):
    name = '.%s.%s' % (case.name, suffix)
    with open(case.pki.path(name), 'w') as out:
        out.write(text)
    return name


def stunnel(role):
    """`conf` lists lines of the service; a program that echoes (or sends one line) stands behind it."""
    def end(case, o):
        cert, key = peers.own(o)
        lines = ['foreground = yes', 'debug = 5', 'syslog = no', 'pid =', '[s]']
        lines += ['cert = ' + cert, 'key = ' + key] if cert else []
        lines += ['CAfile = ' + o['ca']] if o.get('ca') and 'verifyChain = no' not in o.get('conf', []) else []
        if role == 'server':
            lines += ['accept = ' + case.address, 'exec = /bin/cat', 'execArgs = cat']
        else:
            lines += ['client = yes', 'connect = ' + case.address, 'exec = /bin/echo', 'execArgs = echo hello', 'retry = no']
            lines += ['sni = ' + o['name']] if o.get('name') else []
            lines += ['checkHost = ' + o['name']] if 'verifyChain = yes' in o.get('conf', []) else []
        lines += [line for line in o.get('conf', []) if line != 'verifyChain = no']
        return ['stunnel', file_for(case, role + '.stunnel', '\n'.join(lines) + '\n')], {}, None, version('stunnel')
    return end


def nginx(case, o):
    """`conf` lists lines of the server; it answers every request with a short text."""
    cert, key = peers.own(o)
    lines = ['listen %s ssl%s' % (case.address, o.get('listen', '')), 'ssl_certificate ' + cert, 'ssl_certificate_key ' + key]
    lines += ['ssl_client_certificate ' + o['ca']] if o.get('ca') else []
    lines += [] if 'ssl_protocols' in str(o.get('conf')) else ['ssl_protocols TLSv1.2 TLSv1.3']
    lines += ['location / { return 200 "well\\n"; }'] + o.get('conf', [])
    body = ' '.join(line if line.endswith('}') else line + ';' for line in lines)
    temp = ' '.join('%s_temp_path .%s.%d;' % (what, case.name, i) for i, what in enumerate(('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi')))
    text = 'daemon off; master_process off; pid .%s.pid; error_log stderr info; events {}\nhttp { access_log off; %s\nserver { %s } %s }\n'
    name = file_for(case, 'nginx', text % (case.name, temp, body, o.get('more', '')))
    return ['nginx', '-p', case.pki.dir, '-e', 'stderr', '-c', name], {}, None, build.version('nginx')


def haproxy(case, o):
    """`bind` is what follows the certificate on the bind line."""
    cert, key = peers.own(o)
    both = ''
    for name in (cert, key):
        with open(case.pki.path(name)) as one:
            both += one.read()
    pem = file_for(case, 'pem', both)
    bind = ' '.join(['ssl crt ' + pem] + (['ca-file ' + o['ca']] if o.get('ca') else []) + [o.get('bind', '')]) if not o.get('plain') else ''
    text = ('global\n log stderr local0\n%s\ndefaults\n log global\n mode http\n option httplog\n timeout client 5s\n timeout connect 5s\n timeout server 5s\n'
            'frontend f\n bind %s %s\n http-request return status 200\n')
    name = file_for(case, 'haproxy', text % ('\n'.join(' ' + line for line in o.get('conf', [])), case.address, bind))
    return ['haproxy', '-d', '-f', name], {}, None, build.version('haproxy')


def command(case, o):
    """Any program; {address}, {host}, {port}, {keylog} are filled in."""
    known = {'host': case.host, 'port': case.port, 'address': case.address, 'keylog': case.keylog}
    env = {'SSLKEYLOGFILE': case.keylog} if o.get('keylog') and o.get('env_keylog') else {}
    return [str(a).format(**known) for a in o['argv']], env, o.get('ready'), o['title']


def tlslite(role):
    """tlslite-ng with a fault, as `scripted` has it."""
    def end(case, o):
        from scripted import ends
        python = os.environ.get('LAB_TLSLITE', 'python3')
        argv = [python, os.path.join(ends.HERE, 'tlslite_end.py'), role, case.host, case.port, o.get('fault', 'none')]
        argv += ['cert=%s.chain.pem' % o['cert'], 'key=%s.key' % o['cert']] if o.get('cert') else []
        return argv + peers.words(o), {}, None, 'tlslite-ng with a fault'
    return end


def signer(case, o):
    """Go with a signer that fails, as `scripted` has it."""
    from scripted import ends
    side = type('Side', (), dict(address=case.address, keylog=case.keylog if o.get('keylog') else '', pki=case.pki))
    built = ends.faulty_go({'tls': o['tls'], 'cert': o['cert'], 'fault': o['fault']}, side)
    return built.argv, built.env or {}, None, built.title


SERVERS = dict(peers.SERVERS, wolf=wolf('server'), aio=aio('server'), stunnel=stunnel('server'), nginx=nginx, haproxy=haproxy,
               psk=node_psk('server'), command=command, tlslite=tlslite('server'), signer=signer)
CLIENTS = dict(peers.CLIENTS, wolf=wolf('client'), aio=aio('client'), stunnel=stunnel('client'), psk=node_psk('client'), command=command,
               tlslite=tlslite('client'))
WRITES_KEYS = ('openssl', 'python', 'aio', 'starttls', 'go', 'node', 'psk', 'mbed', 'curl', 'gnutls', 'bssl', 'deno', 'signer')
