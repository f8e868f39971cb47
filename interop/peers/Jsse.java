// The TLS of Java (JSSE) as a peer with certificates on both sides: echoes lines as a server,
// sends lines as a client. `java Jsse.java server|client PORT VERSION CERT KEY ROOT`, files in PEM.
// `serve PORT VERSION,VERSION CERT KEY ROOT need|none` is a server of many, with or without
// certificates of its clients.
//
// Run by: interop/matrix/peers.tsv, interop/check/servers.tsv.

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

class Jsse {
    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[1]);
        String[] versions = Arrays.stream(args[2].split(",")).map("TLSv"::concat).toArray(String[]::new);
        SSLContext context = context(Path.of(args[3]), Path.of(args[4]), Path.of(args[5]));
        if (args[0].equals("serve")) {
            var listener = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(port);
            listener.setEnabledProtocols(versions);
            listener.setNeedClientAuth(args[6].equals("need"));
            System.out.println("listening");
            while (true) {
                var socket = (SSLSocket) listener.accept();
                new Thread(() -> echo(socket)).start();
            }
        } else if (args[0].equals("server")) {
            var listener = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(port);
            listener.setEnabledProtocols(versions);
            listener.setNeedClientAuth(true);
            System.out.println("listening");
            var socket = (SSLSocket) listener.accept();
            tell(socket);
            socket.getInputStream().transferTo(socket.getOutputStream());
            socket.close();
        } else {
            var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
            socket.setEnabledProtocols(versions);
            tell(socket);
            var echo = new BufferedReader(new InputStreamReader(socket.getInputStream()));
            var lines = new BufferedReader(new InputStreamReader(System.in));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                socket.getOutputStream().write((line + "\n").getBytes());
                System.out.println(echo.readLine());
            }
            socket.close();
        }
    }

    static void echo(SSLSocket socket) {
        try (socket) {
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException refused) {
            System.out.println(refused.getMessage());
        }
    }

    static void tell(SSLSocket socket) throws Exception {
        socket.startHandshake();
        var session = socket.getSession();
        System.out.println(session.getProtocol() + " " + session.getCipherSuite());
        System.out.println("peer " + session.getPeerPrincipal());
    }

    static SSLContext context(Path cert, Path key, Path root) throws Exception {
        Certificate[] chain = certificates(cert).toArray(new Certificate[0]);
        KeyStore own = empty(), roots = empty();
        own.setKeyEntry("own", key(key), new char[0], chain);
        int number = 0;
        for (Certificate one : certificates(root)) roots.setCertificateEntry("root" + number++, one);
        var keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, new char[0]);
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(roots);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    static KeyStore empty() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    static Collection<? extends Certificate> certificates(Path file) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
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
