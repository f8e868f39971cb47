// A client whose ClientHello holds an X25519MLKEM768 share: crypto/tls as it is by default. With "smtp" it sends
// EHLO and STARTTLS first.
package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

func main() {
	conn, err := net.Dial("tcp", os.Args[1])
	if err != nil {
		fmt.Println(err)
		return
	}
	conn.SetDeadline(time.Now().Add(2 * time.Second))
	if len(os.Args) > 2 {
		lines := bufio.NewReader(conn)
		lines.ReadString('\n')
		fmt.Fprint(conn, "EHLO client.windpark.example\r\n")
		for {
			line, err := lines.ReadString('\n')
			if err != nil || !strings.HasPrefix(line, "250-") {
				break
			}
		}
		fmt.Fprint(conn, "STARTTLS\r\n")
		lines.ReadString('\n')
	}
	client := tls.Client(conn, &tls.Config{ServerName: "station.windpark.example", InsecureSkipVerify: true})
	fmt.Println(client.Handshake())
	conn.Close()
}
