// rustls as Deno uses it, as a client or a server: `deno run -A rustls.ts ROLE OPTIONS-AS-JSON`.
// Run by: testkit/peers/ends.py.
const [role, json] = Deno.args;
const options = JSON.parse(json);
const read = (name: string) => options[name] ? Deno.readTextFileSync(options[name]) : undefined;
const tell = (error: Error) => console.log(`${error.name}: ${error.message}`);

if (role === "server") {
  const listener = Deno.listenTls({
    hostname: options.host, port: options.port, cert: read("cert")!, key: read("key")!, alpnProtocols: options.alpn,
  });
  for (;;) {
    const conn = await listener.accept();
    conn.handshake().then(async () => {
      console.log("handshake done");
      await conn.readable.pipeTo(conn.writable);
    }).catch((error) => {
      tell(error);
      try { conn.close(); } catch { /* closed already */ }
    });
  }
} else {
  try {
    const plain = await Deno.connect({ hostname: options.host, port: options.port });
    const conn = await Deno.startTls(plain, {
      hostname: options.name, caCerts: options.ca ? [read("ca")!] : [], alpnProtocols: options.alpn,
    });
    await conn.handshake();
    console.log("handshake done");
    if (options.data) await conn.write(new TextEncoder().encode(options.data));
    await new Promise((done) => setTimeout(done, 300));
    conn.close();
  } catch (error) {
    tell(error as Error);
    Deno.exit(1);
  }
}
