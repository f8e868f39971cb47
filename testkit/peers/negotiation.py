"""Two ends that have nothing in common: versions, suites, groups, signature schemes, protocols,
names; and policies by which one end refuses what the other lacks."""
from .run import table as of

HARD = ['suite.none-in-common', 'suite.key-type', 'group.none-in-common', 'sigalg.none-in-common', 'cert.curve-not-offered',
        'refused.unexplained']


def but(*ids):
    return [one for one in HARD if one not in ids]


def row(name, cause, server, client, text, grade='inferred', **more):
    made = dict(name=name, cause=cause, evidence=text, grade=grade, keys=False)
    kind = lambda end: (end[0], dict(end[1])) if isinstance(end[1], dict) else (end[0], dict(args=end[1], **(end[2] if len(end) > 2 else {})))
    made.update(server=kind(server), client=kind(client))
    made.update(more)
    return made


EC, RSA = {'cert': 'leaf'}, {'cert': 'rsaleaf'}
BOTH = {'ca': 'p-root.pem', 'name': 'localhost'}
G13 = '--priority NORMAL:-VERS-ALL:+VERS-TLS1.3'
G12 = '--priority NORMAL:-VERS-ALL:+VERS-TLS1.2'
EMS = ['-Djdk.tls.allowLegacyMasterSecret=false']

ROWS = [
    # versions
    row('version-go13-openssl12', 'version.none-in-common', ('openssl', '-tls1_2', RSA), ('go', '-min 1.3', BOTH),
        'only TLS 1.3 offered; alert protocol_version (70)', 'observed'),
    row('version-old-openssl-go', 'version.none-in-common', ('go', '', EC), ('openssl', '-tls1_1 -cipher ALL:@SECLEVEL=0', BOTH),
        'TLS 1.1 at most; alert protocol_version (70)', 'observed', logs=True),
    row('version-python12-java13', 'version.none-in-common', ('java', 'protocols=TLSv1.3', RSA), ('python', 'high=1.2', BOTH),
        'TLS 1.2 at most; alert protocol_version (70)', 'observed', form='sll', logs=True),
    row('version-mbed12-gnutls13', 'version.none-in-common', ('gnutls', G13, EC), ('mbed', '', BOTH),
        'TLS 1.2 at most with the usual suites; alert handshake_failure (40)', 'possible', logs=True, also_accept=HARD),
    row('version-rustls-mbed11', 'version.none-in-common', ('mbed', 'max=2', EC), ('deno', BOTH),
        'a server of TLS 1.1 finds no suite of that age in an offer of TLS 1.2 and 1.3; alert handshake_failure (40)', 'possible',
        also_accept=HARD),
    row('version-tls10-server-mbed', 'version.none-in-common', ('openssl', '-tls1 -cipher ALL:@SECLEVEL=0', RSA),
        ('mbed', 'min=3', BOTH), 'the server knows TLS 1.0 only; alert protocol_version (70)', 'observed'),
    # suites
    row('suite-go-chacha-openssl', 'suite.none-in-common', ('openssl', '-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384', EC),
        ('go', '-max 1.2 -suites 0xcca9,0xcca8', BOTH), 'two ChaCha20 suites offered; alert handshake_failure (40)',
        also_accept=but('suite.none-in-common'), logs=True),
    row('suite-python-cbc-java', 'suite.none-in-common', ('java', 'protocols=TLSv1.2 suites=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', RSA),
        ('python', 'high=1.2 ciphers=ECDHE-RSA-AES128-SHA:AES128-SHA', BOTH), 'CBC suites offered to a server with one GCM suite',
        also_accept=but('suite.none-in-common')),
    row('suite-mbed-ccm-gnutls', 'suite.none-in-common', ('gnutls', '--priority NORMAL:-VERS-TLS1.3:-AES-128-CCM:-AES-256-CCM:-AES-128-CCM-8:-AES-256-CCM-8', EC),
        ('mbed', 'suites=TLS-ECDHE-ECDSA-WITH-AES-128-CCM', BOTH), 'one CCM suite offered', also_accept=but('suite.none-in-common')),
    row('suite-tls13-openssl', 'suite.none-in-common', ('openssl', '-tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384', EC),
        ('openssl', '-tls1_3 -ciphersuites TLS_AES_128_CCM_SHA256', BOTH), 'one TLS 1.3 suite offered', also_accept=but('suite.none-in-common', 'suite.key-type')),
    row('suite-bssl-mbed', 'suite.none-in-common', ('mbed', 'suites=TLS-DHE-RSA-WITH-AES-256-CBC-SHA256', RSA),
        ('bssl', '-max-version tls1.2 -cipher ECDHE-RSA-AES128-GCM-SHA256', {}), 'one suite offered, without DHE', also_accept=but('suite.none-in-common')),
    # key types
    row('keytype-ecdsa-vs-rsa-openssl', 'suite.key-type', ('openssl', '-tls1_2', RSA),
        ('openssl', '-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305', BOTH),
        'only suites that need an ECDSA key; the server has RSA', also_accept=but('suite.key-type')),
    row('keytype-rsa-vs-ec-go', 'suite.key-type', ('go', '-max 1.2', EC), ('gnutls', '--priority NORMAL:-VERS-TLS1.3:-ECDHE-ECDSA', BOTH),
        'only suites that need an RSA key; the server has P-256', also_accept=but('suite.key-type')),
    row('keytype-rsa-vs-ec-mbed', 'suite.key-type', ('mbed', '', EC), ('curl', '--tls-max 1.2 --ciphers ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384', BOTH),
        'only suites that need an RSA key; the server has P-256', also_accept=but('suite.key-type'), logs=True),
    row('keytype-python-vs-gnutls', 'suite.key-type', ('gnutls', G12, EC), ('python', 'high=1.2 ciphers=aRSA', BOTH),
        'only suites that need an RSA key; the server has P-256', also_accept=but('suite.key-type')),
    # groups
    row('group-openssl-p521-go', 'group.none-in-common', ('go', '-curves 29,23', EC), ('openssl', '-tls1_3 -curves P-521', BOTH),
        'only secp521r1 offered', also_accept=but('group.none-in-common')),
    row('group-gnutls-x448-openssl', 'group.none-in-common', ('openssl', '-curves P-256', RSA),
        ('gnutls', '--priority NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-X448', BOTH), 'only x448 offered',
        also_accept=but('group.none-in-common'), logs=True),
    row('group-mbed-bp-openssl12', 'group.none-in-common', ('openssl', '-tls1_2 -curves P-256:P-384', RSA),
        ('mbed', 'curves=brainpoolP256r1 suites=TLS-ECDHE-RSA-WITH-AES-128-GCM-SHA256', BOTH), 'only brainpoolP256r1 offered',
        also_accept=but('group.none-in-common')),
    row('group-go-p384-java13', 'group.none-in-common', ('java', 'protocols=TLSv1.3', dict(RSA, jvm=['-Djdk.tls.namedGroups=x25519'])),
        ('go', '-min 1.3 -curves 24', BOTH), 'only secp384r1 offered', also_accept=but('group.none-in-common')),
    row('group-openssl-ffdhe-go13', 'group.none-in-common', ('go', '', RSA), ('openssl', '-tls1_3 -groups ffdhe2048:ffdhe3072', BOTH),
        'only finite field groups offered', also_accept=but('group.none-in-common'), form='nano'),
    # signature schemes
    row('sigalg-ed-openssl13', 'sigalg.none-in-common', ('openssl', '-tls1_3', EC), ('openssl', '-tls1_3 -sigalgs ed25519', BOTH),
        'only ed25519 offered', also_accept=but('sigalg.none-in-common')),
    row('sigalg-p384-openssl-go', 'sigalg.none-in-common', ('go', '-min 1.3', EC), ('openssl', '-sigalgs ECDSA+SHA384:RSA-PSS+SHA384', BOTH),
        'no scheme for a P-256 key in TLS 1.3 offered', also_accept=but('sigalg.none-in-common')),
    row('sigalg-ecdsa-gnutls12', 'sigalg.none-in-common', ('gnutls', G12, RSA),
        ('openssl', '-tls1_2 -sigalgs ECDSA+SHA256:ECDSA+SHA384', BOTH), 'only ECDSA schemes offered beside RSA suites',
        also_accept=but('sigalg.none-in-common')),
    row('sigalg-rsa-java13', 'sigalg.none-in-common', ('java', '', EC),
        ('gnutls', '--priority NORMAL:-SIGN-ALL:+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-SHA256', BOTH), 'only RSA schemes offered, the server has P-256', keys=None,
        also_accept=but('sigalg.none-in-common')),
    row('sigalg-md5-chain-java13', 'sigalg.none-in-common', ('openssl', '-cipher ALL:@SECLEVEL=0', {'cert': 'md5'}),
        ('java', '', BOTH), 'the server finds its own chain signed in a way that the client does not list; the offer is usual', 'possible',
        also_accept=['refused.unexplained', 'suite.none-in-common', 'suite.key-type', 'group.none-in-common', 'cert.curve-not-offered',
                     'cert.weak-signature']),
    # application protocols
    row('alpn-go-openssl', 'alpn.none-in-common', ('go', '-alpn h2,http/1.1', EC), ('openssl', '-alpn mqtt', BOTH),
        'alert no_application_protocol (120)', 'observed', logs=True),
    row('alpn-python-java', 'alpn.none-in-common', ('java', 'alpn=h2', RSA), ('python', 'alpn=imap,pop3', BOTH),
        'alert no_application_protocol (120)', 'observed', form='vlan'),
    row('alpn-java-rustls12', 'alpn.none-in-common', ('deno', {'cert': 'leaf', 'more': {'alpn': ['h2']}}),
        ('java', 'protocols=TLSv1.2 alpn=spdy/3', BOTH), 'alert no_application_protocol (120)', 'observed', logs=True),
    row('alpn-openssl-mbed', 'alpn.none-in-common', ('mbed', 'alpn=coap', EC), ('openssl', '-alpn h2,http/1.1', BOTH),
        'alert no_application_protocol (120)', 'observed'),
    # names
    row('sni-missing-java', 'sni.missing', ('python', 'serves=localhost', RSA), ('java', '', {'ca': 'p-root.pem'}),
        'no server_name; alert unrecognized_name (112)', 'observed'),
    row('sni-missing-mbed', 'sni.missing', ('python', 'serves=broker.lab.example', EC), ('mbed', 'auth=none', {}),
        'no server_name; alert unrecognized_name (112)', 'observed', form='null'),
    row('sni-none-gnutls-ok', 'none', ('gnutls', '--sni-hostname broker.lab.example --sni-hostname-fatal', EC),
        ('go', '-insecure', {}), 'no server_name, which this server lets pass', 'observed', outcome='completed'),
    row('sni-wrong-gnutls', 'sni.unrecognized', ('gnutls', '--sni-hostname broker.lab.example --sni-hostname-fatal', EC),
        ('openssl', '', dict(BOTH, sni='broker2.lab.example')), 'alert unrecognized_name (112)', 'observed', logs=True),
    row('sni-wrong-java', 'sni.unrecognized', ('java', 'sni=shop.example', RSA), ('curl', '', BOTH),
        'alert unrecognized_name (112)', 'observed'),
    row('sni-wrong-python-rustls', 'sni.unrecognized', ('python', 'serves=shop.example', RSA), ('deno', BOTH),
        'alert unrecognized_name (112)', 'observed', host='192.0.2.10'),
    row('sni-wrong-go', 'sni.unrecognized', ('go', '-serves shop.example', RSA), ('node', BOTH),
        'this server answers another name with internal_error (80)', 'possible', also_accept=['refused.unexplained'] + HARD[:5], logs=True),
    row('sni-missing-nginx', 'sni.missing', ('nginx', '', dict(RSA, serves='localhost')), ('openssl', '', {'ca': 'p-root.pem'}),
        'no server_name; alert unrecognized_name (112)', 'observed', logs=True),
    row('sni-wrong-nginx-rustls', 'sni.unrecognized', ('nginx', '', dict(RSA, serves='shop.example')), ('deno', BOTH),
        'alert unrecognized_name (112)', 'observed'),
    row('sni-wrong-haproxy', 'sni.unrecognized', ('haproxy', '', dict(EC, cert='elsewhere')), ('curl', '', BOTH),
        'alert unrecognized_name (112)', 'observed', form='raw'),
    row('sni-missing-haproxy', 'sni.missing', ('haproxy', '', EC), ('gnutls', '', {'ca': 'p-root.pem'}),
        'no server_name; alert unrecognized_name (112)', 'observed'),
    row('ok-nginx', 'none', ('nginx', '', dict(EC, serves='localhost')), ('go', '-data GET', BOTH), 'completes', 'observed', outcome='completed', keys=None),
    row('ok-haproxy-python', 'none', ('haproxy', '', EC), ('python', 'data=GET', BOTH), 'completes', 'observed', outcome='completed', keys=None),
    # policies
    row('policy-ems-java-mbed', 'policy.ems-required', ('mbed', 'ems=0', EC), ('java', 'protocols=TLSv1.2', dict(BOTH, jvm=EMS)),
        'extended_master_secret offered and not returned; the client refuses', logs=True),
    row('policy-ems-java-gnutls', 'policy.ems-required', ('gnutls', '--priority NORMAL:-VERS-TLS1.3:%NO_SESSION_HASH', RSA),
        ('java', '', dict(BOTH, jvm=EMS)), 'extended_master_secret offered and not returned; the client refuses', form='raw'),
    row('policy-ems-java-server', 'policy.ems-required', ('java', '', dict(EC, jvm=EMS)), ('mbed', 'ems=0', BOTH),
        'the client does not offer extended_master_secret; the server refuses', 'possible', also_accept=HARD),
    row('policy-reneg-openssl', 'policy.renegotiation-info-required', ('gnutls', '--priority NORMAL:-VERS-TLS1.3:%DISABLE_SAFE_RENEGOTIATION', EC),
        ('openssl', '-tls1_2', BOTH), 'ServerHello lacks renegotiation_info; the client refuses', logs=True),
    row('policy-reneg-mbed', 'policy.renegotiation-info-required', ('gnutls', '--priority NORMAL:-VERS-TLS1.3:%DISABLE_SAFE_RENEGOTIATION', RSA),
        ('mbed', 'legacy=break', BOTH), 'ServerHello lacks renegotiation_info; the client refuses'),
    row('policy-reneg-gnutls', 'policy.renegotiation-info-required', ('gnutls', '--priority NORMAL:-VERS-TLS1.3:%DISABLE_SAFE_RENEGOTIATION', EC),
        ('gnutls', '--priority NORMAL:-VERS-TLS1.3:%SAFE_RENEGOTIATION', BOTH), 'ServerHello lacks renegotiation_info; the client refuses'),
    row('policy-dh512-openssl', 'policy.weak-dh', ('mbed', 'dh=dh512.pem', RSA),
        ('openssl', '-tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256', BOTH), 'prime of 512 bits; the client refuses', 'observed'),
    row('policy-dh1024-python', 'policy.weak-dh', ('mbed', 'dh=dh1024.pem', RSA),
        ('python', 'ciphers=DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=2', BOTH), 'prime of 1024 bits; the client refuses', 'observed'),
    row('policy-dh1024-gnutls', 'policy.weak-dh', ('openssl', '-tls1_2 -dhparam dh1024.pem -cipher DHE-RSA-AES256-GCM-SHA384:@SECLEVEL=0', RSA),
        ('gnutls', '--priority NORMAL:-VERS-TLS1.3:-KX-ALL:+DHE-RSA --dh-bits 2048', BOTH), 'prime of 1024 bits; the client refuses', 'observed', logs=True),
    row('policy-dh768-mbed', 'policy.weak-dh', ('mbed', 'dh=dh768.pem', RSA),
        ('mbed', 'suites=TLS-DHE-RSA-WITH-AES-128-CBC-SHA256', BOTH), 'prime of 768 bits; the client refuses', 'observed'),
    row('policy-dh768-java', 'policy.weak-dh', ('mbed', 'dh=dh768.pem', RSA),
        ('java', 'protocols=TLSv1.2 suites=TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', BOTH), 'prime of 768 bits; the client refuses', 'observed'),
    row('policy-fallback-openssl', 'policy.fallback-scsv', ('openssl', '', RSA), ('openssl', '-tls1_2 -fallback_scsv', BOTH),
        'TLS_FALLBACK_SCSV in the offer; alert inappropriate_fallback (86)', 'observed'),
    row('policy-fallback-mbed-go', 'policy.fallback-scsv', ('go', '', EC), ('mbed', 'fallback=1', BOTH),
        'TLS_FALLBACK_SCSV in the offer; alert inappropriate_fallback (86)', 'observed', logs=True),
    row('policy-fallback-gnutls', 'policy.fallback-scsv', ('gnutls', '', EC), ('gnutls', '--priority NORMAL:-VERS-TLS1.3:%FALLBACK_SCSV', BOTH),
        'TLS_FALLBACK_SCSV in the offer; alert inappropriate_fallback (86)', 'observed', form='big'),
]


def cases():
    return of(ROWS)
