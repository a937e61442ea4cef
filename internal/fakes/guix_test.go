package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFakeGuix: where the fake answers of its own, it says what the real one said.
func TestFakeGuix(t *testing.T) {
	truth := readRecordings(t, "../../testdata/guix/recordings.txtar").files
	dir := t.TempDir()
	for name, text := range map[string]string{"good.scm": "(operating-system)\n", "result": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	for name, args := range map[string]string{
		"version": "--version", "cmd-unknown": "frobnicate", "opt-badaction": "system frobnicate good.scm",
		"opt-badtype": "system image -t nosuch good.scm", "opt-unknown": "system image --no-such-option good.scm",
		"opt-nofilearg": "system image", "tm-nofile": "time-machine -C nosuch.scm -- describe",
	} {
		var out, talk bytes.Buffer
		env := map[string]string{"WORK": dir, "REPO": os.Getenv("REPO")}
		status := (&guix{strings.Fields(args), func(name string) string { return env[name] }, &out, &talk}).main()
		if got, want := fmt.Sprint(status), strings.TrimSpace(truth[name+".rc"]); got != want {
			t.Errorf("%s: status %s, want %s", name, got, want)
		}
		wantOut := truth[name+".out"]
		if name == "version" { // its licence is left out
			wantOut = strings.Join(strings.SplitAfter(wantOut, "\n")[:2], "")
		}
		if d := cmp.Diff(wantOut+truth[name+".err"], out.String()+talk.String()); d != "" {
			t.Errorf("%s (-real +fake):\n%s", name, d)
		}
	}
	// A link that is there: the path on stdout, and yet a failure.
	var out, talk bytes.Buffer
	status := (&guix{[]string{"system", "image", "-r", "result", "good.scm"}, func(name string) string { return map[string]string{"WORK": dir}[name] }, &out, &talk}).main()
	if status != 1 || !strings.HasPrefix(out.String(), "/gnu/store/") || !strings.Contains(talk.String(), "failed to create GC root `result': File exists") {
		t.Errorf("%d %s %s", status, out.String(), talk.String())
	}
}
