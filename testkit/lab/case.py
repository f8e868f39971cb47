"""One case: a port, a recorder around two peers, their logs and key log, and the label.

    with Case('name', pki) as case:
        case.server(['openssl', 's_server', '-accept', case.port, ...])
        case.client(['openssl', 's_client', '-connect', case.address, ...])
        case.label(cause='cert.expired', grade='proved', ...)

Processes run in the folder of the certificates, so that no log tells a path."""
import datetime
import os
import time

from . import container, label, net, process, record


class Case:
    def __init__(self, name, pki, host='127.0.0.1', form='pcapng', keys=True, logs=False, out=label.OWN, ports=1):
        self.name, self.pki, self.host, self.form = name, pki, host, form
        self.want_keys, self.want_logs, self.out = keys, logs, out
        self.ports = [net.free_port(host) for _ in range(ports)]
        self.port = self.ports[0]
        self.address = net.join(host, self.port)
        self.keylog = pki.path('.%s.keys' % name)
        self.running, self.names, self.count = [], {}, 0

    def __enter__(self):
        if os.path.exists(self.keylog):
            os.unlink(self.keylog)
        self.started = datetime.datetime.now(datetime.timezone.utc)
        self.recorder = record.Recorder(self.ports, 'any' if self.form == 'sll' else 'lo', self.form == 'nano')
        return self

    @property
    def clock(self):
        return self.started.strftime('%Y-%m-%dT%H:%M:%SZ')

    def start(self, role, argv, env=None):
        """A process whose output belongs to the log of `role`; several may share a role."""
        self.count += 1
        log = self.pki.path('.%s.%s.%d.log' % (self.name, role, self.count))
        one = process.Process(argv, log, cwd=self.pki.dir, env=env)
        self.running.append(one)
        self.names.setdefault(role, []).append(one)
        return one

    def server(self, argv, env=None, ready=None, port=None):
        """Starts a server and waits until it listens (or its log says `ready`)."""
        one = self.start('server', argv, env)
        good = one.wait_for(ready) if ready else net.wait_listening(self.host, port or self.port)
        if not good:
            raise RuntimeError('%s: server does not start: %s' % (self.name, one.log()[-800:]))
        return one

    def client(self, argv, env=None, send=b'', hold=0.4, timeout=8, keep_open=False):
        """Runs a client: after `hold` seconds it gets `send` (or each of several), then the end of its input."""
        one = self.start('client', argv, env)
        end = time.monotonic() + hold
        while time.monotonic() < end and one.child.poll() is None:
            time.sleep(0.02)
        for data in [send] if isinstance(send, bytes) else send:
            one.send(data)
            time.sleep(0.3 if data else 0)
        if not keep_open:
            one.close_input()
        one.wait(timeout)
        return one

    def stop(self):
        """Ends what still runs, clients first; then the recording. Called by `label` if not before."""
        if self.recorder is None:
            return
        for role in ('client', 'server'):
            for one in self.names.get(role, []):
                one.stop()
            time.sleep(0.05)
        for one in self.running:
            one.stop()
        self.pcap = self.recorder.stop()
        self.recorder = None

    def log(self, role):
        return ''.join(one.log() for one in self.names.get(role, []))

    def label(self, **fields):
        """Writes the capture and its label; the label has both logs where asked."""
        self.stop()
        capture = container.read(self.pcap)
        if self.want_keys and os.path.exists(self.keylog):
            with open(self.keylog, 'rb') as keys:
                capture = capture._replace(keys=keys.read())
        logs = {role: self.log(role) for role in ('client', 'server')}
        made = {'name': self.name, 'also_accept': [], 'messages': {role: process.messages(log) for role, log in logs.items()}}
        if self.want_logs:
            made['logs'] = logs
        inputs = dict(fields.get('inputs', {}))
        if inputs.get('clock') is True:
            inputs['clock'] = self.clock
        label.store(dict(made, **dict(fields, inputs=inputs)), capture, self.form, self.out)

    def __exit__(self, *_):
        self.stop()
        for one in self.running:
            os.unlink(one.path)
        if os.path.exists(self.keylog):
            os.unlink(self.keylog)
