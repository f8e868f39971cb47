"""One case between two ends with something in between: the rows of the tables here become captures.

`make(name, server=, client=, to_server=, to_client=, tap=, ...)` starts the server (a program of ends.py or a
script), the proxy if there is a rule, the client, and writes the label. `tap` says which side of the proxy
is recorded: 'client' (what the client sent, what reached it) or 'server'.
"""
import os
import shutil
import tempfile
import time

from lab import case as lab_case
from lab import label as lab_label
from lab import net
from lab.pki import Pki

from . import ends, raw, repack
from .proxy import Proxy, same

ROOTS = os.path.join(lab_label.OWN, 'pki')
_PKI = []
WITH_ROOT = {'expected_name': 'localhost', 'roots': 'scripted-root.pem', 'clock': True}


def pki():
    """Our own small CA, made once per run; its root lies beside the captures."""
    if not _PKI:
        # Kept between runs, so that cases made again one by one still fit the root that lies beside them.
        p = Pki(os.environ.get('SCRIPTED_PKI') or os.path.join(tempfile.gettempdir(), 'handclasp-scripted-pki'))
        from lab.pki import CA
        root = p.issue('root', subject='/O=Handshake Works/CN=Handshake Works Root R7', kind='P-256', extensions=CA, san=None)
        sub = p.issue('sub', root, subject='/O=Handshake Works/CN=Handshake Works Issuing 2', kind='P-256', extensions=CA, san=None)
        names = 'DNS:localhost,DNS:gateway.plant.example,IP:127.0.0.1'
        p.issue('ec', sub, san=names, subject='/CN=gateway.plant.example', chain=['sub'])
        p.issue('rsa', sub, san=names, subject='/CN=gateway.plant.example', kind='rsa:2048', chain=['sub'])
        p.issue('ec384', root, san=names, subject='/CN=localhost', kind='P-384')
        p.issue('rsaroot', root, san=names, subject='/CN=localhost', kind='rsa:2048')
        os.makedirs(ROOTS, exist_ok=True)
        shutil.copyfile(p.path('root.pem'), os.path.join(ROOTS, 'scripted-root.pem'))
        _PKI.append(p)
    return _PKI[0]


class Side:
    """What an end needs to know to build its command line."""

    def __init__(self, case, port, keylog):
        self.case, self.port, self.host, self.name = case, port, case.host, case.name
        self.pki, self.keylog = case.pki, keylog
        self.address = net.join(case.host, port)


def make(name, server=None, client=None, to_server=None, to_client=None, tap='client', keys='client', send=b'',
         hold=0.6, host='127.0.0.1', form='pcapng', timeout=8, after=0.0, rewrite=None, write=None, **label):
    """Runs one case and writes its files; `label` are the label's fields.

    server, client: ('openssl', {options}) and so on of ends.py; or a function: script(conn) for a server,
    run(port) -> text for a client. `rewrite` maps the recorded TCP segments, `write` stores them."""
    label.setdefault('inputs', dict(WITH_ROOT))
    label.setdefault('outcome', 'failed')
    with lab_case.Case(name, pki(), host=host, form=form, keys=bool(keys)) as case:
        between = to_server is not None or to_client is not None
        other = net.free_port(host) if between else case.port
        front, back = (case.port, other) if tap == 'client' else (other, case.port)
        said, peers, closing = {}, {}, []
        keylog = {keys: case.keylog} if keys else {}
        if callable(server):
            script = raw.Server(back, server, host, net.family(host))
            closing.append(script)
            peers['server'] = 'scripted server'
        elif server:
            side = Side(case, back, keylog.get('server'))
            built = ends.server(server, side)
            if built.ready is None:
                case.start('server', built.argv, built.env)
                if not net.wait_listening(host, back):
                    raise RuntimeError('%s: no server: %s' % (name, case.log('server')[-600:]))
            else:
                case.server(built.argv, built.env, ready=built.ready, port=back)
            peers['server'] = built.title
        if between:
            closing.append(Proxy(front, back, to_server or same, to_client or same, host, net.family(host)))
        if callable(client):
            said['client'] = client(front) or ''
            peers['client'] = 'scripted client'
        else:
            side = Side(case, front, keylog.get('client'))
            built = ends.client(client, side)
            peers['client'] = built.title
            case.client(built.argv, built.env, send=send, hold=hold, timeout=timeout)
        time.sleep(after)
        case.stop()
        for one in closing:
            one.__exit__()
        named = label.pop('peers', {})
        case.label(peers=dict(peers, **named), **label)
        if 'client' in said:
            lab_label.amend(name, said)
    if rewrite or write:
        convert(lab_label.load(name), lab_label.capture_of(name), rewrite, write)


def convert(label, capture, rewrite=None, write=None):
    """Stores a capture under the label's name; `rewrite` maps its TCP segments, `write` its form."""
    segs = repack.segments(capture)
    if rewrite:
        segs = rewrite(segs)
    form, keys_inside, changed = (write or repack.plain)(segs)
    lab_label.store(label, changed._replace(keys=capture.keys), form, keys_inside=keys_inside)
