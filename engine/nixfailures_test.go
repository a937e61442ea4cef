package engine

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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

// nixSays is what is made of a text that nix and those around it have said.
func nixSays(j *Job, talk string) *Failure {
	p := newNixParser()
	for line := range strings.Lines(talk) {
		p.line(strings.TrimRight(line, "\r\n"))
	}
	return nixExplain(j, &process.ExitError{Cmd: process.Cmd{Args: []string{"nix"}}, Status: 1}, p, talk)
}
