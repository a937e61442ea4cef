package engine

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"vmloom/process"
)

// metCase is a failure that somebody met, and parts of the cause and of the hint that are to be told.
type metCase struct{ name, talk, cause, hint string }

func readMet(t *testing.T, file string) (cases []metCase) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(archive.Files); i += 2 {
		name, _ := strings.CutSuffix(archive.Files[i].Name, ".txt")
		cause, hint, _ := strings.Cut(strings.TrimSpace(string(archive.Files[i+1].Data)), "\n")
		cases = append(cases, metCase{name, string(archive.Files[i].Data), cause, hint})
	}
	return cases
}

// passedOn is a cause that is the tool's own word, or no more than where its log is.
var passedOn = regexp.MustCompile(`^(?:nix|guix): |^derivation \S+: (?:failed|its builder ended)|does not build$`)

// score holds causes and cures against what is to be told: unknown is allowed for one of ten, wrong never.
func score(t *testing.T, cases []metCase, explain func(metCase) *Failure) {
	t.Helper()
	right, unknown, wrong := 0, 0, 0
	for _, c := range cases {
		f := explain(c)
		switch {
		case strings.Contains(f.Cause, c.cause) && strings.Contains(f.Hint, c.hint):
			right++
			t.Logf("right: %s: %s\n  hint: %s", c.name, f.Cause, f.Hint)
		case passedOn.MatchString(f.Cause) && (f.Hint == "" || strings.Contains(f.Hint, "the last lines of its log") || strings.Contains(f.Hint, "what is known")):
			unknown++
			t.Logf("unknown: %s: %s\n  hint: %s", c.name, f.Cause, f.Hint)
		default:
			wrong++
			t.Errorf("wrong: %s: %s\n  hint: %s\n  wanted: %s\n  and: %s", c.name, f.Cause, f.Hint, c.cause, c.hint)
		}
		if strings.Contains(f.Cause, "\n") || strings.Contains(f.Hint, "\n") || strings.Contains(f.Cause+f.Hint, "OWN:") {
			t.Errorf("%s: no line for people: %q, %q", c.name, f.Cause, f.Hint)
		}
	}
	t.Logf("%d right, %d unknown, %d wrong", right, unknown, wrong)
	if right*10 < len(cases)*9 {
		t.Errorf("%d of %d are right, which is less than nine of ten", right, len(cases))
	}
}

// TestNixMet: as text, and as the structured log has the same.
func TestNixMet(t *testing.T) {
	j := &Job{Profile: loadProfile(t, "version: 1\nname: casevm\nhost: {os: linux, user: ada}\nrunner: lima\nguest: {system: nixos, arch: x86_64}\nnix: {base: own, modules: [./local.nix, ./vm/disks.nix]}\n"), Base: t.TempDir(), Place: Place{Kind: Local}}
	if err := os.WriteFile(filepath.Join(j.Base, "local.nix"), []byte("{ inputs, ... }:\n{ }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := append(readMet(t, "testdata/nix/met.txtar"), readMet(t, "testdata/nix/kin.txtar")...)
	t.Run("text", func(t *testing.T) { score(t, cases, func(c metCase) *Failure { return nixSays(j, c.talk) }) })
	t.Run("events", func(t *testing.T) { score(t, cases, func(c metCase) *Failure { return nixSays(j, asEvents(c.talk)) }) })
}

// asEvents has the errors and warnings of a text as nix tells them in its structured log.
func asEvents(talk string) string {
	var out strings.Builder
	level, said := -1, ""
	flush := func() {
		if level >= 0 {
			text, _ := json.Marshal(said)
			fmt.Fprintf(&out, "@nix {\"action\":\"msg\",\"level\":%d,\"msg\":%s}\n", level, text)
		}
		level = -1
	}
	for line := range strings.SplitSeq(strings.TrimRight(talk, "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "error:"), strings.HasPrefix(line, "cannot build on '"):
			flush()
			level, said = levelError, line
		case strings.HasPrefix(line, "warning:"):
			flush()
			level, said = levelWarning, line
		case level >= 0 && (line == "" || strings.HasPrefix(line, " ")):
			said += "\n" + line
		default:
			flush()
			fmt.Fprintln(&out, line)
		}
	}
	flush()
	return out.String()
}

func TestGuixMet(t *testing.T) {
	j := &Job{Profile: loadProfile(t, "version: 1\nname: dev-vm\nhost: {os: linux, user: ada}\nrunner: qemu\nguest: {system: guix, arch: x86_64, user: {name: dev}, packages: [git]}\nhome: {disk: 10GiB}\n"), Place: Place{Kind: Local}}
	cases := append(readMet(t, "testdata/guix/met.txtar"), readMet(t, "testdata/guix/kin.txtar")...)
	score(t, cases, func(c metCase) *Failure { return guixSays(j, c.talk) })
}

// guixSays is what is made of a text that guix and those around it have said.
func guixSays(j *Job, talk string) *Failure {
	p := &guixParser{}
	for line := range strings.Lines(talk) {
		p.line(strings.TrimRight(line, "\r\n"))
	}
	return guixExplain(j, &process.ExitError{Cmd: process.Cmd{Args: []string{"guix"}}, Status: 1}, p, talk)
}
