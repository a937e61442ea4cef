package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// TestRename gives a copy of this very checkout another path: its packages find one another, as
// they do for whoever follows CONTRIBUTING.md.
func TestRename(t *testing.T) {
	const to = "example.org/me/vmloom"
	guide, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(guide), "\ngo run ./internal/modulepath "+to+"\n") {
		t.Error("CONTRIBUTING.md does not say this command")
	}
	dir := t.TempDir()
	tooltest.CopyModule(t, dir)
	if err := rename(dir, to); err != nil {
		t.Fatal(err)
	}
	list := func(dir string) string {
		cmd := exec.Command("go", "list", "-deps", "-test", "-f", "{{if .Module}}{{if .Module.Main}}{{.ImportPath}} {{.Imports}}{{end}}{{end}}", "./...")
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	before, after := list("../.."), list(dir)
	if got := strings.ReplaceAll(after, to, "vmloom"); sorted(got) != sorted(before) {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	// What is no package's path stays.
	src, err := os.ReadFile(filepath.Join(dir, "generate", "nixhost.go"))
	if err != nil || !strings.Contains(string(src), `"vmloom/" + p.Name`) || strings.Contains(string(src), `"vmloom/profile"`) {
		t.Errorf("nixhost.go: %v\n%.400s", err, src)
	}
	for _, bad := range []string{"", "vmloom", "../vmloom", "example.org", "example.org/me vmloom", "example.org/me/\"vmloom"} {
		if err := rename(dir, bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// sorted is the set of words of a text, by its order: packages of another path are listed in another one.
func sorted(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		words := strings.Fields(strings.NewReplacer("[", " ", "]", " ").Replace(line))
		if len(words) > 1 {
			slices.Sort(words[1:])
		}
		lines[i] = strings.Join(words, " ")
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
