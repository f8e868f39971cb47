#!/usr/bin/env python3
"""asyncio streams over TLS, as a client or an echoing server. Options are NAME=VALUE:
role host port name ca cert key keylog low high ciphers alpn crl curve need data pin count strict pha.
`pin` compares the certificate after the handshake and aborts the transport. Run by: testkit/fresh/ends.py."""
import asyncio
import ssl
import sys

options = dict(one.split('=', 1) for one in sys.argv[1:])
get = options.get
VERSIONS = {'1.0': ssl.TLSVersion.TLSv1, '1.1': ssl.TLSVersion.TLSv1_1, '1.2': ssl.TLSVersion.TLSv1_2, '1.3': ssl.TLSVersion.TLSv1_3}


def context(server):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    if get('low'):
        made.minimum_version = VERSIONS[get('low')]
    if get('high'):
        made.maximum_version = VERSIONS[get('high')]
    if get('ciphers'):
        made.set_ciphers(get('ciphers'))
    if get('curve'):
        made.set_ecdh_curve(get('curve'))
    if get('cert'):
        made.load_cert_chain(get('cert'), get('key'))
    if get('alpn'):
        made.set_alpn_protocols(get('alpn').split(','))
    if get('keylog'):
        made.keylog_filename = get('keylog')
    if get('ca'):
        made.load_verify_locations(get('ca'))
    if get('crl'):
        made.load_verify_locations(get('crl'))
        made.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    if get('strict'):
        made.hostname_checks_common_name = False
    if get('need'):
        made.verify_mode = ssl.CERT_REQUIRED
    if get('check') == '0':
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made


async def client():
    made = context(False)
    for _ in range(int(get('count', 1))):
        opened = asyncio.open_connection(get('host'), int(get('port')), ssl=made, server_hostname=get('name'))
        reader, writer = await asyncio.wait_for(opened, float(get('wait', 6)))
        tls = writer.get_extra_info('ssl_object')
        print('handshake done', tls.version(), tls.cipher()[0], flush=True)
        if get('pin'):
            with open(get('pin')) as file:
                if ssl.PEM_cert_to_DER_cert(file.read()) != tls.getpeercert(True):
                    print('error: the certificate of the peer is not the pinned one', flush=True)
                    writer.transport.abort()
                    return
        writer.write(get('data', 'hello\n').encode())
        try:
            print(await asyncio.wait_for(reader.read(4096), 1.2), flush=True)
        except asyncio.TimeoutError:
            pass
        writer.close()
        try:
            await writer.wait_closed()
        except (OSError, ssl.SSLError) as error:
            tell(error)


async def echo(reader, writer):
    print('handshake done', flush=True)
    while data := await reader.read(4096):
        writer.write(data)
        await writer.drain()
    writer.close()


async def serve():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, what: tell(what.get('exception') or what.get('message')))
    server = await asyncio.start_server(echo, get('host'), int(get('port')), ssl=context(True))
    async with server:
        await server.serve_forever()


def tell(error):
    print('error: %s: %s' % (type(error).__name__, error), flush=True)


if __name__ == '__main__':
    try:
        asyncio.run(serve() if get('role') == 'server' else client())
    except (OSError, ssl.SSLError, asyncio.TimeoutError) as error:
        tell(error)
        sys.exit(1)
