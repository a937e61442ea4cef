package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"vmloom/profile"
	"vmloom/verify"
)

func TestCells(t *testing.T) {
	for text, want := range map[string]int{"": 0, "plain": 5, "日本語": 6, "ｗ": 2, "e\u0301": 1, "é": 1, "a\u200db": 2, "✓": 1, "🙂": 2, "한글": 4} {
		if got := cells(text); got != want {
			t.Errorf("%q takes %d columns, want %d", text, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, tc := range []struct {
		text  string
		width int
		want  string
	}{
		{"short", 9, "short"},
		{"one two three", 7, "one two|three"},
		{"one two three", 3, "one|two|thr|ee"},
		{"日本語 日本語", 5, "日本|語|日本|語"},
		{"日本", 1, "日|本"}, // a character at least
		{"/a/path/that/is/long and more", 10, "/a/path/th|at/is/long|and more"},
		{"", 5, ""},
	} {
		if got := strings.Join(wrap(tc.text, tc.width), "|"); got != tc.want {
			t.Errorf("%q in %d: %q, want %q", tc.text, tc.width, got, tc.want)
		}
	}
}

// shownAt is what a program prints to a terminal whose window has so many columns.
func shownAt(t *testing.T, columns uint16, print func(*ui)) string {
	t.Helper()
	keys, terminal := pseudoTerminal(t)
	must(t, unix.IoctlSetWinsize(int(keys.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}))
	read := make(chan string)
	go func() {
		var all strings.Builder
		buf := make([]byte, 1<<12)
		for {
			n, err := keys.Read(buf)
			all.Write(buf[:n])
			if err != nil || strings.Contains(all.String(), "the end\r\n") {
				break
			}
		}
		read <- all.String()
	}()
	print(newUI(terminal, terminal))
	terminal.WriteString("the end\n")
	return strings.TrimSuffix(strings.ReplaceAll(<-read, "\r\n", "\n"), "the end\n")
}

func someResults() []verify.Result {
	row := func(id, title, not string, status verify.Status, seen string) verify.Result {
		return verify.Result{Check: verify.Check{ID: id, Title: title, Not: not}, Status: status, Seen: seen}
	}
	return []verify.Result{
		row("generated/fresh", "the generated files are those of the profile", "-", verify.OK, "17 files"),
		row("instance/running", "the VM runs", "the VM does not run", verify.Failed, "Broken: vz driver is running but host agent is not"),
		row("access/guest", "the guest answers", "-", verify.Skipped, "needs: the VM runs"),
		row("user/name", "you are 山田 in the guest", "-", verify.Skipped, "needs: the VM runs"),
		row("user/uid", "your number is 1000", "-", verify.Skipped, "needs: the VM runs"),
		row("mount/0/host", "the host has ~/日本語", "-", verify.Unknown, "ls: no answer within 1m0s"),
		row("mount/0/shared", "~/日本語 is shared", "-", verify.Skipped, "needs: the host has ~/日本語"),
	}
}

// TestRows: what waits for one row is one row, a failure is told as one, and a
// terminal has lines that fit its window, with colour only where it is wanted.
func TestRows(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	print := func(u *ui) { u.rows(someResults()) }
	const narrow = `ok       the generated     17 files
         files are those
         of the profile
FAILED   the VM does not   Broken: vz driver
         run               is running but
                           host agent is not
UNKNOWN  the host has      ls: no answer
         ~/日本語          within 1m0s
skipped  ~/日本語 is       needs: the host
         shared            has ~/日本語
skipped  3 checks          needs: the VM
                           runs; of access,
                           user
`
	if diff := cmp.Diff(narrow, shownAt(t, 45, print)); diff != "" {
		t.Error(diff)
	}
	const wide = `ok       the generated files are those of the profile  17 files
FAILED   the VM does not run                           Broken: vz driver is running but host agent is not
UNKNOWN  the host has ~/日本語                         ls: no answer within 1m0s
skipped  ~/日本語 is shared                            needs: the host has ~/日本語
skipped  3 checks                                      needs: the VM runs; of access, user
`
	if diff := cmp.Diff(wide, shownAt(t, 200, print)); diff != "" {
		t.Error(diff)
	}
	var piped strings.Builder
	print(newUI(&piped, &piped))
	if diff := cmp.Diff(wide, piped.String()); diff != "" {
		t.Error(diff)
	}
}

// TestColour: none without a terminal, with NO_COLOR, or on a dumb one; and what
// is shown in colour is still made safe.
func TestColour(t *testing.T) {
	print := func(u *ui) {
		u.rows(someResults()[:2])
		u.fault("vmloom "+evil, "%s", evil)
		problem(u.out, "vmloom.yaml", profile.Problem{Path: evil, Reason: "is wrong", Source: "日本: " + evil, Caret: 2, Hint: evil})
		u.difference("a", []byte("one\n"), "b", []byte("two"+evil))
	}
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	coloured := shownAt(t, 200, print)
	for _, want := range []string{"\x1b[1;31mFAILED\x1b[m", "\x1b[32mok\x1b[m", "vmloom: \x1b[36mhint:\x1b[m vmloom ", "     \x1b[1;31m^\x1b[m\n", "\x1b[1;31m-one\x1b[m\n"} {
		if !strings.Contains(coloured, want) {
			t.Errorf("%q is not in %q", want, coloured)
		}
	}
	if strings.Contains(coloured, "\x1b]0;") || strings.Contains(coloured, "\u009b") {
		t.Errorf("somebody else's escape reaches the terminal: %q", coloured)
	}
	none := func(variable, value string) {
		t.Setenv(variable, value)
		if text := shownAt(t, 200, print); strings.Contains(text, "\x1b") {
			t.Errorf("%s=%s: %q", variable, value, text)
		}
	}
	none("TERM", "dumb")
	t.Setenv("TERM", "xterm")
	none("NO_COLOR", "1")
	t.Setenv("NO_COLOR", "")
	var piped strings.Builder
	print(newUI(&piped, &piped))
	if strings.Contains(piped.String(), "\x1b") {
		t.Errorf("through a pipe: %q", piped.String())
	}
}

// TestProse: a sentence is as wide as the window, a command stays in one piece.
func TestProse(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	got := shownAt(t, 43, func(u *ui) {
		u.troubles(told{{[]*complaint{{what: "a: fails"}, {what: "b: fails"}}, "the host crashed or was switched off, or a part of Lima was killed", "vmloom repair some/where/deep/in/the/tree/vmloom.yaml"}})
	})
	const want = `vmloom: a: fails
vmloom: b: fails
vmloom: because: the host crashed or was
                 switched off, or a part
                 of Lima was killed
vmloom: hint: vmloom repair some/where/deep/in/the/tree/vmloom.yaml
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestMeter: it shows on a terminal, when something takes its time, and leaves nothing.
func TestMeter(t *testing.T) {
	print := func(u *ui) {
		m := u.meter(3)
		m.at(1, 3, "at once")
		m.drawn = time.Now().Add(-time.Second)
		m.at(2, 3, "a/vmloom.yaml"+evil)
		m.clear()
		m.clear()
	}
	t.Setenv("TERM", "xterm")
	if got, want := shownAt(t, 30, print), "\r\x1b[K[2 of 3] a/vmloom.yaml"; !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "…\r\x1b[K") || strings.Contains(got, "]0;x\a") {
		t.Errorf("%q", got)
	}
	t.Setenv("TERM", "dumb")
	if got := shownAt(t, 30, print); got != "" {
		t.Errorf("%q", got)
	}
	file, err := os.Create(t.TempDir() + "/talk")
	must(t, err)
	print(newUI(file, file))
	if info, err := file.Stat(); err != nil || info.Size() > 0 {
		t.Error("a file gets redrawn lines", err)
	}
}
