package main

import (
	"os/exec"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// tunnel has the host agent of an instance forward a port of the host to a program
// that listens in its fake guest: tunnel FILE-OF-THE-INSTANCE HOST-PORT GUEST-PORT.
// "tunnel - ..." is a program of somebody else's, whose connections end nowhere.
func tunnel(ts *testscript.TestScript, neg bool, args []string) {
	cmd := exec.Command(filepath.Join(filepath.Dir(fakes()), "fake-tunnel"), args...)
	cmd.Env = []string{"PATH=" + ts.Getenv("PATH"), "GORACE=atexit_sleep_ms=0"}
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	in, err := cmd.StdinPipe() // it ends with the script
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() { in.Close(); cmd.Wait() })
	if _, err := out.Read(make([]byte, 1)); err != nil {
		ts.Fatalf("fake-tunnel does not listen")
	}
}
