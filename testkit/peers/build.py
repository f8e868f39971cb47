"""Compiles the peers of interop/peers once per run into the work folder; names their versions."""
import functools
import os
import re
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = os.path.join(HERE, 'programs')
# The peers in C, Java and Go, which the tests of the crate `interop` run, too.
PEERS = os.path.join(os.path.dirname(os.path.dirname(HERE)), 'interop', 'peers')
WORK = os.environ.get('LAB_WORK') or os.path.join(tempfile.gettempdir(), 'handclasp-lab')


def folder(*names):
    path = os.path.join(WORK, *names)
    os.makedirs(path, exist_ok=True)
    return path


def program(name, default=None):
    """A program that may stand elsewhere: the variable LAB_NAME tells where."""
    return os.environ.get('LAB_' + name.upper(), default or name)


@functools.cache
def mbed(small=False):
    """With `small`, against a static library in LAB_MBED_SMALL that was built with
    MBEDTLS_SSL_MAX_CONTENT_LEN=1024: buffers of a small device."""
    out = os.path.join(folder('bin'), 'mbed-small' if small else 'mbed')
    lib = os.environ.get('LAB_MBED_SMALL', '')
    where = ['-DMBEDTLS_SSL_MAX_CONTENT_LEN=1024', '-I' + lib + '/include', '-L' + lib + '/library'] if small else []
    if small and not lib:
        raise RuntimeError('LAB_MBED_SMALL names no library with small buffers')
    subprocess.run(['gcc', '-O1', '-Wall', '-o', out, os.path.join(PEERS, 'mbedtls.c'), *where, '-lmbedtls', '-lmbedx509',
                    '-lmbedcrypto'], check=True)
    return out


@functools.cache
def jsse():
    out = folder('java')
    subprocess.run(['javac', '-d', out, os.path.join(PEERS, 'JssePeer.java')], check=True)
    return out


@functools.cache
def go():
    out = os.path.join(folder('bin'), 'gopeer')
    subprocess.run([program('go'), 'build', '-o', out, '.'], check=True, cwd=os.path.join(PEERS, 'go'),
                   env=dict(os.environ, GOTOOLCHAIN='local', GOFLAGS='-mod=mod'))
    return out


def first(*argv):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.decode()


@functools.cache
def version(kind):
    found = lambda text, pattern: re.search(pattern, text).group(1)
    return {
        'openssl': lambda: 'OpenSSL ' + found(first('openssl', 'version'), r'OpenSSL (\S+)'),
        'gnutls': lambda: 'GnuTLS ' + found(first('dpkg-query', '-W', 'gnutls-bin'), r'(\d+\.\d+\.\d+)'),
        'mbed': lambda: 'Mbed TLS ' + found(first('dpkg-query', '-W', 'libmbedtls-dev'), r'(\d+\.\d+\.\d+)'),
        'java': lambda: 'Java ' + found(first('java', '-version'), r'"([^"]+)"') + ' JSSE',
        'go': lambda: 'Go ' + found(first(program('go'), 'version'), r'go(\d\S+)') + ' crypto/tls',
        'python': lambda: 'Python ' + found(first('python3', '--version'), r'Python (\d+\.\d+)') + ' ssl',
        'node': lambda: 'Node ' + found(first('node', '--version'), r'v(\S+)') + ' tls',
        'deno': lambda: 'rustls in Deno ' + found(first(program('deno'), '--version'), r'deno (\S+)'),
        'curl': lambda: 'curl ' + found(first('curl', '--version'), r'curl (\S+)'),
        'nginx': lambda: 'nginx ' + found(first('nginx', '-v'), r'nginx/(\S+)'),
        'haproxy': lambda: 'HAProxy ' + found(first('haproxy', '-v'), r'version (\d+\.\d+\.\d+)'),
        'bssl': lambda: 'BoringSSL tool',
        'mosquitto': lambda: 'mosquitto ' + found(first('dpkg-query', '-W', 'mosquitto'), r'(\d+\.\d+\.\d+)'),
    }[kind]()


def have(name):
    return shutil.which(program(name)) is not None
