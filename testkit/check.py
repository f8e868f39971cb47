#!/usr/bin/env python3
"""Tests of the kit that record nothing: every module can be read, captures and tables of labels are
written as they were read, and every label is one that the kit would write. Needs neither root nor peers."""
import glob
import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import make  # noqa: E402
from lab import container, label, table  # noqa: E402

FOLDERS = [os.path.join(label.VECTORS, part) for part in ('corpus', 'own', 'fresh')]


def captures_are_written_as_read():
    for folder in FOLDERS:
        for path in glob.glob(folder + '/*.pcap*'):
            with open(path, 'rb') as file:
                data = file.read()
            form = 'pcapng' if path.endswith('.pcapng') else 'big' if data[0] == 0xA1 else 'pcap'
            assert container.FORMS[form](container.read(data)) == data, path


def forms_keep_the_packets():
    frame = bytes(12) + b'\x08\0' + b'packet'
    for nano in (False, True):
        packets = [container.Packet(7, 123456, frame, 20), container.Packet(8, 999999, frame, 90)]
        capture = container.Capture(1, nano, 65535, packets, b'CLIENT_RANDOM 00 01\n')
        assert container.read(container.pcapng(capture)) == capture
        without = capture._replace(keys=None)
        assert container.read(container.classic(capture)) == container.read(container.big(capture)) == without
        for form, link, head in (('raw', 101, b''), ('null', 0, b'\2\0\0\0'), ('vlan', 1, bytes(12) + b'\x81\0\0\x2a\x08\0')):
            changed = container.read(container.FORMS[form](capture))
            shift = len(head) - 14
            assert (changed.link, changed.nano) == (link, nano), form
            assert [one.data for one in changed.packets] == [head + b'packet'] * 2, form
            assert [one.length for one in changed.packets] == [20 + shift, 90 + shift], form


def tables_are_written_as_read():
    for folder in FOLDERS:
        for path in glob.glob(folder + '/*.toml'):
            with open(path, newline='') as file:
                assert table.dump(table.load(path)) == file.read(), path


def awkward_text_stays():
    texts = ['', 'a\tb', 'it\'s', '"', '\\', 'a\r\nb', '\x1b[0m\n', "'''\n", '"""\n\\', 'é\n', "ends with '\n'", '\n\n', ' \n ']
    label_of = lambda text: {'also_accept': [text], 'inputs': {'x.y': text, 'list': [text]}, 'evidence': text, 'logs': {'client': text}}
    labels = {'case-%d' % number: label_of(text) for number, text in enumerate(texts)}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'a.toml')
        label.save(path, labels)
        assert table.load(path) == labels


def a_case_is_stored_and_found():
    packets = [container.Packet(1, 2, bytes(12) + b'\x08\0abc', 17)]
    capture = container.Capture(1, False, 65535, packets, b'# a key log\n')
    made = {'name': 'a', 'cause': 'cert.expired', 'also_accept': [], 'outcome': 'failed', 'side_at_fault': 'server', 'grade': 'proved',
            'inputs': {}, 'evidence': 'x', 'peers': {}, 'messages': {'client': 'one', 'server': ''}}
    with tempfile.TemporaryDirectory() as out:
        listed = lambda: sorted(os.listdir(out))
        label.store(made, capture, 'pcapng', out)
        assert listed() == ['a.pcapng', 'server-certificates.toml'] and label.capture_of('a', out) == capture
        label.store(made, capture, 'big', out)
        assert listed() == ['a.pcap', 'server-certificates.toml'] and label.capture_of('a', out) == capture
        assert label.load('a', out)['key_log'] == '# a key log\n'
        label.amend('a', {'client': 'two'}, out)
        assert label.load('a', out)['messages'] == {'client': 'two', 'server': ''}
        # Another cause is another file.
        label.write(dict(label.load('a', out), cause='none'), out)
        assert listed() == ['a.pcap', 'completed.toml'] and label.capture_of('a', out) == capture
        label.store(made, capture, 'pcapng', out, keys_inside=False)
        assert listed() == ['a.pcapng', 'server-certificates.toml'] and label.capture_of('a', out) == capture


def labels_are_in_order():
    for folder in FOLDERS:
        names = []
        for path in glob.glob(folder + '/*.toml'):
            for name, one in table.load(path).items():
                names.append(name)
                whole = dict({'name': name, 'also_accept': [], 'inputs': {}}, **one)
                label.check(whole, folder)
                assert label.of_table(whole) == one, name
                assert label.family(one['cause']) + '.toml' == os.path.basename(path), name
        captures = [os.path.splitext(os.path.basename(path))[0] for path in glob.glob(folder + '/*.pcap*')]
        assert sorted(names) == sorted(captures), set(names) ^ set(captures)


def every_capture_has_a_row():
    rows = [name for module in make.modules() for name, _ in module.cases()]
    assert len(rows) == len(set(rows)), sorted(name for name in rows if rows.count(name) > 1)
    stored = {name for folder in FOLDERS[1:] for path in glob.glob(folder + '/*.toml') for name in table.load(path)}
    assert set(rows) == stored, sorted(set(rows) ^ stored)


def main():
    tests = [captures_are_written_as_read, forms_keep_the_packets, tables_are_written_as_read, awkward_text_stays,
             a_case_is_stored_and_found, labels_are_in_order, every_capture_has_a_row]
    for test in tests:
        test()
        print('ok', test.__name__)


if __name__ == '__main__':
    main()
