package verify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"vmloom/atomic"
	"vmloom/process"
)

// owner is the program that listens at a port of this host.
type owner struct {
	pid   int // 0: one of another user
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

// listener finds who listens at a port of the host's 127.0.0.1; nil: nobody.
func listener(ctx context.Context, s *session, port int) (*owner, error) {
	if _, err := os.Stat(procTables[0]); err == nil {
		return procListener(port)
	}
	return lsofListener(ctx, s, port)
}

// procTables are where Linux has its sockets.
var procTables = []string{"/proc/net/tcp", "/proc/net/tcp6"}

// procListener asks Linux: the socket's number, and which process has it open.
func procListener(port int) (*owner, error) {
	inodes := map[string]bool{}
	for _, table := range procTables {
		data, err := atomic.Read(table, atomic.Most)
		if err != nil && !os.IsNotExist(err) { // there may be no IPv6
			return nil, err
		}
		for _, l := range tcpTable(string(data)) {
			if l.state == listening && l.port == port && reachesLoopback[l.address] {
				inodes["socket:["+l.inode+"]"] = true
			}
		}
	}
	if len(inodes) == 0 {
		return nil, nil
	}
	found, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, fd := range found {
		if link, err := os.Readlink(fd); err != nil || !inodes[link] {
			continue
		}
		dir := filepath.Dir(filepath.Dir(fd))
		pid, _ := strconv.Atoi(filepath.Base(dir))
		if words, err := atomic.Read(dir+"/cmdline", atomic.Most); err == nil && len(words) > 0 {
			return &owner{pid, strings.Split(strings.TrimSuffix(string(words), "\x00"), "\x00")}, nil
		}
	}
	return &owner{}, nil
}

var lsofPID = regexp.MustCompile(`(?m)^p([0-9]+)$`)

// lsofListener asks macOS, whose lsof shows a user his own processes.
func lsofListener(ctx context.Context, s *session, port int) (*owner, error) {
	a := s.askAgain(ctx, process.Cmd{Args: []string{"lsof", "-nP", "-a", "-iTCP@127.0.0.1:" + strconv.Itoa(port), "-iTCP:" + strconv.Itoa(port), "-sTCP:LISTEN", "-Fp"}})
	m := lsofPID.FindStringSubmatch(a.out)
	switch {
	case a.missing():
		return nil, a.err
	case m == nil && free(port):
		return nil, nil
	case m == nil:
		return &owner{}, nil
	}
	ps := s.askAgain(ctx, process.Cmd{Args: []string{"ps", "-ww", "-o", "command=", "-p", m[1]}})
	pid, _ := strconv.Atoi(m[1])
	if words := strings.Fields(ps.out); ps.ok() && len(words) > 0 {
		return &owner{pid, words}, nil
	}
	return nil, fmt.Errorf("ps: %s", ps.why())
}
