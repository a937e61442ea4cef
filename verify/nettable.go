package verify

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// socketLine is a line of /proc/net/tcp, udp and their kin of IPv6. An address is as the
// kernel writes it: hexadecimal, the bytes of a word from the last to the first.
type socketLine struct {
	address          string
	port, remotePort int
	state, inode     string
}

// What a socket does that waits for others: one of connections, one of datagrams.
const (
	listening = "0A"
	receiving = "07"
)

// tableHead is a part of the first line of each table.
const tableHead = "local_address"

// anyAddress is every one of a machine's.
const anyAddress = "0.0.0.0"

// loopback are those that a network card does not lead to, wildcards those of a listener
// that has all of the machine's.
var (
	loopback  = map[string]bool{"0100007F": true, "00000000000000000000000001000000": true, mapped + "0100007F": true}
	wildcards = map[string]bool{"00000000": true, "00000000000000000000000000000000": true}
)

const mapped = "0000000000000000FFFF0000"

// open reports whether it waits for others.
func (l socketLine) open() bool { return l.state == listening || l.state == receiving }

// takes reports whether who comes to an address of the machine's meets it there; to that of all, any.
func (l socketLine) takes(at string) bool {
	a, err := netip.ParseAddr(at)
	if err != nil || at == anyAddress || wildcards[l.address] {
		return err == nil
	}
	b := a.As4()
	hex := fmt.Sprintf("%02X%02X%02X%02X", b[3], b[2], b[1], b[0])
	return l.address == hex || l.address == mapped+hex
}

func socketTable(text string) (out []socketLine) {
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
		l := socketLine{address: address, port: port, remotePort: remote, state: f[3]}
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
