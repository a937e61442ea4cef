package generate

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/profile"
)

// named is a profile of a name, in vmloom.yaml.
func named(name string) *profile.Profile { return localised(name, "") }

// localised is one with a local file, unless that is empty.
func localised(name, local string) *profile.Profile {
	read := func(string) ([]byte, error) { return []byte(local), nil }
	if local == "" {
		read = func(string) ([]byte, error) { return nil, fs.ErrNotExist }
	}
	src := "version: 1\nname: " + name + "\nhost: {os: linux, user: u}\nguest: {system: debian, release: \"13\"}\n"
	p, err := profile.Layers{Read: read, Local: true}.Load("vmloom.yaml", []byte(src))
	if err != nil {
		panic(err)
	}
	return p
}

// TestLocalTree: a profile with a local file has a tree of its own, which knows what it was made of, and goes when
// the local file does.
func TestLocalTree(t *testing.T) {
	base := t.TempDir()
	shared, here := named(testName), localised(testName, "resources: {cpus: 8}\n")
	apply := func(p *Plan, err error) {
		t.Helper()
		if err == nil {
			err = p.Apply(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	apply(Compare(base, shared, []File{plain("a.txt", "shared\n")}, false))
	apply(Compare(base, here, []File{plain("a.txt", "here\n"), plain("sub/b.txt", "b\n")}, false))
	for file, want := range map[string]string{"generated/box/a.txt": "shared\n", "generated.local/box/a.txt": "here\n"} {
		if got, err := os.ReadFile(filepath.Join(base, file)); string(got) != want || err != nil {
			t.Errorf("%s: %q, %v", file, got, err)
		}
	}
	manifest, _ := os.ReadFile(filepath.Join(base, "generated.local/box", ManifestName))
	for _, source := range here.Sources() {
		if hash := sourcesOf(here)[map[string]string{"": "vmloom.yaml"}[source.File]+source.File]; len(hash) != 71 || !strings.Contains(string(manifest), `"`+hash+`"`) {
			t.Errorf("%s: no hash %q in\n%s", source.File, hash, manifest)
		}
	}
	if text, _ := os.ReadFile(filepath.Join(base, "generated/box", ManifestName)); strings.Contains(string(text), "sources") {
		t.Errorf("the shared tree has sources:\n%s", text)
	}
	if p, err := Leftover(base, here, false); p != nil || err != nil {
		t.Errorf("left over while it is in use: %v %v", p, err)
	}
	edited := filepath.Join(base, "generated.local/box/sub/b.txt")
	os.WriteFile(edited, []byte("mine\n"), 0o644)
	apply(Leftover(base, shared, false))
	if _, err := os.Lstat(filepath.Join(base, "generated.local/box/a.txt")); !os.IsNotExist(err) {
		t.Error("a file of the local tree is left:", err)
	}
	if text, _ := os.ReadFile(edited); string(text) != "mine\n" {
		t.Errorf("an edit is gone: %q", text)
	}
	apply(Leftover(base, shared, true))
	if _, err := os.Lstat(filepath.Join(base, "generated.local")); !os.IsNotExist(err) {
		t.Error("the local tree is left:", err)
	}
	if p, err := Leftover(base, shared, false); p != nil || err != nil {
		t.Errorf("left over twice: %v %v", p, err)
	}
}
