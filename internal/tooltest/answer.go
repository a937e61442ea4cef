package tooltest

import (
	"io"
	"net"
	"strings"
	"testing"
)

// Listen has answer speak with each that connects to a socket, until the test ends.
func Listen(t testing.TB, path string, answer func(net.Conn)) {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go Serve(l, answer)
}

// Serve has answer speak with each that connects, one beside the other, until the listener is closed.
func Serve(l net.Listener, answer func(net.Conn)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			answer(c)
		}()
	}
}

// Answer is a program behind a socket, for one connection: it answers what agents of
// ssh and gpg and what Docker are asked, and anything else with words of its own.
func Answer(c net.Conn, stranger bool) {
	asked := make([]byte, 5)
	if _, err := io.ReadFull(c, asked); err != nil {
		return
	}
	switch {
	case stranger:
		io.WriteString(c, "220 another program\n")
	case asked[4] == 11:
		c.Write([]byte{0, 0, 0, 5, 12, 0, 0, 0, 0}) // no keys
	case string(asked) == "GETIN":
		io.WriteString(c, "OK Pleased to meet you\nOK\nERR 67109115 Forbidden\nERR 67109115 Forbidden\nOK closing connection\n")
		return
	case strings.HasPrefix(string(asked), "GET"):
		io.WriteString(c, "HTTP/1.0 200 OK\r\n\r\nOK")
	}
	io.Copy(io.Discard, c)
}
