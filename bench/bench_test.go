package main

import (
	"encoding/xml"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBench runs the whole benchmark over a few profiles: it finishes, leaves nothing, and its table and plot have
// what they promise. No figure is looked at.
func TestBench(t *testing.T) {
	dir, work := t.TempDir(), t.TempDir()
	self, svg := filepath.Join(dir, "bench"), filepath.Join(dir, "plot.svg")
	if out, err := exec.Command("go", "build", "-o", self, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(self, "-dir", work, "-n", "1,4", "-rounds", "2", "-svg", svg).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"| 1 | first |", "| 4 | unchanged |", "| 4 | one changed |", "| 4 | `--check` |", "| 4 | `--check --strict` |", "an empty program of Go", "| write "} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if left, err := os.ReadDir(work); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	text, err := os.ReadFile(svg)
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for d := xml.NewDecoder(strings.NewReader(string(text))); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "polyline" {
			lines++
		}
	}
	if lines != 6 {
		t.Errorf("%d lines in the plot", lines)
	}
	if out, err := exec.Command(self, "-dir", work, "-n", "many").CombinedOutput(); err == nil || !strings.Contains(string(out), "-n many: must be numbers of profiles") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := exec.Command(self, "-limit", "none").CombinedOutput(); err == nil || !strings.Contains(string(out), "limit none: must be") {
		t.Errorf("%v\n%s", err, out)
	}
}
