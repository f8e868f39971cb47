"""A network namespace with nothing in it but loopback, so that no other traffic is recorded and
no port is taken. `isolate` runs the program again inside; addresses for documentation
(RFC 5737, RFC 3849) are put on the loopback interface."""
import os
import shutil
import socket
import subprocess
import sys
import time

V4 = ('192.0.2.10', '198.51.100.7')
V6 = ('2001:db8::10',)
MARK = 'LAB_ISOLATED'


def isolate():
    """Re-executes this program in its own network namespace, where that is possible."""
    if os.environ.get(MARK) or not shutil.which('unshare'):
        return
    if subprocess.run(['unshare', '-n', 'true'], stderr=subprocess.DEVNULL).returncode:
        return
    os.environ[MARK] = '1'
    os.execvp('unshare', ['unshare', '-n', sys.executable] + sys.argv)


def prepare():
    """Brings loopback up with our addresses. Called once, after `isolate`."""
    if not os.environ.get(MARK):
        return
    run = lambda *a: subprocess.run(a, stderr=subprocess.DEVNULL)
    run('ip', 'link', 'set', 'lo', 'mtu', '1500', 'up')
    for address in V4:
        run('ip', 'addr', 'add', address + '/32', 'dev', 'lo')
    for address in V6:
        run('ip', 'addr', 'add', address + '/128', 'dev', 'lo', 'nodad')
    # No segments of 64 KB, which no wire carries.
    if shutil.which('ethtool'):
        run('ethtool', '-K', 'lo', 'tso', 'off', 'gso', 'off', 'gro', 'off')


def family(host):
    return socket.AF_INET6 if ':' in host else socket.AF_INET


def free_port(host='127.0.0.1'):
    with socket.socket(family(host)) as one:
        one.bind((host, 0))
        return one.getsockname()[1]


def is_listening(host, port):
    """Whether a socket listens, read from the kernel's table: a trial connection would be recorded."""
    for table in ('/proc/net/tcp', '/proc/net/tcp6'):
        with open(table) as lines:
            for line in lines:
                field = line.split()
                if len(field) > 3 and field[3] == '0A' and field[1].endswith(':%04X' % port):
                    return True
    return False


def wait_listening(host, port, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_listening(host, port):
            return True
        time.sleep(0.02)
    return False


def join(host, port):
    return '[%s]:%d' % (host, port) if ':' in host else '%s:%d' % (host, port)
