"""`python3 -m healthy` in testkit: writes vectors/handshakes/healthy anew. Needs root for tcpdump, and pyOpenSSL and curl_cffi."""
import glob
import json
import os
import sys

from . import closings, forms, plain, programs, rig, shapes

ALL = [shapes.by_openssl, shapes.by_gnutls, shapes.by_python, closings.by_python, plain.starttls, plain.proxies, programs.browsers, programs.others, programs.changed_certificate, forms.main]


def main():
    os.makedirs(rig.OUT, exist_ok=True)
    if len(sys.argv) == 1:
        for old in glob.glob(os.path.join(rig.OUT, 'healthy-*')):
            os.unlink(old)
        rig.pki()
    elif os.path.exists(rig.path('labels.json')):
        with open(rig.path('labels.json')) as file:
            rig.LABELS.update(json.load(file))
    for part in ALL:
        if len(sys.argv) > 1 and '%s.%s' % (part.__module__.rsplit('.', 1)[-1], part.__name__) not in sys.argv[1:]:
            continue
        try:
            part()
        except Exception as error:
            rig.FAILED.append('%s.%s: %r' % (part.__module__, part.__name__, error))
        with open(rig.path('labels.json'), 'w') as file:
            json.dump(rig.LABELS, file)
    rig.labels()
    print('%d captures' % len(rig.LABELS))
    for line in rig.FAILED:
        print('not made:', line)


main()
