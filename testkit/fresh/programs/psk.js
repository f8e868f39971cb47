// Node's tls module with a pre-shared key, as a client or a server: `node psk.js ROLE OPTIONS-AS-JSON`;
// `psk` is the key in hexadecimal, `identity` its name. Run by: testkit/fresh/ends.py.
const tls = require('tls');
const fs = require('fs');
const [role, json] = process.argv.slice(2);
const options = JSON.parse(json);
const psk = Buffer.from(options.psk, 'hex');
const tell = (error) => console.log(`${error.name} [${error.code}]: ${error.message}`);
const log = (line) => options.keylog && fs.appendFileSync(options.keylog, line);

if (role === 'server') {
  options.pskCallback = (socket, identity) => identity === options.identity ? psk : null;
  const server = tls.createServer(options, (socket) => {
    console.log('handshake done', socket.getProtocol());
    socket.on('error', tell);
    socket.pipe(socket);
  });
  server.on('tlsClientError', tell);
  server.on('keylog', log);
  server.listen(options.port, options.host);
} else {
  options.pskCallback = () => ({ psk, identity: options.identity });
  options.checkServerIdentity = () => undefined;
  const socket = tls.connect(options, () => {
    console.log('handshake done', socket.getProtocol());
    socket.write('hello\n');
    setTimeout(() => socket.end(), 300);
  });
  socket.on('keylog', log);
  socket.on('error', tell);
}
