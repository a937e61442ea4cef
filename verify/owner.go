package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"vmloom/atomic"
	"vmloom/pattern"
	"vmloom/process"
	"vmloom/profile"
)

// owner is a program that has a port of this host.
type owner struct {
	pid   int // 0: one of another user
	port  int
	words []string
}

func (o owner) String() string {
	if o.pid == 0 {
		return "a program of another user"
	}
	return fmt.Sprintf("%s, process %d,", filepath.Base(o.words[0]), o.pid)
}

// of reports whether the program works on what lies in a directory: its words name
// it, and not one whose path ends alike.
func (o owner) of(dir string) bool {
	for _, word := range o.words {
		for before, rest, found := strings.Cut(word, dir+"/"); found; before, rest, found = strings.Cut(rest, dir+"/") {
			if last, _ := utf8.DecodeLastRuneInString(before); before == "" || !unicode.IsLetter(last) && !unicode.IsDigit(last) && !strings.ContainsRune("._-/", last) {
				return true
			}
		}
	}
	return false
}

// hostPort is a place on this host: ports of one of its addresses, for one protocol.
type hostPort struct {
	over, at string
	ports    profile.PortRange
}

// placeOf is where a port of the guest is on this host.
func placeOf(port profile.Port) hostPort { return hostPort{port.Over(), port.At(), port.Host} }

// open is nil where all of them can be had, else why one cannot.
func (h hostPort) open() error {
	for port := h.ports.First; port <= h.ports.Last; port++ {
		var held io.Closer
		var err error
		if h.over == "udp" {
			held, err = net.ListenPacket("udp", hostAddress(h.at, port))
		} else {
			held, err = net.Listen("tcp", hostAddress(h.at, port))
		}
		if err != nil {
			return err
		}
		held.Close()
	}
	return nil
}

// verdictOf is that of a place which no program but the VM has, by what opening it said.
func verdictOf(opened error, held bool, on profile.HostOS) verdict {
	switch {
	case opened == nil:
		return good("free")
	case errors.Is(opened, fs.ErrPermission) && !held && !on.LowPorts: // where they are root's, Lima finds a way round
		return bad("you may not open it").since(say("ports below 1024 are root's on %s", on.Title),
			say("take a host port of 1024 or above, or %s", "sudo sysctl net.ipv4.ip_unprivileged_port_start=80"))
	}
	return good("the VM's")
}

// listeners finds who has a place of this host, each program once.
func listeners(ctx context.Context, s *session, h hostPort) ([]owner, error) {
	if _, err := os.Stat(procTables[h.over][0]); err == nil {
		return procListeners(h)
	}
	return lsofListeners(ctx, s, h)
}

// procTables are where Linux has its sockets.
var procTables = map[string][]string{"tcp": {"/proc/net/tcp", "/proc/net/tcp6"}, "udp": {"/proc/net/udp", "/proc/net/udp6"}}

// procListeners asks Linux: the sockets' numbers, and which processes have them open.
func procListeners(h hostPort) (found []owner, err error) {
	inodes := map[string]int{}
	for _, table := range procTables[h.over] {
		data, err := atomic.Read(table, atomic.Most)
		if err != nil && !os.IsNotExist(err) { // there may be no IPv6
			return nil, err
		}
		for _, l := range socketTable(string(data)) {
			if l.open() && h.ports.Has(l.port) && l.takes(h.at) {
				inodes["socket:["+l.inode+"]"] = l.port
			}
		}
	}
	if len(inodes) == 0 {
		return nil, nil
	}
	seen := map[int]bool{}
	files, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, fd := range files {
		link, err := os.Readlink(fd)
		port, is := inodes[link]
		dir := filepath.Dir(filepath.Dir(fd))
		pid, _ := strconv.Atoi(filepath.Base(dir))
		if err != nil || !is {
			continue
		}
		words, err := atomic.Read(dir+"/cmdline", atomic.Most)
		if err != nil || len(words) == 0 {
			continue
		}
		delete(inodes, link)
		if !seen[pid] {
			seen[pid] = true
			found = append(found, owner{pid, port, strings.Split(strings.TrimSuffix(string(words), "\x00"), "\x00")})
		}
	}
	for _, port := range inodes { // nobody of this user
		return append(found, owner{port: port}), nil
	}
	return found, nil
}

var lsofPID = pattern.New(`(?m)^p([0-9]+)$`)

// lsofListeners asks macOS, whose lsof shows a user his own processes.
func lsofListeners(ctx context.Context, s *session, h hostPort) (found []owner, err error) {
	over, ports := strings.ToUpper(h.over), ":"+h.ports.String()
	args := []string{"lsof", "-nP", "-a", "-i" + over + "@" + h.at + ports, "-i" + over + ports, "-sTCP:LISTEN", "-Fp"}
	if h.over == "udp" {
		args = slices.Delete(args, 5, 6)
	}
	if h.at == anyAddress {
		args = slices.Delete(args, 3, 4)
	}
	a, opened := s.askAgain(ctx, process.Cmd{Args: args}), h.open()
	pids := lsofPID().FindAllStringSubmatch(a.out, -1)
	switch {
	case a.missing():
		return nil, a.err
	case len(pids) == 0 && (opened == nil || errors.Is(opened, fs.ErrPermission)):
		return nil, nil
	case len(pids) == 0:
		return []owner{{port: h.ports.First}}, nil
	}
	for _, m := range pids {
		ps := s.askAgain(ctx, process.Cmd{Args: []string{"ps", "-ww", "-o", "command=", "-p", m[1]}})
		pid, _ := strconv.Atoi(m[1])
		words := strings.Fields(ps.out)
		if !ps.ok() || len(words) == 0 {
			return nil, fmt.Errorf("ps: %s", ps.why())
		}
		found = append(found, owner{pid, h.ports.First, words})
	}
	return found, nil
}
