package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"vmloom/process"
	"vmloom/profile"
)

func nixJob(t *testing.T, more string) *Job {
	t.Helper()
	p, err := profile.Load("vmloom.yaml", []byte(`version: 1
name: ascalon
host: {os: linux, user: ada}
runner: lima
guest: {system: nixos, arch: aarch64}
nix: {base: own`+more+`}
`))
	if err != nil {
		t.Fatal(err)
	}
	return &Job{Profile: p, Base: t.TempDir(), Work: "/tmp/w", Place: Place{Kind: Local}, Image: "/x/images/.new", Log: "/x/log"}
}

// TestNixFailures holds testdata/nix/failures.txt: every wording that is known,
// and its answer.
func TestNixFailures(t *testing.T) {
	const file = "testdata/nix/failures.txt"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	j := nixJob(t, "")
	head, cases, _ := strings.Cut(string(text), "## ")
	got, known := head, 0
	for _, c := range strings.Split(cases, "\n## ") {
		said, _, _ := strings.Cut(c, "\n=>")
		_, talk, _ := strings.Cut(said, "\n")
		f := nixSays(j, talk)
		got += "## " + strings.TrimRight(said, "\n") + "\n=> " + f.Cause + "\n"
		for _, more := range []string{f.Hint, f.Field} {
			if more != "" {
				got += "=> " + more + "\n"
			}
		}
		got += "\n"
		if f.Hint != "" {
			known++
		}
		if strings.Contains(f.Cause+f.Hint, "$") && !strings.Contains(f.Hint, "$USER") {
			t.Errorf("%s: something was not expanded: %+v", said, f)
		}
	}
	got = strings.TrimRight(got, "\n") + "\n"
	if *updateNix {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if d := cmp.Diff(string(text), got); d != "" {
		t.Errorf("-want +got; go test ./engine -run TestNixFailures -update-nix rewrites, then read:\n%s", d)
	}
	if known < 45 {
		t.Errorf("only %d cases have an answer", known)
	}
}

// TestNixSaid: what nix of several ages said where the tests of cmd/vmloom make a build fail (-record-nix keeps it) means
// the same, told as text and in the structured log.
func TestNixSaid(t *testing.T) {
	files, _ := filepath.Glob("testdata/nix/said/*.txtar")
	if len(files) < 3 {
		t.Fatalf("nix of three ages is not there: %v", files)
	}
	j := nixJob(t, ", modules: [./local.nix]")
	if err := os.WriteFile(filepath.Join(j.Base, "local.nix"), []byte("{ }"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got += "## " + string(archive.Comment)
		for _, said := range archive.Files {
			f := nixSays(j, string(said.Data))
			if again := nixSays(j, asEvents(string(said.Data))); again.Cause != f.Cause || again.Hint != f.Hint {
				t.Errorf("%s: %s: as events:\n%s\n%s\nas text:\n%s\n%s", file, said.Name, again.Cause, again.Hint, f.Cause, f.Hint)
			}
			if f.Hint == "" {
				t.Errorf("%s: %s: no hint for %s", file, said.Name, f.Cause)
			}
			got += said.Name + "\n=> " + f.Cause + "\n=> " + f.Hint + "\n"
		}
	}
	const golden = "testdata/nix/said/causes.golden"
	if *updateNix {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("-want +got; go test ./engine -run TestNixSaid -update-nix rewrites, then read:\n%s", d)
	}
}

// nixSays is what is made of a text that nix and those around it have said.
func nixSays(j *Job, talk string) *Failure {
	p := newNixParser()
	for line := range strings.Lines(talk) {
		p.line(strings.TrimRight(line, "\r\n"))
	}
	return nixExplain(j, &process.ExitError{Cmd: process.Cmd{Args: []string{"nix"}}, Status: 1}, p, talk)
}

// TestNixQuiet has an ssh that says nothing of its own: what its end means depends on whether nix was heard before.
func TestNixQuiet(t *testing.T) {
	j := nixJob(t, "")
	j.Place = Place{Kind: SSH, Host: "builder"}
	const (
		event = `@nix {"action":"start","id":1,"level":3,"type":105,"text":"building","fields":["/nix/store/gfb82n0wi9qkh9rkvw48g4wk9hf0q66x-ascalon.drv","",1,1]}`
		lost  = "connection: nix at ssh://builder was lost in the middle of the build"
	)
	for _, c := range []struct {
		name, tool, said, cause, hint string
		status                        int
	}{
		{"heard", "ssh", event, lost, "run it again", 255},
		{"heard, in a guest", "limactl", event, lost, "run it again", 255},
		{"heard, and a banner before", "ssh", "Welcome.\n" + event, lost, "run it again", 255},
		{"not heard", "ssh", "", "ssh: exit status 255", "it must work without a question", 255},
		{"not let in", "ssh", "kex_exchange_identification: Connection closed by remote host\nConnection closed by 10.0.0.2 port 22", "kex_exchange_identification: Connection closed by remote host", "it must work without a question", 255},
		{"no answer", "ssh", "Connection timed out during banner exchange", "Connection timed out during banner exchange", "it must work without a question", 255},
		{"ended by nix", "ssh", event, "ssh: exit status 1", "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newNixParser()
			for line := range strings.Lines(c.said) {
				p.line(strings.TrimRight(line, "\n"))
			}
			f := nixExplain(j, &process.ExitError{Cmd: process.Cmd{Args: []string{c.tool}}, Status: c.status}, p, "")
			if f.Cause != c.cause || !strings.HasPrefix(f.Hint, c.hint) || (c.hint == "") != (f.Hint == "") {
				t.Errorf("%q, %q", f.Cause, f.Hint)
			}
		})
	}
}
