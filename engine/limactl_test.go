package engine

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
	"vmloom/process"
)

const limaYAML = `version: 1
name: dev
host: {os: linux, user: ada}
guest: {system: debian, release: "13", user: {name: ada}}
`

func limaJob(t *testing.T) *Job {
	return &Job{
		Profile: loadProfile(t, limaYAML), Base: "/home/ada/a b", Work: "/tmp/vmloom-dev", Place: Place{Kind: Local},
		Image: "/home/ada/a b/images/.dev-x86_64.partial", Template: []byte("base: template:_images/debian-13 # it's\n"),
	}
}

// TestLimaFailures: each call of the real limactl that failed has a cause.
func TestLimaFailures(t *testing.T) {
	var out strings.Builder
	for _, c := range readCalls(t, "../testdata/limactl/build.txtar") {
		if c.rc == "0" {
			continue
		}
		exit := &process.ExitError{Cmd: process.Cmd{Args: []string{"limactl"}}, Status: 1}
		f := classify(limaKnown(limaJob(t)), exit, said(&limaParser{}, c.err)+exit.Error()+"\n")
		fmt.Fprintf(&out, "%s\n  %s\n", c.name, f.Cause)
		if f.Hint != "" {
			fmt.Fprintf(&out, "  hint: %s\n", f.Hint)
		}
		if f.Field != "" {
			fmt.Fprintf(&out, "  field: %s\n", f.Field)
		}
		if f.Cause == exit.Error() || strings.Contains(f.Cause+f.Hint, "$1") {
			t.Errorf("%s: %q, %q", c.name, f.Cause, f.Hint)
		}
	}
	golden(t, "limactl/failures.golden", out.String())
}

// TestLimaProgress replays what limactl says, and shows each step of the progress.
func TestLimaProgress(t *testing.T) {
	var out strings.Builder
	for _, c := range readCalls(t, "../testdata/limactl/build.txtar") {
		p := &limaParser{}
		last := Progress{}
		fmt.Fprintf(&out, "==== %s\n", c.name)
		for line := range strings.Lines(c.err) {
			if text, show := p.line(strings.TrimRight(line, "\n")); show {
				fmt.Fprintf(&out, "%s\n", text)
			}
			now := p.progress()
			if now.Line = ""; now != last {
				last = now
				fmt.Fprintf(&out, "    %q %q\n", now.Now, now.Phase)
			}
		}
	}
	golden(t, "limactl/progress.golden", out.String())
}

func FuzzLimaLine(f *testing.F) {
	f.Add(`time="2026-01-01T00:00:00Z" level=fatal msg="a \"b\"\n c" error="x"`)
	f.Add(`{"level":"fatal","msg":"exec: \"qemu\"","error":"y"}`)
	f.Fuzz(func(t *testing.T, line string) {
		text, show := (&limaParser{}).line(line)
		if show && (text == "" || strings.ContainsAny(text, "\x00\x07\x1b\r\n")) {
			t.Errorf("%q is no line for people", text)
		}
	})
}

func TestLimaPlans(t *testing.T) {
	golden(t, "limactl/plans.golden", scripts(t, limaEngine(), limaJob(t)))
}

// TestLimaScripts: the scripts of the plan, and what a dry run prints of them, are good sh.
func TestLimaScripts(t *testing.T) {
	steps, err := limaPlan(limaJob(t))
	if err != nil {
		t.Fatal(err)
	}
	shellcheck := tooltest.Need(t, "shellcheck")
	for name, script := range map[string]string{
		"remove": limaRemove, "start": limaStart, "clean": limaClean, "the whole plan": process.Script(steps),
	} {
		cmd := exec.Command(shellcheck, "--shell=sh", "--exclude=SC2016", "-") // '$' in single quotes: scripts within scripts
		cmd.Stdin = strings.NewReader(script)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

func TestLimaPlaces(t *testing.T) {
	j := limaJob(t)
	j.Place = Place{Kind: Lima, Instance: "x"}
	_, err := limaPlan(j)
	var f *Failure
	if !errors.As(err, &f) || f.Field != "build.on" {
		t.Errorf("%v", err)
	}
	if found := limaPreflight(t.Context(), j); len(found) != 1 || !found[0].Fatal {
		t.Errorf("%+v", found)
	}
	place, why, err := limaChoose(t.Context(), j)
	if err != nil || place.Kind != Local || why == "" {
		t.Errorf("%v %q %v", place, why, err)
	}
}
