#!/usr/bin/env python3
"""make.py [PATTERN...]   records the captures of vectors/handshakes/own and fresh again, or those whose name fits.

Every module of `peers`, `scripted` and `fresh` has a function `cases()` that gives pairs (name, function);
the function makes that one case. `make.py --list` prints the names."""
import fnmatch
import importlib
import os
import pkgutil
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lab import net  # noqa: E402


def modules():
    for folder in ('peers', 'scripted', 'fresh'):
        path = os.path.join(HERE, folder)
        for found in sorted(pkgutil.iter_modules([path]), key=lambda m: m.name):
            try:
                module = importlib.import_module('%s.%s' % (folder, found.name))
            except Exception:
                print('cannot be read: %s.%s' % (folder, found.name))
                traceback.print_exc()
                continue
            if hasattr(module, 'cases'):
                yield module


def main(arguments):
    wanted = [a for a in arguments if not a.startswith('-')]
    failed = []
    for module in modules():
        for name, make in module.cases():
            if wanted and not any(fnmatch.fnmatch(name, w) for w in wanted):
                continue
            if '--list' in arguments:
                print(name)
                continue
            try:
                make()
                print('made', name, flush=True)
            except Exception:
                failed.append(name)
                print('FAILED', name, flush=True)
                traceback.print_exc()
    if failed:
        print('not made:', ' '.join(failed))
    return 1 if failed else 0


if __name__ == '__main__':
    if '--list' not in sys.argv:
        net.isolate()
        net.prepare()
    sys.exit(main(sys.argv[1:]))
