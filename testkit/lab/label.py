"""What a label may say, checked before it is written, and where it stands: `vectors/handshakes/README.md`
describes both."""
import glob
import os

from . import container, table

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
VECTORS = os.path.join(ROOT, 'vectors', 'handshakes')
OWN = os.path.join(VECTORS, 'own')
CAUSES = os.path.join(VECTORS, 'causes.tsv')
FIELDS = ('cause', 'also_accept', 'outcome', 'side_at_fault', 'grade', 'grades', 'advice', 'inputs', 'evidence', 'peers',
          'messages', 'logs', 'key_log')
GRADES = ('proved', 'observed', 'inferred', 'possible')
OUTCOMES = ('failed', 'completed', 'late')
SIDES = ('client', 'server', 'config', 'network', 'attacker', 'none')

# The file of a label, by the first part of its cause.
FAMILIES = {
    'completed': ('none',),
    'server-certificates': ('cert', 'key', 'clock', 'pin', 'trust'),
    'client-certificates': ('client-cert',),
    'pre-shared-keys': ('psk',),
    'negotiation': ('version', 'suite', 'group', 'sigalg', 'alpn', 'sni', 'policy', 'refused'),
    'key-exchange': ('key-exchange', 'etm'),
    'protocol-errors': ('hello', 'record', 'peer'),
    'tampering': ('tamper',),
    'transport': ('transport',),
}


def causes():
    with open(CAUSES) as rows:
        return [row.split('\t')[0] for row in rows][1:]


def side_of(cause):
    """Where the table of causes sees the fault, unless a case knows better."""
    with open(CAUSES) as rows:
        return next(row.split('\t')[1] for row in rows if row.startswith(cause + '\t'))


def family(cause):
    return next(name for name, parts in FAMILIES.items() if cause.split('.')[0] in parts)


def check(label, out=OWN):
    known = causes()
    said = [label['cause']] + label['also_accept'] + list(label.get('grades', {})) + label.get('advice', [])
    for one in said:
        assert one in known, '%s: no cause %s' % (label['name'], one)
    unknown = set(label) - set(FIELDS) - {'name'}
    assert not unknown, unknown
    assert label['outcome'] in OUTCOMES, label['outcome']
    assert label['side_at_fault'] in SIDES, label['side_at_fault']
    assert label['grade'] in GRADES and all(g in GRADES for g in label.get('grades', {}).values())
    assert label['cause'] not in label['also_accept']
    roots = label['inputs'].get('roots', 'none')
    assert roots == 'none' or os.path.exists(os.path.join(out, 'pki', roots)), roots


def tables_with(name, out=OWN):
    """The files in which a case of that name stands: one, or none."""
    for path in glob.glob(os.path.join(out, '*.toml')):
        with open(path) as file:
            if '\n[%s]\n' % name in '\n' + file.read():
                yield path, table.load(path)


def of_table(label):
    """The label as it stands in a table: in the order of `FIELDS`, without what is empty."""
    label = dict(label, messages={end: text for end, text in label.get('messages', {}).items() if text})
    return {field: label[field] for field in FIELDS if label.get(field) not in (None, '', {}, [])}


def write(label, out=OWN):
    """Puts the label in the file of its family, and takes it out of any other."""
    check(label, out)
    target = os.path.join(out, family(label['cause']) + '.toml')
    for path, labels in list(tables_with(label['name'], out)):
        if path != target:
            del labels[label['name']]
            save(path, labels)
    labels = table.load(target) if os.path.exists(target) else {}
    save(target, dict(labels, **{label['name']: of_table(label)}))


def save(path, labels):
    if labels:
        with open(path, 'w', newline='\n') as file:
            file.write(table.dump(labels))
    else:
        os.unlink(path)


def load(name, out=OWN):
    label = next(labels[name] for _, labels in tables_with(name, out))
    messages = dict({'client': '', 'server': ''}, **label.get('messages', {}))
    return dict({'also_accept': [], 'inputs': {}}, **dict(label, name=name, messages=messages))


def amend(name, said, out=OWN):
    """Adds what a scripted end noted to the messages of the peers."""
    label = load(name, out)
    label['messages'].update(said)
    write(label, out)


# ---- label and capture together ---------------------------------------------------------------

def store(label, capture, form, out=OWN, keys_inside=True):
    """Writes NAME.pcapng with the key log in it, or NAME.pcap of another form with the key log in the label."""
    os.makedirs(out, exist_ok=True)
    path = os.path.join(out, label['name'])
    for old in ('.pcapng', '.pcap'):
        if os.path.exists(path + old):
            os.unlink(path + old)
    label = {field: label[field] for field in label if field != 'key_log'}
    if capture.keys is not None and not (form == 'pcapng' and keys_inside):
        label['key_log'] = capture.keys.decode()
        capture = capture._replace(keys=None)
    with open(path + ('.pcapng' if form == 'pcapng' else '.pcap'), 'wb') as file:
        file.write(container.FORMS[form](capture))
    write(label, out)


def capture_of(name, out=OWN):
    """A stored capture with its key log, wherever that stands."""
    path = os.path.join(out, name + '.pcapng')
    path = path if os.path.exists(path) else os.path.join(out, name + '.pcap')
    with open(path, 'rb') as file:
        capture = container.read(file.read())
    outside = load(name, out).get('key_log')
    return capture if outside is None else capture._replace(keys=outside.encode())
