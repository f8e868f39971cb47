// Go's crypto/tls as a client or an echoing server, with signers that fail in one chosen way (-fault):
// "bit" flips one bit of every signature, "other" signs another digest with the right key, "key" signs with a
// key that is not the certificate's, "late" makes the second signature bad only.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

type signer struct {
	crypto.Signer
	fault string
}

func (s signer) Sign(r io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	switch s.fault {
	case "other":
		digest = append([]byte{}, digest...)
		digest[0] ^= 0x80
	case "key":
		if _, ec := s.Public().(*ecdsa.PublicKey); ec {
			k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				return nil, err
			}
			return k.Sign(r, digest, o)
		}
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, err
		}
		return k.Sign(r, digest, o)
	}
	sig, err := s.Signer.Sign(r, digest, o)
	if s.fault == "bit" && err == nil {
		sig[len(sig)-5] ^= 4
	}
	return sig, err
}

func fail(err error) {
	if err != nil {
		fmt.Println("error:", err)
		time.Sleep(50 * time.Millisecond)
		os.Exit(1)
	}
}

func main() {
	role := flag.String("role", "client", "")
	addr := flag.String("addr", "", "")
	version := flag.String("tls", "", "")
	cert := flag.String("cert", "", "")
	key := flag.String("key", "", "")
	ca := flag.String("ca", "", "")
	name := flag.String("name", "localhost", "")
	keylog := flag.String("keylog", "", "")
	fault := flag.String("fault", "", "")
	groups := flag.String("groups", "", "")
	suites := flag.String("suites", "", "")
	flag.Parse()
	c := &tls.Config{ServerName: *name}
	switch *version {
	case "1.2":
		c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	case "1.3":
		c.MinVersion, c.MaxVersion = tls.VersionTLS13, tls.VersionTLS13
	}
	for _, g := range strings.Split(*groups, ",") {
		if id, ok := map[string]tls.CurveID{"P-256": tls.CurveP256, "P-384": tls.CurveP384, "P-521": tls.CurveP521, "X25519": tls.X25519}[g]; ok {
			c.CurvePreferences = append(c.CurvePreferences, id)
		}
	}
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		for _, want := range strings.Split(*suites, ",") {
			if s.Name == want {
				c.CipherSuites = append(c.CipherSuites, s.ID)
			}
		}
	}
	if *keylog != "" {
		f, err := os.OpenFile(*keylog, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0600)
		fail(err)
		c.KeyLogWriter = f
	}
	if *cert != "" {
		pair, err := tls.LoadX509KeyPair(*cert, *key)
		fail(err)
		if *fault != "" {
			pair.PrivateKey = signer{pair.PrivateKey.(crypto.Signer), *fault}
		}
		c.Certificates = []tls.Certificate{pair}
	}
	if *ca != "" {
		text, err := os.ReadFile(*ca)
		fail(err)
		pool, block := x509.NewCertPool(), (*pem.Block)(nil)
		for block, text = pem.Decode(text); block != nil; block, text = pem.Decode(text) {
			one, err := x509.ParseCertificate(block.Bytes)
			fail(err)
			pool.AddCert(one)
		}
		c.RootCAs = pool
	}
	if *role == "server" {
		l, err := net.Listen("tcp", *addr)
		fail(err)
		for {
			raw, err := l.Accept()
			fail(err)
			conn := tls.Server(raw, c)
			if err := conn.Handshake(); err != nil {
				fmt.Println("error:", err)
			} else if _, err = io.Copy(conn, conn); err != nil {
				fmt.Println("error:", err)
			}
			conn.Close()
		}
	}
	raw, err := net.DialTimeout("tcp", *addr, 3*time.Second)
	fail(err)
	raw.SetDeadline(time.Now().Add(6 * time.Second))
	conn := tls.Client(raw, c)
	if err = conn.Handshake(); err != nil {
		raw.Close()
	}
	fail(err)
	_, err = conn.Write([]byte("level 4.2\n"))
	fail(err)
	answer := make([]byte, 100)
	n, err := conn.Read(answer)
	fail(err)
	fmt.Printf("%q\n", answer[:n])
	conn.Close()
}
