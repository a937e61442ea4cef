package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vmloom/generate"
	"vmloom/profile"
)

const readme = "../../README.md"

// snippet is the README's profile.
func snippet(t *testing.T) string {
	t.Helper()
	for _, b := range blocks(t, readme) {
		if b.info == "yaml" && strings.HasPrefix(b.text, "version: 1\n") {
			return b.text
		}
	}
	t.Fatal("the README has no profile")
	return ""
}

// TestReadmeFiles: the README lists what its profile becomes: no file missing, none too many.
// And that a section nix makes the flake, as it says.
func TestReadmeFiles(t *testing.T) {
	p, err := profile.Load("vmloom.yaml", []byte(snippet(t)))
	must(t, err)
	files, err := generate.Files(p, nil)
	must(t, err)
	var want, got []string
	for _, f := range files {
		want = append(want, f.Path)
	}
	for _, b := range blocks(t, readme) {
		if !strings.HasPrefix(b.text, "generated/ascalon/\n") {
			continue
		}
		for line := range strings.Lines(b.text) {
			if name, ok := strings.CutPrefix(line, "  "); ok {
				got = append(got, braces(strings.Fields(name)[0])...)
			}
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("README.md lists\n%s\nand its profile becomes\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	flake, err := profile.Load("vmloom.yaml", []byte(snippet(t)+"nix: {}\n"))
	must(t, err)
	more, err := generate.Files(flake, nil)
	must(t, err)
	var added []string
	for _, f := range more {
		if !slices.Contains(want, f.Path) {
			added = append(added, f.Path)
		}
	}
	if got := strings.Join(added, " "); got != "flake.nix nix/darwin.nix nix/flake-module.nix nix/home.nix nix/nixos.nix nix/nixpkgs.nix" {
		t.Errorf("with nix: {} it has %s, too", got)
	}
	if warnings := lint(p, "vmloom.yaml", nil); len(warnings) > 0 {
		t.Errorf("the README's profile warns of itself: %v", warnings)
	}
}

// braces expands a{b,c}d as a shell does.
func braces(name string) (out []string) {
	before, rest, ok := strings.Cut(name, "{")
	middle, after, ok2 := strings.Cut(rest, "}")
	if !ok || !ok2 {
		return []string{name}
	}
	for word := range strings.SplitSeq(middle, ",") {
		out = append(out, before+word+after)
	}
	return out
}

// TestReadmePicture: the README's picture is that of the example's guide.
func TestReadmePicture(t *testing.T) {
	var pictures []string
	for _, page := range []string{readme, "../../examples/ascalon/generated/ascalon/docs/ascalon.md"} {
		for _, b := range blocks(t, page) {
			if b.info == "mermaid" {
				pictures = append(pictures, b.text)
			}
		}
	}
	if len(pictures) != 2 || pictures[0] != pictures[1] {
		t.Errorf("%d pictures, which should be two of one kind", len(pictures))
	}
}

// TestReadmeChange: a change of the example rewrites the files that the README names.
func TestReadmeChange(t *testing.T) {
	text, err := os.ReadFile(readme)
	must(t, err)
	t.Chdir(t.TempDir())
	must(t, os.CopyFS("ascalon", os.DirFS(filepath.Join(repo, "../../examples/ascalon"))))
	src, err := os.ReadFile("ascalon/vmloom.yaml")
	must(t, err)
	if !bytes.Contains(src, []byte("cpus: 6")) {
		t.Fatal("the example has no 6 CPUs")
	}
	must(t, os.WriteFile("ascalon/vmloom.yaml", bytes.Replace(src, []byte("cpus: 6"), []byte("cpus: 8"), 1), 0o644))
	var stdout, stderr strings.Builder
	if status := run([]string{"vmloom", "gen", "ascalon"}, &stdout, &stderr); status != 0 {
		t.Fatal(stderr.String())
	}
	if want := "ascalon/generated/ascalon/docs/ascalon.md\nascalon/generated/ascalon/lima/default.yaml\nascalon/generated/ascalon/scripts/ascalon.fields\n"; stdout.String() != want {
		t.Errorf("it rewrites\n%swhich the README does not say", stdout.String())
	}
	for _, word := range []string{"it rewrites three files", "the Lima template", "the guide", "the list of what a VM has of the profile"} {
		if !strings.Contains(string(text), word) {
			t.Errorf("README.md does not say %q", word)
		}
	}
}

// session is what docs/session.svg shows: what is typed, and what of the profile is edited before.
var session = []struct{ old, new, typed string }{
	{"", "", "vmloom gen"},
	{"cpus: 6", "cpus: 8", "vmloom gen --check"},
	{"", "", "vmloom gen"},
	{"sockets:\n", "  - {host: ~/.colima/default}\nsockets:\n", "vmloom check"},
	{"  - {host: ~/.colima/default}\n", "", "vmloom check"},
}

// TestSession holds docs/session.svg to what vmloom says to the README's profile; -update draws it anew.
func TestSession(t *testing.T) {
	text := snippet(t)
	t.Chdir(t.TempDir())
	var screen []string
	for _, step := range session {
		if step.old != step.new {
			edited := strings.Replace(text, step.old, step.new, 1)
			screen = append(screen, "$ $EDITOR vmloom.yaml")
			screen = append(screen, changed(text, edited)...)
			text = edited
		}
		must(t, os.WriteFile("vmloom.yaml", []byte(text), 0o644))
		var said bytes.Buffer
		run(strings.Fields(step.typed), &said, &said)
		screen = append(append(screen, "$ "+step.typed), strings.Split(strings.TrimSuffix(said.String(), "\n"), "\n")...)
	}
	holds(t, filepath.Join(repo, "../../docs/session.svg"), drawn(screen))
}

// changed are the lines that one text has and the other has not.
func changed(before, after string) (out []string) {
	old, now := strings.Split(before, "\n"), strings.Split(after, "\n")
	for _, line := range old {
		if !slices.Contains(now, line) {
			out = append(out, "- "+line)
		}
	}
	for _, line := range now {
		if !slices.Contains(old, line) {
			out = append(out, "+ "+line)
		}
	}
	return out
}

// drawn is a terminal with these lines.
func drawn(lines []string) string {
	const wide, high = 8, 18
	columns := 0
	for _, line := range lines {
		columns = max(columns, len([]rune(line)))
	}
	var out bytes.Buffer
	width, height := columns*wide+32, len(lines)*high+32
	fmt.Fprintf(&out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"monospace\" font-size=\"13\">\n", width, height)
	fmt.Fprintf(&out, "<title>vmloom at work: recorded from the program</title>\n<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#1d1f21\"/>\n", width, height)
	for i, line := range lines {
		colour := "#c5c8c6"
		switch {
		case strings.HasPrefix(line, "$ "):
			colour = "#b5bd68"
		case strings.HasPrefix(line, "+ "), strings.HasPrefix(line, "- "):
			colour = "#81a2be"
		case strings.Contains(line, "hint: "):
			colour = "#8abeb7"
		case strings.HasPrefix(line, "vmloom.yaml:"):
			colour = "#f0c674"
		}
		fmt.Fprintf(&out, "<text x=\"16\" y=\"%d\" textLength=\"%d\" fill=\"%s\" xml:space=\"preserve\">", 16+high*(i+1)-5, len([]rune(line))*wide, colour)
		xml.EscapeText(&out, []byte(line))
		out.WriteString("</text>\n")
	}
	out.WriteString("</svg>\n")
	return out.String()
}
