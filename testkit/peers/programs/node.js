// Node's tls module as a client or a server: `node node.js ROLE OPTIONS-AS-JSON`; `files` names the
// options that are read from files. Run by: testkit/peers/ends.py.
const tls = require('tls');
const fs = require('fs');
const [role, json] = process.argv.slice(2);
const options = JSON.parse(json);
for (const name of options.files || []) options[name] = fs.readFileSync(options[name]);
const tell = (error) => console.log(`${error.name} [${error.code}]: ${error.message}`);
const log = (socket) => options.keylog && socket.on('keylog', (line) => fs.appendFileSync(options.keylog, line));

if (role === 'server') {
  if (options.serves) {
    const context = tls.createSecureContext(options);
    options.SNICallback = (name, done) => name === options.serves ? done(null, context) : done(new Error(`no certificate for ${name}`));
  }
  const server = tls.createServer(options, (socket) => {
    console.log('handshake done', socket.getProtocol());
    socket.on('error', tell);
    socket.pipe(socket);
  });
  server.on('tlsClientError', tell);
  if (options.keylog) server.on('keylog', (line) => fs.appendFileSync(options.keylog, line));
  server.listen(options.port, options.host);
} else {
  const socket = tls.connect(options, () => {
    console.log('handshake done', socket.getProtocol());
    if (options.pin && !socket.getPeerCertificate().raw.equals(new (require('crypto').X509Certificate)(fs.readFileSync(options.pin)).raw)) {
      console.log('the certificate of the peer is not the pinned one');
      socket.destroy();
      return;
    }
    if (options.data) socket.write(options.data);
    setTimeout(() => options.abrupt ? socket.destroy() : socket.end(), 300);
  });
  log(socket);
  socket.on('error', tell);
}
