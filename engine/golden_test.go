package engine

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"vmloom/process"
	"vmloom/profile"
)

var update = flag.Bool("update", false, "rewrite the goldens of the guix and limactl engines")

// golden compares with a file below testdata.
func golden(t *testing.T, file, got string) {
	t.Helper()
	file = filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", file, d)
	}
}

// call is one recorded call of a tool.
type call struct{ name, cmd, rc, out, err string }

// readCalls reads recordings, in their order.
func readCalls(t *testing.T, file string) (out []call) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*call{}
	var order []*call
	for _, f := range archive.Files {
		ext := filepath.Ext(f.Name)
		name := strings.TrimSuffix(f.Name, ext)
		c := byName[name]
		if c == nil {
			c = &call{name: name}
			byName[name] = c
			order = append(order, c)
		}
		switch text := string(f.Data); ext {
		case ".cmd":
			c.cmd = strings.TrimSpace(text)
		case ".rc":
			c.rc = strings.TrimSpace(text)
		case ".out":
			c.out = text
		case ".err":
			c.err = text
		}
	}
	for _, c := range order {
		out = append(out, *c)
	}
	return out
}

// said is what a step keeps of a tool's talk.
func said(p parser, talk string) (kept string) {
	for line := range strings.Lines(talk) {
		if text, show := p.line(strings.TrimRight(line, "\r\n")); show {
			kept += text + "\n"
		}
	}
	return kept
}

func loadProfile(t *testing.T, text string) *profile.Profile {
	t.Helper()
	p, err := profile.Load("vmloom.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// scripts are a job's plans at each place, as a dry run prints them.
func scripts(t *testing.T, e Engine, j *Job) string {
	t.Helper()
	var out strings.Builder
	for _, on := range []string{"local", "ssh://ada@big.example:2222", "lima:builder"} {
		for _, check := range []bool{false, true} {
			place, err := ParsePlace(on)
			if err != nil {
				t.Fatal(err)
			}
			one := *j
			one.Place, one.Check = place, check
			out.WriteString("==== " + on)
			if check {
				out.WriteString(" --check-reproducible")
			}
			out.WriteString("\n")
			steps, err := e.Steps(&one)
			if f, ok := err.(*Failure); ok {
				out.WriteString("cause: " + f.Cause + "\nhint: " + f.Hint + "\nfield: " + f.Field + "\n")
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range steps {
				if s.Sets != "" && s.Accept == "" {
					t.Errorf("%s: %s accepts anything", on, s.Does)
				}
			}
			out.WriteString(process.Script(steps))
		}
	}
	return out.String()
}
