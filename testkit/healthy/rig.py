"""What every case needs: certificates, processes, a recorder and the label."""
import glob
import os
import re
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..'))
from lab.record import Recorder  # noqa: E402

OUT = os.path.join(os.path.dirname(__file__), '../../vectors/handshakes/healthy')
WORK = os.environ.get('HEALTHY_WORK', '/tmp/healthy')
NAME = 'pump-7.plant.example'
LABELS = {}
FAILED = []
# Ports of an earlier run may still be in TIME_WAIT.
PORT = [21000 + os.getpid() % 400 * 50]


def path(name):
    return os.path.join(WORK, name)


def run(argv, data=None, timeout=15, **more):
    done = subprocess.run(argv, input=data or b'', stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, cwd=WORK, **more)
    return done.stdout.decode(errors='replace')


def pki():
    """A P-256 root, an intermediate, a server and a client; RSA and Ed25519 leaves below the same root."""
    os.makedirs(WORK, exist_ok=True)
    names = 'subjectAltName=DNS:%s,DNS:localhost,IP:127.0.0.1,IP:::1' % NAME
    # Below this many names the chain is longer than a record.
    many = names + ''.join(',DNS:unit-%04d.plant.example' % number for number in range(700))
    ca = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign']
    ec, rsa = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], ['-newkey', 'rsa:2048']

    def req(name, subject, key, parent, extensions):
        signed = ['-CA', parent + '.pem', '-CAkey', parent + '.key'] if parent else []
        more = [word for one in extensions for word in ('-addext', one)]
        out = run(['openssl', 'req', '-x509', '-nodes', '-days', '3650', '-subj', subject, '-keyout', name + '.key', '-out', name + '.pem'] + key + signed + more)
        assert os.path.exists(path(name + '.pem')), out

    leaf = ['basicConstraints=CA:FALSE', 'keyUsage=digitalSignature,keyEncipherment', 'extendedKeyUsage=serverAuth']
    authority = ca[1::2]
    req('root', '/O=Plant/CN=Plant Root CA', ec, None, authority)
    req('inter', '/O=Plant/CN=Plant Issuing CA 2', ec, 'root', authority)
    req('leaf', '/CN=' + NAME, ec, 'inter', leaf + [names])
    req('other', '/CN=' + NAME, ec, 'inter', leaf + [names])
    req('rsa', '/CN=' + NAME, rsa, 'inter', leaf + [names])
    req('ed', '/CN=' + NAME, ['-newkey', 'ed25519'], 'inter', leaf + [names])
    req('wide', '/CN=' + NAME, rsa, 'inter', leaf + [many])
    req('client', '/CN=operator', ec, 'root', ['basicConstraints=CA:FALSE', 'extendedKeyUsage=clientAuth'])
    for name in ('leaf', 'other', 'rsa', 'ed', 'wide'):
        with open(path(name + '.chain'), 'w') as file:
            for part in (name, 'inter'):
                file.write(open(path(part + '.pem')).read())
        with open(path(name + '.all'), 'w') as file:
            file.write(open(path(name + '.chain')).read() + open(path(name + '.key')).read())
    run(['openssl', 'dhparam', '-dsaparam', '-out', 'dh.pem', '2048'], timeout=60)


def port():
    """A port that nothing listens on."""
    while True:
        PORT[0] += 1
        with socket.socket() as probe:
            if probe.connect_ex(('127.0.0.1', PORT[0])):
                return PORT[0]


class Program:
    """A server in the background; waits until its port answers, which the recorder does not see."""

    def __init__(self, argv, at, env=None):
        self.log = open(path('server.log'), 'wb')
        self.child = subprocess.Popen([str(word) for word in argv], cwd=WORK, stdin=subprocess.PIPE, stdout=self.log, stderr=self.log, env=dict(os.environ, **(env or {})))
        end = time.time() + 10
        while time.time() < end:
            listens = re.compile(':%04X 0+:0000 0A' % at)
            if listens.search(open('/proc/net/tcp').read() + open('/proc/net/tcp6').read()):
                return
            time.sleep(0.05)
        raise RuntimeError('%s does not listen: %s' % (argv[0], open(path('server.log')).read()[-400:]))

    def say(self, data):
        self.child.stdin.write(data)
        self.child.stdin.flush()

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(3)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait(3)
        self.log.close()


def s_client(at, *options, hold=0.4, send=b'hello\n', host='127.0.0.1', keys=True):
    """OpenSSL s_client that says something, waits and closes."""
    argv = ['openssl', 's_client', '-connect', '%s:%d' % (host, at), '-servername', NAME, '-CAfile', path('root.pem')]
    argv += list(options) + (['-keylogfile', path('keys')] if keys else [])
    child = subprocess.Popen(argv, cwd=WORK, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    time.sleep(hold)
    for part in [send] if isinstance(send, bytes) else send:
        child.stdin.write(part)
        child.stdin.flush()
        time.sleep(0.3)
    out, _ = child.communicate(timeout=8)
    return out.decode(errors='replace')


def s_server(*options, cert='leaf'):
    """Arguments of OpenSSL s_server; `cert` None for none."""
    held = ['-nocert'] if cert is None else ['-cert', cert + '.pem', '-key', cert + '.key', '-cert_chain', 'inter.pem']
    return ['openssl', 's_server', '-accept', '{port}', '-quiet'] + held + list(options)


def keep(name, data, evidence, peers, keys=b'', form='pcapng', given=True, extra=()):
    """Writes the capture with a key log inside and without, and their labels."""
    raw = path('raw.pcap')
    with open(raw, 'wb') as file:
        file.write(data)
    written = []
    for suffix, secrets in (('', keys), ('-nokeys', b'')):
        if suffix and not keys:
            continue
        ending = 'pcapng' if form == 'pcapng' else 'pcap'
        target = os.path.join(OUT, 'healthy-%s%s.%s' % (name, suffix, ending))
        if form != 'pcapng':
            with open(target, 'wb') as file:
                file.write(data)
        else:
            argv = ['editcap', '-F', 'pcapng', *extra]
            if secrets:
                with open(path('secrets'), 'wb') as file:
                    file.write(secrets)
                argv += ['--inject-secrets', 'tls,' + path('secrets')]
            subprocess.run(argv + [raw, target], check=True, stderr=subprocess.DEVNULL)
        written.append(os.path.basename(target).rsplit('.', 1)[0])
        label = {'evidence': evidence, 'peers': peers, 'given': given and not suffix}
        if form != 'pcapng' and secrets:
            label['key_log'] = secrets.decode()
        LABELS[written[-1]] = label
    return written


def record(name, server, client, evidence, peers, expect=None, interface='lo', after=None, at=None, given=True, form='pcapng', change=None, nano=False, extra=()):
    """One case: the server, then the recorder, then the client; `expect` are words that its output must have."""
    at = at or port()
    for old in glob.glob(path('keys*')):
        os.unlink(old)
    child = None
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(25)
    try:
        if callable(server):
            child = server(at)
        elif server:
            child = Program([word.format(port=at) if isinstance(word, str) else word for word in server], at)
        recorder = Recorder([at], interface, nano)
        try:
            said = client(at) or ''
            time.sleep(0.15)
            if after:
                after(child)
                time.sleep(0.2)
        finally:
            data = recorder.stop()
        if expect and expect not in said:
            raise RuntimeError('%r is not in: %s' % (expect, said[-500:]))
        keys = b''.join(open(one, 'rb').read() for one in sorted(glob.glob(path('keys*'))))
        keys = b''.join(line + b'\n' for line in keys.splitlines() if not line.startswith(b'#') and line)
        if change:
            data = change(data)
        keep(name, data, evidence, peers, keys, form=form, given=given, extra=extra)
    except Exception as error:  # a case that cannot be made is listed and left out
        FAILED.append('%s: %s' % (name, str(error)[-300:]))
    finally:
        signal.alarm(0)
        if child:
            child.stop()


def too_long(*_):
    raise RuntimeError('takes longer than 25 s')


def labels():
    """Writes the table of labels and the trust anchor."""
    os.makedirs(os.path.join(OUT, 'pki'), exist_ok=True)
    with open(path('root.pem')) as file, open(os.path.join(OUT, 'pki/plant-root.pem'), 'w') as copy:
        copy.write(file.read())
    now = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())
    with open(os.path.join(OUT, 'completed.toml'), 'w') as file:
        for name, label in sorted(LABELS.items()):
            # A capture that ends in the handshake does not show whether the handshake went on.
            cut = 'ends-in-handshake' in name
            cause = 'cause = "transport.stalled"\nalso_accept = ["none"]' if cut else 'cause = "none"'
            file.write('[%s]\n%s\noutcome = "completed"\nside_at_fault = "none"\ngrade = "%s"\n' % (name, cause, 'possible' if cut else 'observed'))
            if label['given']:
                file.write('inputs = { expected_name = "%s", roots = "plant-root.pem", clock = "%s" }\n' % (NAME, now))
            if 'key_log' in label:
                file.write("key_log = '''\n%s'''\n" % label['key_log'])
            file.write('evidence = "%s"\n' % label['evidence'])
            file.write('peers = { server = "%s", client = "%s" }\n\n' % (label['peers'][1], label['peers'][0]))
