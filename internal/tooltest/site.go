package tooltest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// Site copies docs/ to a directory of its own, with what builds the site of it and what looks at pages in a browser.
// The packages of npm that its lock pins are installed once, beside the chroots, for the tests of all packages.
func Site(t testing.TB) string {
	t.Helper()
	Need(t, "npm")
	docs, browser, to := filepath.Join(Repository(t), "docs"), filepath.Join(Repository(t), "testdata", "browser"), t.TempDir()
	copyDocs(t, docs, to)
	if err := os.CopyFS(filepath.Join(to, "browser"), os.DirFS(browser)); err != nil {
		t.Fatal(err)
	}
	lock, err := os.ReadFile(filepath.Join(docs, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(lock)
	packages := filepath.Join(chroots(t), "npm-"+hex.EncodeToString(sum[:6]))
	if out, err := exec.Command(filepath.Join(browser, "install.sh"), docs, packages).CombinedOutput(); err != nil {
		t.Logf("%v\n%s", err, out)
		Absent(t, "what npm installs")
	}
	if err := os.Symlink(filepath.Join(packages, "node_modules"), filepath.Join(to, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return to
}

// copyDocs leaves out what whoever works on the site has installed and built.
func copyDocs(t testing.TB, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(file string, d fs.DirEntry, err error) error {
		rel, relErr := filepath.Rel(from, file)
		switch {
		case err != nil || relErr != nil:
			return errors.Join(err, relErr)
		case d.IsDir() && slices.Contains([]string{"node_modules", "dist", "cache"}, d.Name()):
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), text, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Chromium is the path of Chromium, or of Chrome, which is as good; without either the test is skipped.
func Chromium(t testing.TB) string {
	t.Helper()
	if path, err := exec.LookPath("google-chrome"); err == nil {
		return path
	}
	return Need(t, "chromium")
}

// Browser runs a script of testdata/browser, which looks at something in a headless Chromium, and decodes the JSON
// that it prints.
func Browser(t testing.TB, site string, found any, script string, args ...string) {
	t.Helper()
	chromium := Chromium(t)
	cmd := exec.Command("node", append([]string{filepath.Join("browser", script)}, args...)...)
	cmd.Dir, cmd.Env, cmd.Stderr = site, append(os.Environ(), "CHROMIUM="+chromium), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	if err := json.Unmarshal(out, found); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
}
