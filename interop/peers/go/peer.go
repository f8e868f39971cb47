// Go's crypto/tls as a client or a server, also with faults on purpose: it signs with another key, claims
// another kind of key, or refuses by a check of its own after the handshake. It prints what crypto/tls
// reports. Run by `interop::ask` and testkit/peers/ends.py.
package main

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

var (
	role      = flag.String("role", "client", "client or server")
	address   = flag.String("address", "", "HOST:PORT")
	name      = flag.String("name", "", "server name")
	ca        = flag.String("ca", "", "trusted roots")
	cert      = flag.String("cert", "", "own chain")
	key       = flag.String("key", "", "own key, not checked against the certificate")
	claim     = flag.String("claim", "", "certificate whose public key the signer claims to have")
	keylog    = flag.String("keylog", "", "key log file")
	low       = flag.String("min", "1.2", "lowest version")
	high      = flag.String("max", "1.3", "highest version")
	curves    = flag.String("curves", "", "numbers of groups")
	suites    = flag.String("suites", "", "numbers of suites of TLS 1.2")
	alpn      = flag.String("alpn", "", "protocols")
	auth      = flag.String("auth", "", "request or require a client certificate; verify it")
	pin       = flag.String("pin", "", "certificate that the peer must have")
	late      = flag.Bool("late", false, "check the pin after the handshake, in the application")
	insecure  = flag.Bool("insecure", false, "do not verify the peer")
	serves    = flag.String("serves", "", "the only server name a server accepts")
	data      = flag.String("data", "", "what a client sends")
	lines     = flag.Bool("lines", false, "a client sends its standard input and prints what comes back")
	connects  = flag.Int("connections", 1, "how often a client connects, with a session cache")
	abrupt    = flag.Bool("abrupt", false, "close TCP without close_notify")
	notickets = flag.Bool("notickets", false, "no session tickets")
)

type signer struct {
	crypto.Signer
	public crypto.PublicKey
}

func (s signer) Public() crypto.PublicKey { return s.public }

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	return value
}

func chain(file string) [][]byte {
	var out [][]byte
	rest := must(os.ReadFile(file))
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return out
		}
		out = append(out, block.Bytes)
	}
}

func own() []tls.Certificate {
	if *cert == "" {
		return nil
	}
	block, _ := pem.Decode(must(os.ReadFile(*key)))
	private := must(x509.ParsePKCS8PrivateKey(block.Bytes)).(crypto.Signer)
	made := tls.Certificate{Certificate: chain(*cert), PrivateKey: private}
	if *claim != "" {
		made.PrivateKey = signer{private, must(x509.ParseCertificate(chain(*claim)[0])).PublicKey}
	}
	return []tls.Certificate{made}
}

func version(text string) uint16 {
	return map[string]uint16{"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}[text]
}

// As tls.VersionName of Go 1.21, which Debian 12 does not have.
func versionName(number uint16) string {
	for _, text := range []string{"1.0", "1.1", "1.2", "1.3"} {
		if version(text) == number {
			return "TLS " + text
		}
	}
	return fmt.Sprintf("0x%04X", number)
}

func numbers(text string) []uint16 {
	var out []uint16
	for _, one := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
		out = append(out, uint16(must(strconv.ParseUint(one, 0, 16))))
	}
	return out
}

func pinned(state tls.ConnectionState) error {
	if *pin == "" {
		return nil
	}
	if len(state.PeerCertificates) == 0 || !bytes.Equal(state.PeerCertificates[0].Raw, chain(*pin)[0]) {
		return errors.New("the certificate of the peer is not the pinned one")
	}
	return nil
}

func config() *tls.Config {
	made := &tls.Config{
		Certificates: own(), ServerName: *name, MinVersion: version(*low), MaxVersion: version(*high),
		CipherSuites: numbers(*suites), InsecureSkipVerify: *insecure, SessionTicketsDisabled: *notickets,
		ClientSessionCache: tls.NewLRUClientSessionCache(4),
	}
	for _, one := range numbers(*curves) {
		made.CurvePreferences = append(made.CurvePreferences, tls.CurveID(one))
	}
	if *alpn != "" {
		made.NextProtos = strings.Split(*alpn, ",")
	}
	if *keylog != "" {
		made.KeyLogWriter = must(os.OpenFile(*keylog, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644))
	}
	if *ca != "" {
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(must(os.ReadFile(*ca)))
		made.RootCAs, made.ClientCAs = pool, pool
	}
	switch *auth {
	case "request":
		made.ClientAuth = tls.RequestClientCert
	case "require":
		made.ClientAuth = tls.RequireAnyClientCert
	case "verify":
		made.ClientAuth = tls.RequireAndVerifyClientCert
	}
	if !*late {
		made.VerifyConnection = pinned
	}
	if *serves != "" {
		certificates := made.Certificates
		made.Certificates = nil
		made.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if hello.ServerName == *serves {
				return &certificates[0], nil
			}
			return nil, fmt.Errorf("no certificate for %q", hello.ServerName)
		}
	}
	return made
}

func end(conn *tls.Conn) {
	if *abrupt {
		conn.NetConn().Close()
		return
	}
	conn.Close()
}

func serve() {
	listener := must(net.Listen("tcp", *address))
	settings := config()
	fmt.Println("listening")
	for {
		conn := tls.Server(must(listener.Accept()), settings)
		go func() {
			if err := conn.Handshake(); err != nil {
				fmt.Println("tls: handshake error:", err)
				conn.NetConn().Close()
				return
			}
			fmt.Println("handshake done")
			if _, err := io.Copy(conn, conn); err != nil {
				fmt.Println("read error:", err)
			}
			end(conn)
		}()
	}
}

func dial(settings *tls.Config) error {
	conn := tls.Client(must(net.Dial("tcp", *address)), settings)
	defer end(conn)
	if err := conn.Handshake(); err != nil {
		return fmt.Errorf("handshake error: %w", err)
	}
	state := conn.ConnectionState()
	fmt.Println("handshake done:", versionName(state.Version), tls.CipherSuiteName(state.CipherSuite), "resumed", state.DidResume)
	if *late {
		if err := pinned(state); err != nil {
			return err
		}
	}
	if *lines {
		go func() {
			io.Copy(conn, os.Stdin)
			conn.CloseWrite()
		}()
		_, err := io.Copy(os.Stdout, conn)
		return err
	}
	conn.SetDeadline(time.Now().Add(time.Second))
	if *data != "" {
		fmt.Fprint(conn, *data)
	}
	got, err := conn.Read(make([]byte, 4096))
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("read error: %w", err)
	}
	fmt.Println("read", got)
	return nil
}

func main() {
	flag.Parse()
	if *role == "server" {
		serve()
	}
	settings := config()
	for i := 0; i < *connects; i++ {
		if err := dial(settings); err != nil {
			fmt.Println(err)
		}
	}
}
