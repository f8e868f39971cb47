"""Tables of labels as TOML. Python reads TOML (`tomllib`) and does not write it; this writes what
labels hold: text, lists of texts, and dictionaries of these."""
import re
import tomllib

CONTROL = re.compile('[\x00-\x08\x0a-\x1f\x7f]')
# Of these each text stands on a line of its own, as it is long.
SPREAD = ('messages', 'logs')


def load(path):
    with open(path, 'rb') as file:
        return tomllib.load(file)


def escaped(text, keep=''):
    short = {'\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\t'}
    return ''.join(c if c in keep else short.get(c) or ('\\u%04x' % ord(c) if CONTROL.match(c) else c) for c in text)


def line(text):
    plain = "'" not in text and not CONTROL.search(text)
    return "'%s'" % text if plain and ('"' in text or '\\' in text) else '"%s"' % escaped(text)


def lines(text):
    plain = "''" not in text and not text.endswith("'") and not CONTROL.search(text.replace('\n', ''))
    return "'''\n%s'''" % text if plain else '"""\n%s"""' % escaped(text, keep='\n')


def key(name):
    return name if re.fullmatch('[A-Za-z0-9_-]+', name) else line(name)


def value(one):
    if isinstance(one, str):
        return lines(one) if '\n' in one else line(one)
    if isinstance(one, list):
        return '[%s]' % ', '.join(line(text) for text in one)
    return '{ %s }' % ', '.join('%s = %s' % (key(name), value(text)) for name, text in one.items())


def dump(tables):
    """The text of a file: a table a case, by name."""
    out = []
    for name in sorted(tables):
        out.append('\n[%s]' % key(name))
        for field, one in tables[name].items():
            if field in SPREAD:
                out += ['%s.%s = %s' % (field, end, value(text)) for end, text in one.items()]
            else:
                out.append('%s = %s' % (field, value(one)))
    return '\n'.join(out).lstrip('\n') + '\n'
