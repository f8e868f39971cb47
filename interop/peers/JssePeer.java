// The TLS of Java (JSSE) as a client or a server: `java JssePeer.java NAME=VALUE …`, certificates in PEM. It
// prints the exceptions with their messages. Names:
//
//   role=client|server host= port= name= ca= cert= key= protocols= suites= alpn= crl= sni=
//   need=1       a server requires a client certificate
//   nocheck=1    a client does not compare the name with the certificate
//   ready=TEXT   a server prints this line once it listens
//   count=N      a client connects N times
//   data=TEXT    a client sends this
//   lines=1      a client sends the lines of its standard input and prints each answer
//   facts=1      prints protocol, suite and the subject of the peer's certificate
//
// A server echoes what it receives. The key is not compared with the certificate, as in a key store made
// by hand. Run by the crate `interop` (rows of interop/matrix/other_peers.tsv, interop/check/servers.tsv)
// and by testkit/peers/ends.py.

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.X509CertSelector;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

class JssePeer {
    static final Map<String, String> options = new HashMap<>();

    public static void main(String[] args) throws Exception {
        for (String one : args) options.put(one.substring(0, one.indexOf('=')), one.substring(one.indexOf('=') + 1));
        SSLContext context = context();
        InetAddress host = InetAddress.getByName(options.getOrDefault("host", "127.0.0.1"));
        int port = Integer.parseInt(options.get("port"));
        if (options.get("role").equals("client")) {
            int count = Integer.parseInt(options.getOrDefault("count", "1"));
            for (int i = 0; i < count; i++) {
                var socket = (SSLSocket) context.getSocketFactory().createSocket();
                socket.connect(new java.net.InetSocketAddress(host, port));
                socket.setSSLParameters(parameters(socket.getSSLParameters(), true));
                client(socket);
            }
            return;
        }
        var listener = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(port, 10, host);
        listener.setSSLParameters(parameters(listener.getSSLParameters(), false));
        if (options.containsKey("ready")) System.out.println(options.get("ready"));
        while (true) {
            var socket = (SSLSocket) listener.accept();
            new Thread(() -> server(socket)).start();
        }
    }

    static void server(SSLSocket socket) {
        try (socket) {
            socket.startHandshake();
            System.out.println("handshake done");
            facts(socket);
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (Exception error) {
            print(error);
        }
    }

    static void client(SSLSocket socket) {
        try (socket) {
            socket.startHandshake();
            System.out.println("handshake done: " + socket.getSession().getProtocol() + " " + socket.getSession().getCipherSuite());
            facts(socket);
            if (options.containsKey("lines")) {
                lines(socket);
                return;
            }
            socket.setSoTimeout(700);
            if (options.containsKey("data")) socket.getOutputStream().write(options.get("data").getBytes());
            System.out.println("read " + socket.getInputStream().read(new byte[4096]));
        } catch (Exception error) {
            print(error);
        }
    }

    static void facts(SSLSocket socket) throws Exception {
        if (!options.containsKey("facts")) return;
        var session = socket.getSession();
        System.out.println(session.getProtocol() + " " + session.getCipherSuite());
        // A server that requires no client certificate has no peer to name.
        if (socket.getUseClientMode() || options.containsKey("need")) System.out.println("peer " + session.getPeerPrincipal());
    }

    static void lines(SSLSocket socket) throws Exception {
        var answers = new BufferedReader(new InputStreamReader(socket.getInputStream()));
        var input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            socket.getOutputStream().write((line + "\n").getBytes());
            System.out.println(answers.readLine());
        }
    }

    static void print(Throwable error) {
        for (String head = "EXC "; error != null; error = error.getCause(), head = "caused by ") {
            System.out.println(head + error.getClass().getName() + ": " + error.getMessage());
        }
        System.out.flush();
    }

    static SSLParameters parameters(SSLParameters made, boolean client) {
        if (options.containsKey("protocols")) made.setProtocols(options.get("protocols").split(","));
        if (options.containsKey("suites")) made.setCipherSuites(options.get("suites").split(","));
        if (options.containsKey("alpn")) made.setApplicationProtocols(options.get("alpn").split(","));
        if (options.containsKey("need")) made.setNeedClientAuth(true);
        if (options.containsKey("sni")) made.setSNIMatchers(List.of(new OnlyOne(options.get("sni"))));
        if (client && options.containsKey("name")) {
            made.setServerNames(List.of(new SNIHostName(options.get("name"))));
            if (!options.containsKey("nocheck")) made.setEndpointIdentificationAlgorithm("HTTPS");
        }
        return made;
    }

    /** Refuses any other server name. */
    static class OnlyOne extends SNIMatcher {
        final String name;

        OnlyOne(String name) {
            super(0);
            this.name = name;
        }

        @Override
        public boolean matches(SNIServerName asked) {
            return new String(asked.getEncoded()).equalsIgnoreCase(name);
        }
    }

    static SSLContext context() throws Exception {
        KeyManagerFactory keys = null;
        if (options.containsKey("cert")) {
            KeyStore own = empty();
            Certificate[] chain = certificates(options.get("cert")).toArray(new Certificate[0]);
            own.setKeyEntry("own", key(Path.of(options.get("key"))), new char[0], chain);
            keys = KeyManagerFactory.getInstance("NewSunX509");
            keys.init(own, new char[0]);
        }
        SSLContext made = SSLContext.getInstance("TLS");
        made.init(keys == null ? null : keys.getKeyManagers(), options.containsKey("ca") ? trust() : null, null);
        return made;
    }

    static TrustManager[] trust() throws Exception {
        KeyStore roots = empty();
        int number = 0;
        for (Certificate one : certificates(options.get("ca"))) roots.setCertificateEntry("root" + number++, one);
        var made = TrustManagerFactory.getInstance("PKIX");
        if (!options.containsKey("crl")) {
            made.init(roots);
            return made.getTrustManagers();
        }
        var checker = (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
        checker.setOptions(EnumSet.of(PKIXRevocationChecker.Option.PREFER_CRLS, PKIXRevocationChecker.Option.NO_FALLBACK,
                PKIXRevocationChecker.Option.ONLY_END_ENTITY));
        var parameters = new PKIXBuilderParameters(roots, new X509CertSelector());
        try (InputStream in = Files.newInputStream(Path.of(options.get("crl")))) {
            var lists = CertificateFactory.getInstance("X.509").generateCRLs(in);
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(lists)));
        }
        parameters.addCertPathChecker(checker);
        made.init(new CertPathTrustManagerParameters(parameters));
        return made.getTrustManagers();
    }

    static KeyStore empty() throws Exception {
        KeyStore store = KeyStore.getInstance("JKS");
        store.load(null, null);
        return store;
    }

    static Collection<? extends Certificate> certificates(String file) throws Exception {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
    }

    static PrivateKey key(Path file) throws Exception {
        String text = Files.readString(file).replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
        var spec = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text));
        for (String algorithm : new String[] {"EC", "RSA", "EdDSA"}) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (GeneralSecurityException another) {
                continue;
            }
        }
        throw new GeneralSecurityException(file + " holds no key that Java knows");
    }
}
