// Java's own HTTP client at a server of TLS: `java HttpClientPeer.java NAME=VALUE …`. Names:
//
//   url=         https://HOST:PORT
//   ca=          the CA to trust, in PEM
//   store=       our certificate and key, PKCS#12 with the password `store`; without one no certificate is sent
//   version=     HTTP_1_1 or HTTP_2
//   name=        of the response in pieces
//   socket=1     also a WebSocket, which needs HTTP/1.1
//
// It does what interop/services/page.html does in a browser, reads a response in pieces, and prints one line. Run by
// interop/src/services/clients.rs.

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

class HttpClientPeer {
    static final Map<String, String> options = new HashMap<>();

    public static void main(String[] args) throws Exception {
        for (String one : args) options.put(one.substring(0, one.indexOf('=')), one.substring(one.indexOf('=') + 1));
        HttpClient client = HttpClient.newBuilder()
            .sslContext(context()).version(HttpClient.Version.valueOf(options.get("version"))).build();
        var results = new ArrayList<String>();
        var large = client.send(get("/large"), BodyHandlers.ofByteArray());
        var hash = MessageDigest.getInstance("SHA-256").digest(large.body());
        results.add("SHA-256 " + HexFormat.of().formatHex(hash));
        var post = HttpRequest.newBuilder(uri("/length")).POST(BodyPublishers.ofString("x".repeat(1000000))).build();
        results.add(client.send(post, BodyHandlers.ofString()).body().trim());
        if (options.containsKey("socket")) results.add(echo(client));
        results.add(pieces(client));
        results.add(large.version().toString());
        System.out.println(String.join("; ", results));
        // The client's threads would keep the program for a minute.
        System.exit(0);
    }

    static URI uri(String path) {
        return URI.create(options.get("url") + path);
    }

    static HttpRequest get(String path) {
        return HttpRequest.newBuilder(uri(path)).build();
    }

    // The server sends a piece only once the one before was received.
    static String pieces(HttpClient client) throws Exception {
        InputStream body = client.send(get("/live/pieces/" + options.get("name")), BodyHandlers.ofInputStream()).body();
        var pieces = new ArrayList<String>();
        var buffer = new byte[1000];
        for (int read = body.read(buffer); read > 0; read = body.read(buffer)) {
            pieces.add(new String(buffer, 0, read));
            client.send(get("/live/next/" + options.get("name")), BodyHandlers.discarding());
        }
        return String.join(", ", pieces);
    }

    static String echo(HttpClient client) throws Exception {
        var done = new CompletableFuture<String>();
        List<String> messages = new ArrayList<>();
        URI address = URI.create(options.get("url").replace("https:", "wss:") + "/live/socket");
        client.newWebSocketBuilder().buildAsync(address, new WebSocket.Listener() {
            @Override
            public void onOpen(WebSocket socket) {
                socket.sendText("message 0", true);
                socket.request(1);
            }

            @Override
            public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
                messages.add(text.toString());
                if (messages.size() < 3) socket.sendText("message " + messages.size(), true);
                else socket.sendClose(1000, "");
                socket.request(1);
                return null;
            }

            @Override
            public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
                done.complete(String.join(", ", messages) + ", " + status + " clean");
                return null;
            }

            @Override
            public void onError(WebSocket socket, Throwable error) {
                done.completeExceptionally(error);
            }
        }).join();
        return done.get(30, TimeUnit.SECONDS);
    }

    static SSLContext context() throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream pem = Files.newInputStream(Path.of(options.get("ca")))) {
            trusted.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        var context = SSLContext.getInstance("TLS");
        KeyManagerFactory keys = null;
        if (options.containsKey("store")) {
            char[] password = "store".toCharArray();
            keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(KeyStore.getInstance(Path.of(options.get("store")).toFile(), password), password);
        }
        context.init(keys == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
