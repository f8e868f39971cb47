// A server of Go's crypto/tls that echoes, with a signer that fails in one chosen way:
// signer ADDRESS VERSION CHAIN KEY FAULT [KEYLOG]
// "bit" flips one bit of every signature, "other" signs another digest with the right key, "key" signs with a
// key that is not the certificate's.
//
// Run by: testkit/scripted/ends.py.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
)

type signer struct {
	crypto.Signer
	fault string
}

func (s signer) Sign(r io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	key := s.Signer
	switch s.fault {
	case "other":
		digest = append([]byte{}, digest...)
		digest[0] ^= 0x80
	case "key":
		var err error
		if _, ec := s.Public().(*ecdsa.PublicKey); ec {
			key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		} else {
			key, err = rsa.GenerateKey(rand.Reader, 2048)
		}
		if err != nil {
			return nil, err
		}
	}
	made, err := key.Sign(r, digest, o)
	if s.fault == "bit" && err == nil {
		made[len(made)-5] ^= 4
	}
	return made, err
}

func fail(err error) {
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

func main() {
	a := os.Args
	pair, err := tls.LoadX509KeyPair(a[3], a[4])
	fail(err)
	pair.PrivateKey = signer{pair.PrivateKey.(crypto.Signer), a[5]}
	version := map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}[a[2]]
	config := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: version, MaxVersion: version}
	if len(a) > 6 && a[6] != "" {
		config.KeyLogWriter, err = os.OpenFile(a[6], os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0600)
		fail(err)
	}
	listener, err := net.Listen("tcp", a[1])
	fail(err)
	for {
		plain, err := listener.Accept()
		fail(err)
		conn := tls.Server(plain, config)
		if err := conn.Handshake(); err != nil {
			fmt.Println("error:", err)
		} else if _, err = io.Copy(conn, conn); err != nil {
			fmt.Println("error:", err)
		}
		conn.Close()
	}
}
