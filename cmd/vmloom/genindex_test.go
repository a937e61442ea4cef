package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vmloom/internal/tooltest"
)

// indexed is a directory of profiles that read all that profiles can: layers, a local file, a fleet, own modules.
func indexed(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	t.Setenv("CI", "")
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	must(t, os.CopyFS(filepath.Join(dir, "layers"), os.DirFS("../../testdata/golden/layers")))
	must(t, os.CopyFS(filepath.Join(dir, "fleet"), os.DirFS("../../testdata/fleet")))
	for _, made := range []string{"layers/generated", "layers/generated.local", "fleet/generated"} {
		must(t, os.RemoveAll(filepath.Join(dir, made)))
	}
	for name, text := range map[string]string{
		"nix/vmloom.yaml":      "version: 1\nname: n\nhost: {os: linux}\nguest: {system: nixos, user: {name: dev}}\nnix: {base: own, modules: [./local.nix]}\n",
		"nix/local.nix":        "{ imports = [ ./more.nix ]; }\n",
		"nix/more.nix":         "{ }\n",
		"guix/vmloom.yaml":     "version: 1\nname: g\nhost: {os: linux}\nrunner: qemu\nguest: {system: guix, user: {name: dev}}\nguix: {modules: [./local.scm], loadPath: [./modules]}\n",
		"guix/local.scm":       "(load \"more.scm\")\n(lambda (os) os)\n",
		"guix/more.scm":        "(define x 1)\n",
		"guix/modules/a/b.scm": "(define-module (a b))\n",
		"top/.git/HEAD":        "ref: refs/heads/main\n",
	} {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		writeFile(t, filepath.Join(dir, name), text)
	}
	return dir
}

func said(args ...string) string {
	var out strings.Builder
	status := run(append([]string{"vmloom"}, args...), &out, &out)
	return fmt.Sprint(out.String(), status)
}

// TestIndexSeesAll: whatever becomes of a file that a profile is made of, or that is made of it, gen says of it what it says
// when it looks at everything.
func TestIndexSeesAll(t *testing.T) {
	dir := indexed(t)
	rounds := 25
	if tooltest.Full() {
		rounds = 600
	}
	random := rand.New(rand.NewPCG(18, 2))
	settle := func() {
		t.Helper()
		if text := said("gen", "-q", "--force", dir); !strings.HasSuffix(text, "0") {
			t.Fatal(text)
		}
		time.Sleep(60 * time.Millisecond) // what is younger than that is not trusted: nothing would be tried
		said("gen", "-q", dir)
		g := &genRun{ui: newUI(nil, nil)}
		g.index = g.openIndex()
		paths, err := profilePathsBy(t.Context(), []string{dir}, g.index)
		must(t, err)
		for _, path := range paths {
			if _, ok := g.unchanged(path, func() {}); !ok {
				t.Errorf("%s is not remembered", path)
			}
		}
	}
	settle()
	for round := range rounds {
		file := anyFile(t, random, dir)
		what, undo := disturb(t, random, file)
		indexed, strict := said("gen", "--check", dir), said("gen", "--check", "--strict", dir)
		if indexed != strict {
			t.Errorf("%d: %s: %s: gen says\n%s\nand --strict\n%s", round, file, what, indexed, strict)
		}
		undo()
		settle()
	}
}

// anyFile is a file below dir, or a name that a profile would look for.
func anyFile(t *testing.T, random *rand.Rand, dir string) string {
	t.Helper()
	var files []string
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	}))
	for _, name := range []string{"vmloom.fleet.yaml", "nix/vmloom.local.yaml", "guix/.git", "layers/.git", "guix/modules/new.scm", "nix/.vmloom/x.id", "fleet/machines/.git"} {
		files = append(files, filepath.Join(dir, name), filepath.Join(dir, name))
	}
	return files[random.IntN(len(files))]
}

// disturb changes a file, and tells how and what brings it back.
func disturb(t *testing.T, random *rand.Rand, file string) (what string, undo func()) {
	t.Helper()
	text, err := os.ReadFile(file)
	back := func() {
		must(t, os.RemoveAll(file))
		if err == nil {
			must(t, os.WriteFile(file, text, 0o644))
			if strings.HasSuffix(file, ".sh") {
				must(t, os.Chmod(file, 0o755))
			}
		}
	}
	if err != nil { // a new one
		must(t, os.MkdirAll(filepath.Dir(file), 0o755))
		if random.IntN(2) == 0 {
			must(t, os.Symlink("nowhere", file))
			return "is a link to nowhere", back
		}
		must(t, os.WriteFile(file, []byte("version: 1\n"), 0o644))
		return "is new", back
	}
	switch random.IntN(6) {
	case 0:
		must(t, os.Remove(file))
		return "is gone", back
	case 1:
		must(t, os.WriteFile(file, append(text, "\n# more\n"...), 0o644))
		return "has more", back
	case 2:
		must(t, os.Remove(file))
		must(t, os.WriteFile(file, text, 0o600))
		return "was replaced by the same, of another mode", back
	case 3:
		dir := filepath.Dir(file)
		must(t, os.Rename(dir, dir+".moved"))
		must(t, os.Symlink(filepath.Base(dir)+".moved", dir))
		return "is in a directory that is a link now", func() { must(t, os.Remove(dir)); must(t, os.Rename(dir+".moved", dir)) }
	default: // one byte, at once, size and time as they were
		info, err := os.Stat(file)
		must(t, err)
		changed := []byte(string(text))
		if len(changed) > 0 {
			changed[random.IntN(len(changed))] ^= 1
		}
		f, err := os.OpenFile(file, os.O_WRONLY, 0)
		must(t, err)
		_, err = f.Write(changed)
		must(t, err)
		must(t, f.Close())
		must(t, os.Chtimes(file, info.ModTime(), info.ModTime()))
		return "has another byte", back
	}
}

// TestIndexUnused: in CI and with --strict every file is looked at, and an index is neither read nor written.
func TestIndexUnused(t *testing.T) {
	for name, set := range map[string]func(){"--strict": func() {}, "CI": func() { t.Setenv("CI", "true") }} {
		dir := indexed(t)
		set()
		args := []string{"gen", "-q", dir}
		if name == "--strict" {
			args = append(args, name)
		}
		said(args...)
		if left, err := os.ReadDir(os.Getenv("XDG_CACHE_HOME")); err != nil || len(left) > 0 {
			t.Errorf("%s: %v, %v", name, left, err)
		}
	}
}
