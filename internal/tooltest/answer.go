package tooltest

import (
	"io"
	"net"
	"strings"
)

// Answer is a program behind a socket, for one connection: it answers what an agent of
// ssh and what Docker is asked, and anything else with words of its own.
func Answer(c net.Conn, stranger bool) {
	defer c.Close()
	asked := make([]byte, 5)
	if _, err := io.ReadFull(c, asked); err != nil {
		return
	}
	switch {
	case stranger:
		io.WriteString(c, "220 another program\n")
	case asked[4] == 11:
		c.Write([]byte{0, 0, 0, 5, 12, 0, 0, 0, 0}) // no keys
	case strings.HasPrefix(string(asked), "GET"):
		io.WriteString(c, "HTTP/1.0 200 OK\r\n\r\nOK")
	}
	io.Copy(io.Discard, c)
}
