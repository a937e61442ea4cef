package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"vmloom/internal/tooltest"
)

// fillGuest makes a fake guest of the instance of a profile, or changes what it says:
// guest PROFILE NAME=VALUE...
func fillGuest(ts *testscript.TestScript, neg bool, args []string) {
	cmd := exec.Command(fakes(), slices.Concat([]string{"fill", "fill", ts.MkAbs(args[0])}, args[1:])...)
	cmd.Env = append(os.Environ(), "HOME="+ts.Getenv("HOME"))
	if out, err := cmd.CombinedOutput(); err != nil {
		ts.Fatalf("%v: %s", err, out)
	}
}

// freePortIn sets a variable to a port that nobody has.
func freePortIn(ts *testscript.TestScript, neg bool, names []string) {
	for _, name := range names {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		ts.Setenv(name, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
		ts.Check(l.Close())
	}
}

// taken has another program listen at ports, until the script ends.
func taken(ts *testscript.TestScript, neg bool, ports []string) {
	for _, port := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:"+port)
		ts.Check(err)
		ts.Defer(func() { l.Close() })
	}
}

// shortHome gives the script a home under a short name, since a socket's path has 104
// characters at most.
func shortHome(ts *testscript.TestScript, neg bool, args []string) {
	dir, err := os.MkdirTemp("/tmp", "vm")
	ts.Check(err)
	ts.Defer(func() { os.RemoveAll(dir) })
	ts.Setenv("HOME", dir)
}

// serve listens at sockets of the host, and answers as an agent and as Docker do; of
// "serve =FILE" nobody knows the answers; "serve -FILE" stops it.
func serve(ts *testscript.TestScript, neg bool, files []string) {
	for _, file := range files {
		if gone, ok := strings.CutPrefix(file, "-"); ok {
			ts.Check(os.Remove(ts.MkAbs(gone)))
			continue
		}
		file, silent := strings.CutPrefix(file, "=")
		path := ts.MkAbs(file)
		ts.Check(os.MkdirAll(filepath.Dir(path), 0o777))
		l, err := net.Listen("unix", path)
		ts.Check(err)
		ts.Defer(func() { l.Close() })
		go tooltest.Serve(l, func(c net.Conn) { tooltest.Answer(c, silent) })
	}
}
