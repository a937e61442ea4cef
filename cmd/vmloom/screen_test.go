package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vmloom/engine"
)

// TestScreenPlain: off a terminal there is a line for each step and each new thing at work.
func TestScreenPlain(t *testing.T) {
	var out strings.Builder
	s := newScreen(&ui{err: &out}, 1)
	line := s.line("vm").watch
	line(engine.Progress{Step: "Build the image"})
	line(engine.Progress{Step: "Build the image", Builds: 2, Now: "zsh"})
	line(engine.Progress{Step: "Build the image", Builds: 2, Now: "zsh", Phase: "buildPhase", Line: "cc main.c"})
	line(engine.Progress{Step: "Build the image", Built: 1, Builds: 2, Fetched: 3 << 20, Fetch: 10 << 20, Now: "image"})
	line(engine.Progress{Step: "Take the image out"})
	s.close()
	const want = `vmloom: vm: Build the image
vmloom: vm: [0/2 built] zsh
vmloom: vm: [1/2 built, 3.0 MiB of 10.0 MiB] image
vmloom: vm: Take the image out
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

// TestScreenRow: on a terminal a build is one line that nothing in it can break.
func TestScreenRow(t *testing.T) {
	for _, tc := range []struct {
		now   engine.Progress
		width int
		want  string
	}{
		{engine.Progress{Step: "Stage the flake"}, 80, "vm: Stage the flake"},
		{engine.Progress{Step: "Build", Builds: 3, Built: 1, Now: "zsh", Phase: "checkPhase", Line: "ok 7"}, 80, "vm: [1/3 built] zsh (checkPhase): ok 7"},
		{engine.Progress{Step: "Build", Now: "zsh", Line: "a\x1b[2Jb\r\nc\td"}, 80, `vm: zsh: a\u001b[2Jb\u000d\u000ac d`},
		{engine.Progress{Step: "Build", Now: "zsh", Line: strings.Repeat("ü", 100)}, 20, "vm: zsh: üüüüüüüüüü…"},
	} {
		r := row{name: "vm", now: tc.now}
		if got := cut(r.text(), tc.width); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

func TestInUnits(t *testing.T) {
	for n, want := range map[int64]string{0: "0.0 KiB", 1536: "1.5 KiB", 1<<20 - 1: "1024.0 KiB", 1 << 20: "1.0 MiB", 1<<30 - 1: "1024.0 MiB", 5 << 30: "5.0 GiB"} {
		if got := inUnits(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
