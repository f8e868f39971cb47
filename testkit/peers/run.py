"""One row of a table, carried out.

A row is a dictionary: name, server and client as (kind, options of ends.py), cause and what else
the label says. Where no end is told to write the key log, the first that can is; keys=False asks
for none. `then` lists further clients of the same server. `roots` and `expect` become the label's inputs, and with `clock` the time of recording."""
import functools
import re

from lab import label
from lab.case import Case

from . import certs, ends

LABEL = ('cause', 'also_accept', 'outcome', 'side_at_fault', 'grade', 'grades', 'advice', 'evidence')
HOW = ('send', 'hold', 'timeout', 'keep_open')
FILES = re.compile(r'^(\w[\w.-]*?)(\.chain)?\.(pem|key)$')


def need(value):
    """Makes the certificates that an option names: labels, files, or words within arguments."""
    if isinstance(value, dict):
        for one in value.values():
            need(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            need(one)
    elif isinstance(value, str):
        for word in value.replace('=', ' ').split():
            found = FILES.match(word)
            if re.match(r'dh\d+\.pem$', word):
                certs.dh(word)
            if word in certs.ANCHORS:
                certs.anchors(word)
            elif word in certs.TABLE:
                certs.cert(word)
            elif found and found.group(1) in certs.TABLE:
                certs.cert(found.group(1))


def writer(row):
    if row.get('keys') is False:
        return None
    for role in ('client', 'server'):
        if row[role][1].get('keylog'):
            return role
    able = [(ends.WRITES_KEYS.index(row[role][0]), role) for role in ('client', 'server') if row[role][0] in ends.WRITES_KEYS]
    return min(able)[1] if able else None


def make(row):
    row = dict({'outcome': 'failed', 'side_at_fault': label.side_of(row['cause'])}, **row)
    for before in row.get('before', []):
        before()
    for role in ('server', 'client'):
        kind, options = row[role]
        row[role] = (kind, dict(options))
    need([row['server'][1], row['client'][1], [options for _, options in row.get('then', [])]])
    if row.get('roots'):
        certs.anchors(row['roots'])
    logging = writer(row)
    with Case(row['name'], certs.pki(), host=row.get('host', '127.0.0.1'), form=row.get('form', 'pcapng'),
              keys=bool(logging), logs=row.get('logs', False)) as case:
        said = {}
        for role, kinds in (('server', ends.SERVERS), ('client', ends.CLIENTS)):
            for kind, options in [row[role]] + (row.get('then', []) if role == 'client' else []):
                options = dict(options, keylog=role == logging)
                argv, env, ready, what = kinds[kind](case, options)
                said[role] = said[role] + ', ' + what if said.get(role, what) != what else what
                argv, env = options.get('before', []) + argv, dict(env, **options.get('env', {}))
                if role == 'server':
                    case.server(argv, env, ready)
                else:
                    case.client(argv, env, **{name: options[name] for name in HOW if name in options})
        case.stop()
        if row.get('expect_log'):
            assert row['expect_log'] in case.log('client') + case.log('server'), \
                '%s: came out otherwise: %s' % (row['name'], case.log('client')[-600:] + case.log('server')[-600:])
        inputs = dict(row.get('inputs', {}))
        for field, name in (('expected_name', 'expect'), ('roots', 'roots')):
            if row.get(name):
                inputs[field] = row[name]
        if row.get('clock'):
            inputs['clock'] = case.clock
        case.label(inputs=inputs, peers={'client': said['client'], 'server': said['server']},
                   **{field: row[field] for field in LABEL if field in row})


def table(rows):
    return [(row['name'], functools.partial(make, row)) for row in rows]

