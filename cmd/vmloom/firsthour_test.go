package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vmloom/internal/tooltest"
)

// TestFirstHour runs the transcripts of docs/first-hour.md, each section in a directory of its own; -update
// writes down what is answered.
func TestFirstHour(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: the transcript is that of a Linux host")
	}
	sh := tooltest.Need(t, "sh")
	tooltest.Need(t, "git")
	page := filepath.Join(repo, "../../docs/first-hour.md")
	src, err := os.ReadFile(page)
	must(t, err)
	bin := t.TempDir()
	self, err := os.Executable()
	must(t, err)
	must(t, os.Symlink(self, filepath.Join(bin, "vmloom"))) // TestMain knows it by that name
	env := append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+t.TempDir(), "EXAMPLES="+filepath.Join(repo, "../../examples"))
	var out strings.Builder
	var dir string
	ran, console := 0, false
	for line := range strings.Lines(string(src)) {
		typed, isTyped := strings.CutPrefix(line, "$ ")
		switch {
		case strings.HasPrefix(line, "## "):
			dir = filepath.Join(t.TempDir(), "project")
			must(t, os.Mkdir(dir, 0o755))
		case line == "```console\n":
			console = true
		case line == "```\n":
			console = false
		case console && !isTyped:
			continue // what was answered the last time
		}
		out.WriteString(line)
		if console && isTyped {
			ran++
			cmd := exec.Command(sh, "-c", typed)
			cmd.Dir, cmd.Env = dir, env
			said, _ := cmd.CombinedOutput()
			out.Write(shortened(said))
		}
	}
	if ran < 12 {
		t.Errorf("only %d commands found", ran)
	}
	if *update {
		must(t, os.WriteFile(page, []byte(out.String()), 0o644))
	} else if d := cmp.Diff(out.String(), string(src)); d != "" {
		t.Errorf("the transcript is another; go test ./cmd/vmloom -run TestFirstHour -update writes it:\n%s", d)
	}
}

// shortened leaves out the middle of a long answer.
func shortened(said []byte) []byte {
	lines := bytes.SplitAfter(said, []byte("\n"))
	if len(lines) < 14 {
		return said
	}
	return bytes.Join(append(append(lines[:5:5], []byte("…\n")), lines[len(lines)-6:]...), nil)
}
