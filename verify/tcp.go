package verify

import (
	"strconv"
	"strings"
)

// tcpLine is a line of /proc/net/tcp or tcp6. An address is as the kernel writes
// it: hexadecimal, the bytes of a word from the last to the first.
type tcpLine struct {
	address          string
	port, remotePort int
	state, inode     string
}

const listening = "0A"

// anyAddress are those at which a listener has all of the machine's; a listener at
// one of reachesLoopback is reached by 127.0.0.1.
var (
	loopback        = map[string]bool{"0100007F": true, "00000000000000000000000001000000": true, "0000000000000000FFFF00000100007F": true}
	reachesLoopback = map[string]bool{"0100007F": true, "0000000000000000FFFF00000100007F": true, "00000000": true, "00000000000000000000000000000000": true}
)

func tcpTable(text string) (out []tcpLine) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 4 {
			continue
		}
		address, port, ok := hexAddress(f[1])
		_, remote, ok2 := hexAddress(f[2])
		if !ok || !ok2 {
			continue
		}
		l := tcpLine{address: address, port: port, remotePort: remote, state: f[3]}
		if len(f) > 9 {
			l.inode = f[9]
		}
		out = append(out, l)
	}
	return out
}

func hexAddress(text string) (address string, port int, ok bool) {
	address, hex, found := strings.Cut(text, ":")
	n, err := strconv.ParseUint(hex, 16, 16)
	return address, int(n), found && err == nil
}
