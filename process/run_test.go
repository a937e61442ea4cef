package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func sh(script string) Cmd { return Cmd{Args: []string{"sh", "-c", script}} }

func TestRun(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	var lines []string
	c := sh(`echo "$WHO in $(pwd)"; cat; echo one >&2; printf 'two\r\nlast' >&2`)
	c.Dir, c.Env, c.Stdin = dir, []string{"WHO=me"}, filepath.Join(dir, "in")
	if err := os.WriteFile(c.Stdin, []byte("from a file\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Run(context.Background(), c, &out, func(l string) { lines = append(lines, l) }); err != nil {
		t.Fatal(err)
	}
	if want := "me in " + dir + "\nfrom a file\n"; out.String() != want {
		t.Errorf("stdout: got %q, want %q", out.String(), want)
	}
	if diff := cmp.Diff([]string{"one", "two", "last"}, lines); diff != "" {
		t.Error(diff)
	}
}

func TestRunStdoutFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out")
	c := sh("echo kept")
	c.Stdout = file
	if err := Run(context.Background(), c, nil, nil); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(file); string(got) != "kept\n" {
		t.Errorf("got %q", got)
	}
}

func TestRunErrors(t *testing.T) {
	var many []string
	for i := 11; i <= 30; i++ {
		many = append(many, fmt.Sprint("line ", i))
	}
	for _, tc := range []struct {
		name   string
		cmd    Cmd
		want   string
		status int
		last   []string
	}{
		{"status", sh("echo why >&2; exit 7"), "sh: exit status 7", 7, []string{"why"}},
		{"last lines", sh("i=1; while [ $i -le 30 ]; do echo line $i >&2; i=$((i+1)); done; exit 1"), "sh: exit status 1", 1, many},
		{"signal", sh("kill -TERM $$"), "sh: ended by signal terminated", -1, nil},
		{"no such program", Cmd{Args: []string{"no-such-program-here"}}, "no-such-program-here: not found", -1, nil},
		{"no such directory", Cmd{Args: []string{"true"}, Dir: "/no/such"}, "true: no such file or directory", -1, nil},
		{"no such input", Cmd{Args: []string{"true"}, Stdin: "/no/such"}, "true: open /no/such: no such file or directory", -1, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := Run(context.Background(), tc.cmd, nil, nil)
			var exit *ExitError
			if !errors.As(err, &exit) {
				t.Fatalf("got %v", err)
			}
			if err.Error() != tc.want || exit.Status != tc.status {
				t.Errorf("got %q, status %d", err, exit.Status)
			}
			if diff := cmp.Diff(tc.last, exit.Last); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRunInterrupted: the signal reaches grandchildren, and nothing is left.
func TestRunInterrupted(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		dir := t.TempDir()
		ctx, cancel := context.WithCancelCause(context.Background())
		c := sh(`sh -c 'trap "echo got > signal; exit" INT TERM; echo $$ > pid; while :; do sleep 0.05; done'; true`)
		c.Dir = dir
		go func() {
			waitFor(t, filepath.Join(dir, "pid"))
			cancel(Interrupted{signal})
		}()
		err := Run(ctx, c, nil, nil)
		var cut Interrupted
		if !errors.As(err, &cut) || cut.Signal != signal {
			t.Errorf("%v: got %v", signal, err)
		}
		waitFor(t, filepath.Join(dir, "signal"))
		gone(t, filepath.Join(dir, "pid"))
	}
}

// TestRunNoOrphan: what the command leaves behind in its group is killed.
func TestRunNoOrphan(t *testing.T) {
	dir := t.TempDir()
	c := sh(`sh -c 'echo $$ > pid; exec sleep 10000' & while [ ! -s pid ]; do sleep 0.02; done`) // longer than a test may take
	c.Dir = dir
	if err := Run(context.Background(), c, nil, nil); err != nil {
		t.Fatal(err)
	}
	gone(t, filepath.Join(dir, "pid"))
}

// TestRunDaemon: a process that has left the group, as daemons do, stays.
func TestRunDaemon(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	dir := t.TempDir()
	c := sh(`setsid sh -c 'echo $$ > pid; exec sleep 100' & while [ ! -s pid ]; do sleep 0.02; done`)
	c.Dir = dir
	if err := Run(context.Background(), c, nil, nil); err != nil {
		t.Fatal(err)
	}
	pid := readPID(t, filepath.Join(dir, "pid"))
	if err := syscall.Kill(pid, 0); err != nil {
		t.Errorf("the daemon is gone: %v", err)
	}
	syscall.Kill(pid, syscall.SIGKILL)
}

func TestRunCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(Interrupted{syscall.SIGINT})
	mark := filepath.Join(t.TempDir(), "mark")
	err := Run(ctx, Cmd{Args: []string{"touch", mark}}, nil, nil)
	if !errors.As(err, new(Interrupted)) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("it ran all the same")
	}
}

func waitFor(t *testing.T, file string) {
	for range 500 {
		if data, err := os.ReadFile(file); err == nil && len(data) > 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%s: never came", file)
}

func readPID(t *testing.T, file string) int {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// gone waits for the end of the process whose number is in the file.
func gone(t *testing.T, file string) {
	t.Helper()
	pid := readPID(t, file)
	for range 250 {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		// Nobody may reap it where the tests run without an init.
		if err != nil && syscall.Kill(pid, 0) != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("process %d is still there", pid)
	syscall.Kill(pid, syscall.SIGKILL)
}
