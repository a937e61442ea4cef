package verify

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"vmloom/internal/tooltest"
)

// TestSweep: what killed runs left goes after its time, on both sides, and nothing else does.
func TestSweep(t *testing.T) {
	sh := tooltest.Need(t, "sh")
	for side, sweeps := range map[string]func(string){
		"host": func(dir string) { sweep(dir, time.Now()) },
		"guest": func(dir string) {
			if out, err := exec.Command(sh, "-c", sweepLine(dir)).CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%v: %s", err, out)
			}
		},
	} {
		dir := filepath.Join(t.TempDir(), "it's $HOME")
		for _, d := range []string{markerName + "directory", "below"} {
			if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		long := time.Now().Add(-2 * markerAge)
		for name, when := range map[string]time.Time{
			markerName + "killed": long, markerName + "now": time.Now(), ".vmloom-other": long, "notes": long, "below/" + markerName + "deep": long,
		} {
			file := filepath.Join(dir, name)
			if err := os.WriteFile(file, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(file, when, when); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Symlink("notes", filepath.Join(dir, markerName+"link")); err != nil {
			t.Fatal(err)
		}
		sweeps(dir)
		var left []string
		for _, pattern := range []string{"*", "below/*"} {
			found, _ := filepath.Glob(filepath.Join(dir, pattern))
			for _, file := range found {
				rel, _ := filepath.Rel(dir, file)
				left = append(left, rel)
			}
		}
		slices.Sort(left)
		want := []string{".vmloom-other", markerName + "directory", markerName + "link", markerName + "now", "below", "below/" + markerName + "deep", "notes"}
		slices.Sort(want)
		if !slices.Equal(left, want) {
			t.Errorf("%s: left: %q\nwant: %q", side, left, want)
		}
	}
}

// TestImageIsThere: what only builds images is not asked for where the image is there, and never ok unasked.
func TestImageIsThere(t *testing.T) {
	p := parse(t, "version: 1\nname: x\nhost: {os: linux, user: ada}\nrunner: qemu\nguest: {system: guix, arch: x86_64}\nguix: {channels: [{name: guix, commit: 230aa373f315f247852ee07dff34146e9b480aec}]}\n")
	for _, tool := range tools() {
		if tool.needed == nil || !tool.needed(p) {
			continue
		}
		row := toolRow(p, tool)
		for _, image := range []string{"", "images/x-x86_64.qcow2"} {
			s := site(t)
			s.Image = image
			for what, c := range map[string]struct {
				a       answer
				without Status // where there is no image
			}{
				"there":   {answer{out: tool.says + "9.9.9\n"}, OK},
				"missing": {answer{status: 127}, Failed},
				"another": {answer{out: "hello\n"}, Failed},
			} {
				if what == "there" && !tool.builds {
					continue // each has words of its own
				}
				want := c.without
				if tool.builds && image != "" && what != "there" {
					want = Skipped
				}
				if v := row.judge(s, []answer{c.a}); v.status != want {
					t.Errorf("%s %s, image %q: %s %s, want %s", tool.name, what, image, v.status, v.seen, want)
				}
			}
		}
	}
}
