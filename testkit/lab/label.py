"""What a label may say, checked before it is written (the fields are told in the README of the
given corpus)."""
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
VECTORS = os.path.join(ROOT, 'vectors', 'handshakes')
OWN = os.path.join(VECTORS, 'own')
FIELDS = ('name', 'cause', 'also_accept', 'outcome', 'side_at_fault', 'inputs', 'grade', 'evidence', 'peers', 'seed',
          'peer_messages', 'grades', 'advice')
GRADES = ('proved', 'observed', 'inferred', 'possible')
OUTCOMES = ('failed', 'completed', 'late')
SIDES = ('client', 'server', 'config', 'network', 'attacker', 'none')


def causes():
    with open(os.path.join(VECTORS, 'corpus', 'causes.tsv')) as table:
        return [line.split('\t')[0] for line in table][1:]


def side_of(cause):
    """Where the table of causes sees the fault, unless a case knows better."""
    with open(os.path.join(VECTORS, 'corpus', 'causes.tsv')) as table:
        return next(line.split('\t')[1] for line in table if line.startswith(cause + '\t'))


def check(label, out=OWN):
    known = causes()
    said = [label['cause']] + label['also_accept'] + list(label.get('grades', {})) + label.get('advice', [])
    for one in said:
        assert one in known, '%s: no cause %s' % (label['name'], one)
    assert label['outcome'] in OUTCOMES, label['outcome']
    assert label['side_at_fault'] in SIDES, label['side_at_fault']
    assert label['grade'] in GRADES and all(g in GRADES for g in label.get('grades', {}).values())
    assert label['cause'] not in label['also_accept']
    roots = label['inputs'].get('roots', 'none')
    assert roots == 'none' or os.path.exists(os.path.join(out, 'pki', roots)), roots


def write(label, out=OWN):
    label = {field: label[field] for field in FIELDS if field in label and label[field] not in (None, {}, [])
             or field in ('also_accept', 'inputs', 'seed')}
    label.setdefault('peer_messages', {'client': '', 'server': ''})
    check(label, out)
    with open(os.path.join(out, label['name'] + '.json'), 'w') as file:
        file.write(json.dumps(label, ensure_ascii=False) + '\n')


def load(name, out=OWN):
    with open(os.path.join(out, name + '.json')) as file:
        return json.load(file)


def amend(name, said, out=OWN):
    """What a scripted end noted goes among the messages of the peers."""
    label = load(name, out)
    label['peer_messages'].update(said)
    write(label, out)
