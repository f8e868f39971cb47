"""Programs that people run: browsers' hellos, Node, Java, stunnel, HAProxy, mosquitto, PostgreSQL."""
import os

from . import ends, plain, rig
from .rig import NAME, path, record, s_client, s_server


def browsers():
    import curl_cffi
    for who in ('chrome131', 'firefox133', 'safari18_0', 'chrome99_android'):
        def ask(at):
            curl = curl_cffi.Curl()
            got = []
            curl.setopt(curl_cffi.CurlOpt.URL, ('https://%s:%d/' % (NAME, at)).encode())
            curl.setopt(curl_cffi.CurlOpt.RESOLVE, [('%s:%d:127.0.0.1' % (NAME, at)).encode()])
            curl.setopt(curl_cffi.CurlOpt.CAINFO, path('root.pem').encode())
            curl.setopt(curl_cffi.CurlOpt.WRITEFUNCTION, lambda data: got.append(data) or len(data))
            curl.impersonate(who)
            curl.setopt(curl_cffi.CurlOpt.CAINFO, path('root.pem').encode())
            curl.perform()
            curl.close()
            return b''.join(got).decode()
        record('browser-' + who.replace('_', '-'), lambda at: plain.nginx(at, 'http2'), ask, 'the hello of a browser: GREASE, ECH GREASE, compressed certificates where it offers them', ('curl_cffi 0.17 (BoringSSL), hello of ' + who, 'nginx 1.22.1'), expect='hello')


NODE_SERVER = '''
const tls = require("tls"), fs = require("fs");
tls.createServer({cert: fs.readFileSync("leaf.chain"), key: fs.readFileSync("leaf.key"), ALPNProtocols: ["mqtt"]}, s => s.on("data", d => s.end("you said " + d))).listen(%d, "127.0.0.1");
'''
NODE_CLIENT = '''
const tls = require("tls"), fs = require("fs");
const s = tls.connect({port: %d, host: "127.0.0.1", servername: "%s", ca: fs.readFileSync("root.pem"), maxVersion: "%s"}, () => s.write("hello"));
s.on("keylog", l => fs.appendFileSync("keys", l));
s.on("data", d => console.log(String(d)));
'''


def others():
    for version in ('TLSv1.2', 'TLSv1.3'):
        record('node-' + version.lower().replace('.', ''), lambda at: rig.Program(['node', '-e', NODE_SERVER % at], at), lambda at: rig.run(['node', '-e', NODE_CLIENT % (at, NAME, version)]), 'Node on both sides',
               ('Node 20.20.2', 'Node 20.20.2'), expect='you said')

    def haproxy(at):
        with open(path('haproxy.cfg'), 'w') as file:
            file.write('defaults\n mode http\n timeout client 5s\n timeout server 5s\n timeout connect 5s\nfrontend f\n bind 127.0.0.1:%d ssl crt %s alpn h2,http/1.1\n http-request return status 200 content-type text/plain string hello\n' % (at, path('leaf.all')))
        return rig.Program(['haproxy', '-db', '-f', path('haproxy.cfg')], at)
    record('haproxy-curl', haproxy, lambda at: plain.curl(at), 'HAProxy and curl', ('curl 7.88.1', 'HAProxy 2.6.12'), expect='HTTP/2 200')

    def stunnel(at):
        with open(path('stunnel.conf'), 'w') as file:
            file.write('foreground = yes\npid =\n[x]\naccept = 127.0.0.1:%d\ncert = leaf.chain\nkey = leaf.key\nexec = /bin/cat\nexecArgs = cat\n' % at)
        return rig.Program(['stunnel', path('stunnel.conf')], at)
    record('stunnel', stunnel, lambda at: s_client(at), 'stunnel', ('OpenSSL 3.0.19 s_client', 'stunnel 5'), expect='Verify return code: 0')

    def mosquitto(at):
        with open(path('mosquitto.conf'), 'w') as file:
            file.write('listener %d 127.0.0.1\nallow_anonymous true\ncertfile %s\nkeyfile %s\nuser root\n' % (at, path('leaf.chain'), path('leaf.key')))
        return rig.Program(['mosquitto', '-c', path('mosquitto.conf')], at)
    held = ('mosquitto 2.0', 'mosquitto 2.0')
    record('mosquitto-pub', mosquitto, lambda at: rig.run(['mosquitto_pub', '-h', 'localhost', '-p', str(at), '--cafile', path('root.pem'), '-t', 'a', '-m', 'b']), 'a message published', held)
    record('mosquitto-idle', mosquitto, lambda at: rig.run(['mosquitto_sub', '-h', 'localhost', '-p', str(at), '--cafile', path('root.pem'), '-t', 'a', '-W', '2', '-k', '5']), 'a subscriber that hears nothing and leaves', held)

    java = '''
import javax.net.ssl.*; import java.io.*; import java.security.*; import java.security.cert.*; import java.nio.file.*;
public class J { public static void main(String[] a) throws Exception {
  KeyStore s = KeyStore.getInstance("PKCS12"); s.load(null, null);
  s.setCertificateEntry("r", CertificateFactory.getInstance("X.509").generateCertificate(new FileInputStream("root.pem")));
  TrustManagerFactory t = TrustManagerFactory.getInstance("PKIX"); t.init(s);
  SSLContext c = SSLContext.getInstance("TLS"); c.init(null, t.getTrustManagers(), null);
  SSLSocket k = (SSLSocket) c.getSocketFactory().createSocket(new java.net.Socket("127.0.0.1", Integer.parseInt(a[0])), "pump-7.plant.example", Integer.parseInt(a[0]), true);
  k.setEnabledProtocols(new String[] { a[1] });
  k.getOutputStream().write("hello\\n".getBytes()); System.out.println("got " + k.getInputStream().read());
  if (a[2].equals("half")) { k.shutdownOutput(); Thread.sleep(200); } k.close(); } }
'''
    with open(path('J.java'), 'w') as file:
        file.write(java)
    rig.run(['javac', 'J.java'], timeout=60)
    for version in ('TLSv1.2', 'TLSv1.3'):
        for how in ('close', 'half'):
            record('java-%s-%s' % (version.lower().replace('.', ''), how), s_server('-rev'), lambda at: rig.run(['java', '-cp', rig.WORK, 'J', str(at), version, how], timeout=20), 'Java; in TLS 1.3 it closes with user_canceled and close_notify',
                   ('Java 17', 'OpenSSL 3.0.19 s_server'), expect='got')


def changed_certificate():
    """One server context, two certificates: the session goes on after the renewal."""
    made = ends.context(server=True)

    def serve(connection):
        stream = made.wrap_socket(connection, server_side=True)
        ends.echo(stream)
        stream.close()

    def client(at):
        s_client(at, '-sess_out', path('session'))
        os.rename(path('keys'), path('keys1'))
        made.load_cert_chain(path('other.chain'), path('other.key'))
        return s_client(at, '-sess_in', path('session'))
    record('resumed-after-renewal', lambda at: ends.Thread(at, serve, count=2), client, 'resumed after the server has got another certificate', ('OpenSSL 3.0.19 s_client', ends.PYTHON), expect='Reused')
