package verify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vmloom/internal/tooltest"
	"vmloom/process"
)

// laned is a session whose guest is this machine, reached by a limactl of these lines, before which it notes its call.
func laned(t *testing.T, limactl string) (s *session, ask func(line string) answer, calls func() int) {
	t.Helper()
	tooltest.Need(t, "sh")
	dir := t.TempDir()
	log := filepath.Join(dir, "calls")
	text := "#!/bin/sh\necho \"$5 $6 $7\" >>" + log + "\nshift 4\n" + limactl
	if err := os.WriteFile(filepath.Join(dir, "limactl"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	s = newSession(&Site{Token: "T"})
	s.lanes = newLanes(nil, time.Now)
	ask = func(line string) answer {
		words := framed(s.Site, []string{"sh", "-c", line})
		return s.forCheck().askAgain(t.Context(), process.Cmd{Args: append([]string{"limactl", "shell", "--workdir", "/"}, append([]string{"vm"}, words...)...)})
	}
	calls = func() int {
		data, _ := os.ReadFile(log)
		return strings.Count(string(data), "\n")
	}
	return s, ask, calls
}

const plainLimactl = "echo Welcome to the guest, and no newline after it: >&2\nprintf 'Last login: today'\nexec \"$@\"\n"

// TestLanes: what many questions are answered comes through few processes, as it would by one each.
func TestLanes(t *testing.T) {
	s, ask, calls := laned(t, plainLimactl)
	defer s.lanes.close()
	large := strings.Repeat("a line of a long answer\n", 20000)
	var all sync.WaitGroup
	for lane := range 3 {
		all.Go(func() {
			for i := range 8 {
				own := fmt.Sprintf("%d of %d", i, lane)
				for line, want := range map[string]string{
					"echo " + own: own + "\n", "printf '%s' '" + own + "'": own, "echo 'it'\"'\"'s \\ \"$0\" '": "it's \\ \"$0\" \n",
					"cat": "", "echo '\n" + own + "\n'": "\n" + own + "\n\n",
				} {
					if a := ask(line); a.out != want || !a.ok() || a.lost != "" {
						t.Errorf("%s: %q, %v, want %q", line, a.out, a.err, want)
					}
				}
				if a := ask("echo out; echo why >&2; printf more >&2; exit " + fmt.Sprint(3+i)); a.status != 3+i || a.out != "out\n" || a.why() != "more" {
					t.Errorf("%q %q %d", a.out, a.why(), a.status)
				}
			}
			if a := ask("i=0; while [ $i -lt 20000 ]; do echo a line of a long answer; i=$((i+1)); done"); a.out != large {
				t.Errorf("a long answer: %d bytes, of %d", len(a.out), len(large))
			}
		})
	}
	all.Wait()
	if n := calls(); n > lanesAtOnce {
		t.Errorf("%d processes for 147 questions", n)
	}
}

// TestLanesLost: a lane that ends, hangs or is none costs no answer but that of the question that hangs.
func TestLanesLost(t *testing.T) {
	once := "case $* in *' lane') IFS='' read -r line; sh -c \"$line\"; exit 0 ;; esac\nexec \"$@\"\n"
	for name, limactl := range map[string]string{
		"of one answer": once, "without a shell": "case $* in *' lane') exit 1 ;; esac\nexec \"$@\"\n", "of other words": "case $* in *' lane') exec sed 's/.*/hello/' ;; esac\nexec \"$@\"\n",
	} {
		t.Run(name, func(t *testing.T) {
			s, ask, _ := laned(t, limactl)
			defer s.lanes.close()
			if name == "of other words" { // it never says that it is over: time is, for that question alone
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
				a := s.askAgain(ctx, process.Cmd{Args: append([]string{"limactl", "shell", "--workdir", "/", "vm"}, framed(s.Site, []string{"true"})...)})
				if a.lost == "" || a.ok() {
					t.Errorf("%+v", a)
				}
				return
			}
			for i := range 4 {
				if a := ask(fmt.Sprint("echo ", i)); a.out != fmt.Sprintln(i) || !a.ok() {
					t.Errorf("%d: %q, %v", i, a.out, a.err)
				}
			}
		})
	}
	s, ask, _ := laned(t, plainLimactl)
	defer s.lanes.close()
	ctx, cancel := context.WithTimeoutCause(t.Context(), 300*time.Millisecond, fmt.Errorf("no answer in time"))
	defer cancel()
	a := s.askAgain(ctx, process.Cmd{Args: append([]string{"limactl", "shell", "--workdir", "/", "vm"}, framed(s.Site, []string{"sleep", "600"})...)})
	if a.lost != "limactl: no answer in time" {
		t.Errorf("%+v", a)
	}
	if a := ask("echo after"); a.out != "after\n" {
		t.Errorf("after it: %q, %v", a.out, a.err)
	}
}
