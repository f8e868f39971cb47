"""One row of the tables of this folder, carried out: servers and clients of `ends`, or scripts, with or without
a proxy between them; the files go to `vectors/handshakes/fresh`.

`row(name, cause, server, client, evidence, grade, ...)`: an end is (kind, arguments, {options}) or a function
(server: script(conn); client: run(port)). `give` says what the user of `explain` gives: n the name, r the roots,
c the clock. `up`/`down` are rules of a proxy, `tap` the side of it that is recorded."""
import functools
import re
import time

from lab import label, net
from lab.case import Case
from scripted import raw
from scripted.proxy import Proxy, same

from . import ends, pki

LABEL = ('cause', 'also_accept', 'outcome', 'side_at_fault', 'grade', 'grades', 'advice', 'evidence')
HOW = ('send', 'hold', 'timeout', 'keep_open')
FILES = re.compile(r'^(\w[\w-]*?)(\.chain|\.rest)?\.(pem|key)$')


class Side:
    """What an end needs to know of the case; the port may be that of a proxy."""

    def __init__(self, case, port):
        self.case, self.port, self.host, self.name = case, port, case.host, case.name
        self.pki, self.keylog, self.address = case.pki, case.keylog, net.join(case.host, port)


def end(one):
    if callable(one):
        return one
    return one[0], dict(one[2] if len(one) > 2 else {}, args=one[1] if len(one) > 1 else '')


def row(name, cause, server, client, evidence, grade='observed', **more):
    made = dict(name='fresh-' + name, cause=cause, server=end(server), client=end(client), evidence=evidence, grade=grade)
    made.update(more)
    made['then'] = [end(one) for one in made.get('then', [])]
    return made


def ok(name, server, client, evidence, **more):
    return row(name, 'none', server, client, evidence, 'observed', **dict({'outcome': 'completed'}, **more))


def need(value):
    """Makes the certificates that an option names."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for one in value:
            need(one)
    elif isinstance(value, str):
        for word in re.split(r'[\s=:]+', value):
            found = FILES.match(word)
            if re.match(r'dh\d+\.pem$', word):
                pki.dh(word)
            if word in pki.ANCHORS:
                pki.anchors(word)
            elif word in pki.TABLE:
                pki.cert(word)
            elif found and found.group(1) in pki.TABLE:
                pki.cert(found.group(1))


def writer(row):
    if row.get('keys') is False:
        return None
    able = [(ends.WRITES_KEYS.index(row[role][0]), role) for role in ('client', 'server')
            if not callable(row[role]) and row[role][0] in ends.WRITES_KEYS]
    return row.get('keys') or (min(able)[1] if able else None)


def options_of(row):
    return [one[1] for one in [row['server'], row['client'], *row['then']] if not callable(one)]


def start_server(case, row, port, logging, closing):
    if callable(row['server']):
        closing.append(raw.Server(port, row['server'], case.host, net.family(case.host)))
        return 'scripted server'
    kind, options = row['server']
    argv, env, ready, what = ends.SERVERS[kind](Side(case, port), dict(options, keylog=logging == 'server'))
    case.server(options.get('before', []) + argv, dict(env, **options.get('env', {})), ready, port)
    return what


def run_client(case, one, port, logging):
    if callable(one):
        said = one(port) or ''
        case.said += said + '\n'
        return 'scripted client'
    kind, options = one
    argv, env, _, what = ends.CLIENTS[kind](Side(case, port), dict(options, keylog=logging == 'client'))
    case.client(options.get('before', []) + argv, dict(env, **options.get('env', {})), **{k: options[k] for k in HOW if k in options})
    time.sleep(options.get('pause', 0))
    return what


def carry_out(case, row, closing):
    logging, between, peers = writer(row), bool(row.get('up') or row.get('down')), {}
    other = net.free_port(case.host) if between else case.port
    front, back = (case.port, other) if row.get('tap', 'client') == 'client' else (other, case.port)
    if row['cause'] != 'transport.refused':
        peers['server'] = start_server(case, row, back, logging, closing)
    if between:
        closing.append(Proxy(front, back, row.get('up') or same, row.get('down') or same, case.host, net.family(case.host)))
    for number, one in enumerate([row['client'], *row['then']]):
        if number and row.get('restart'):
            case.names['server'][-1].stop()
            start_server(case, row, back, logging, closing)
        what = run_client(case, one, front, logging)
        peers['client'] = peers['client'] + ', ' + what if peers.get('client', what) != what else what
    time.sleep(row.get('after', 0))
    return peers


def inputs(case, row):
    made, given = dict(row.get('inputs', {})), row.get('give', '')
    clients = options_of(row)[-1] if options_of(row) else {}
    if 'n' in given:
        made['expected_name'] = row.get('expect') or clients.get('name') or pki.NAME
    if 'r' in given:
        made['roots'] = pki.anchors(row.get('roots') or clients.get('ca'))
    if 'c' in given:
        made['clock'] = case.clock
    return made


def make(row):
    row = dict({'outcome': 'failed', 'side_at_fault': label.side_of(row['cause'])}, **row)
    for before in row.get('before', []):
        before()
    need(options_of(row))
    closing = []
    with Case(row['name'], pki.pki(), host=row.get('host', '127.0.0.1'), form=row.get('form', 'pcapng'), keys=bool(writer(row)), out=pki.OUT) as case:
        case.said = ''
        peers = carry_out(case, row, closing)
        case.stop()
        for one in closing:
            one.__exit__()
        text = case.said + case.log('client') + case.log('server')
        print('   ', ' | '.join(line for line in text.splitlines() if re.search('(?i)alert|error|verif|handshake|resum|reject|EXC', line))[-400:])
        if row.get('expect_log'):
            assert re.search(row['expect_log'], text), '%s: came out otherwise: %s' % (row['name'], text[-1500:])
        fields = {field: row[field] for field in LABEL if field in row}
        case.label(inputs=inputs(case, row), peers=peers, **fields)
        if case.said:
            label.amend(row['name'], {'client': case.said.strip()}, pki.OUT)


def table(rows):
    return [(one['name'], functools.partial(make, one)) for one in rows]
