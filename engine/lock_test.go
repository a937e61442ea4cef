package engine

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vmloom/internal/tooltest"
	"vmloom/profile"
)

const lockedProfile = `version: 1
name: %s
host: {os: linux, user: dev}
guest: {system: ubuntu, release: "25.10"}
`

func jobFor(t *testing.T, base, name string) *Job {
	t.Helper()
	p, err := profile.Load("vmloom.yaml", fmt.Appendf(nil, lockedProfile, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := MakeImagesDir(base); err != nil {
		t.Fatal(err)
	}
	return &Job{Profile: p, Base: base, Place: Place{Kind: Local}, Image: filepath.Join(base, ImagesDir, "."+Key(p)+".partial")}
}

func keep(t *testing.T, j *Job, text, inputs string) Record {
	t.Helper()
	if err := os.WriteFile(j.Image, []byte(text), 0o444); err != nil {
		t.Fatal(err)
	}
	r, err := Keep(t.Context(), j, Engine{Name: "limactl"}, inputs, Built{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func look(t *testing.T, j *Job, inputs string) State {
	t.Helper()
	r, err := Pinned(j.Base, j.Profile, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Compare(t.Context(), j.Base, j.Profile, r, inputs)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLock(t *testing.T) {
	base := t.TempDir()
	j := jobFor(t, base, "dev")
	if s := look(t, j, "a"); s != Unbuilt {
		t.Errorf("before: %q", s)
	}
	keep(t, j, "an image\n", "a")
	data, err := os.ReadFile(filepath.Join(base, "images/dev-x86_64.lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "version": 1,
  "file": "images/dev-x86_64.qcow2",
  "sha256": "1fa553188056d54b221eeddbddd7aa7fcd53b44fa8b8e419e452ebf3b4ef35d8",
  "size": 9,
  "engine": "limactl",
  "place": "local",
  "inputs": "a"
}
`
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Error(diff)
	}
	if s := look(t, j, "a"); s != UpToDate {
		t.Errorf("after: %q", s)
	}
	if s := look(t, j, "b"); s != Stale {
		t.Errorf("other inputs: %q", s)
	}
	image := filepath.Join(base, "images", "dev-x86_64.qcow2")
	if info, err := os.Stat(image); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v %v", info, err)
	}

	// Another time alone is no change; another byte is, size and name kept.
	later := time.Now().Add(time.Hour)
	os.Chtimes(image, later, later)
	if s := look(t, j, "a"); s != UpToDate {
		t.Errorf("touched: %q", s)
	}
	os.WriteFile(image, []byte("an imagE\n"), 0o644)
	if s := look(t, j, "a"); s != Changed {
		t.Errorf("changed: %q", s)
	}
	os.WriteFile(image, []byte("an image, longer\n"), 0o644)
	if s := look(t, j, "a"); s != Changed {
		t.Errorf("longer: %q", s)
	}
	os.Remove(image)
	if s := look(t, j, "a"); s != Missing {
		t.Errorf("removed: %q", s)
	}
}

// TestLockUnread: an unchanged image is not read again.
func TestLockUnread(t *testing.T) {
	base := t.TempDir()
	j := jobFor(t, base, "dev")
	keep(t, j, "an image\n", "a")
	image := filepath.Join(base, "images", "dev-x86_64.qcow2")
	info, err := os.Stat(image)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(image, []byte("AN IMAGE\n"), 0o644)
	os.Chtimes(image, info.ModTime(), info.ModTime())
	if s := look(t, j, "a"); s != UpToDate {
		t.Errorf("with size and time as they were: %q", s)
	}
}

func TestLockSeveral(t *testing.T) {
	base := t.TempDir()
	var wg sync.WaitGroup
	for i := range 8 {
		j := jobFor(t, base, fmt.Sprint("dev", i))
		wg.Go(func() { keep(t, j, "image\n", "a") })
	}
	wg.Wait()
	if locks, _ := filepath.Glob(filepath.Join(base, "images/*.lock.json")); len(locks) != 8 {
		t.Errorf("locks: %v", locks)
	}
	left, _ := filepath.Glob(filepath.Join(base, ".vmloom-*"))
	if len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestLockRefuses(t *testing.T) {
	const own, former = "images/dev-x86_64.lock.json", "images.lock.json"
	sum := strings.Repeat("a", 64)
	for _, tc := range []struct{ name, file, text, want string }{
		{"nonsense", own, "{", own + ": cannot be read: "},
		{"conflict", own, "{\"version\": 1,\n<<<<<<< HEAD\n=======\n>>>>>>> other\n}\n", own + ": holds a conflict of a merge"},
		{"newer", own, `{"version": 2}`, own + ": was written by a newer vmloom"},
		{"of another image", own, `{"version": 1, "file": "images/other-x86_64.qcow2", "sha256": "` + sum + `"}`, own + ": is not as vmloom writes it"},
		{"unknown key", own, `{"version": 1, "picture": {}}`, own + ": cannot be read: "},
		{"nonsense", former, "{", former + ": cannot be read: "},
		{"two documents", former, `{"version": 1, "images": {}}{}`, former + ": cannot be read: there is something behind its end"},
		{"conflict", former, "{\"version\": 1, \"images\": {\n<<<<<<< HEAD\n=======\n>>>>>>> other\n}}\n", former + ": holds a conflict of a merge"},
		{"end of a conflict", former, "{\"version\": 1, \"images\": {}}\n>>>>>>> other\n", former + ": holds a conflict of a merge"},
		{"newer", former, `{"version": 2, "images": {}}`, former + ": was written by a newer vmloom"},
		{"unknown key", former, `{"version": 1, "pictures": {}}`, former + ": cannot be read: "},
		{"elsewhere", former, `{"version": 1, "images": {"dev-x86_64": {"file": "images/../../x.qcow2", "sha256": "` + sum + `"}}}`, former + ": image dev-x86_64: is not as vmloom writes it"},
		{"below", former, `{"version": 1, "images": {"a/b": {"file": "images/a/b.qcow2", "sha256": "` + sum + `"}}}`, former + ": image a/b: is not as vmloom writes it"},
		{"no digest", former, `{"version": 1, "images": {"dev-x86_64": {"file": "images/dev-x86_64.qcow2", "sha256": "'; rm -rf ~"}}}`, former + ": image dev-x86_64: is not as vmloom writes it"},
		{"null", former, `{"version": 1, "images": null}`, ""},
	} {
		t.Run(tc.file+", "+tc.name, func(t *testing.T) {
			base := t.TempDir()
			j := jobFor(t, base, "dev")
			if err := os.WriteFile(filepath.Join(base, tc.file), []byte(tc.text), 0o644); err != nil {
				t.Fatal(err)
			}
			r, err := Pinned(base, j.Profile, nil)
			switch {
			case tc.want == "" && (err != nil || r != nil):
				t.Errorf("%v, %v", r, err)
			case tc.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tc.want)):
				t.Errorf("got %v", err)
			}
			before, _ := os.ReadFile(filepath.Join(base, tc.file))
			if err := Follows(t.Context(), base, j.Profile, "b"); tc.want != "" && err == nil {
				t.Error("a lock that cannot be read is written over")
			}
			if after, _ := os.ReadFile(filepath.Join(base, tc.file)); tc.want != "" && string(after) != string(before) {
				t.Errorf("it is now\n%s", after)
			}
		})
	}
}

// TestFormerLock: the one file of before is read, and moved over with whatever else it holds when a lock is written.
func TestFormerLock(t *testing.T) {
	base := t.TempDir()
	dev, other := jobFor(t, base, "dev"), jobFor(t, base, "other")
	record := func(key, sum string) string {
		return `"` + key + `": {"file": "images/` + key + `.qcow2", "sha256": "` + strings.Repeat(sum, 64) + `", "size": 9, "engine": "limactl", "place": "local", "inputs": "a"}`
	}
	former := filepath.Join(base, "images.lock.json")
	write := func(records ...string) {
		t.Helper()
		if err := os.WriteFile(former, []byte(`{"version": 1, "images": {`+strings.Join(records, ", ")+`}}`), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sum := func(j *Job) string {
		t.Helper()
		r, err := Pinned(base, j.Profile, nil)
		if err != nil || r == nil {
			t.Fatalf("%v, %v", r, err)
		}
		return r.SHA256[:1]
	}
	write(record("dev-x86_64", "a"), record("other-x86_64", "b"))
	if sum(dev) != "a" || sum(other) != "b" {
		t.Error("the file of before does not count")
	}
	if err := Follows(t.Context(), base, dev.Profile, "z"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(former); err == nil || sum(dev) != "a" || sum(other) != "b" {
		t.Error("it was not moved over")
	}
	if r, _ := Pinned(base, dev.Profile, nil); r.Inputs != "z" {
		t.Errorf("%+v", r)
	}

	// A merge brings it back, with another image of one name: the lock of its own counts, and nothing is lost.
	write(record("dev-x86_64", "c"), record("other-x86_64", "b"), record("third-x86_64", "d"))
	if err := Follows(t.Context(), base, other.Profile, "y"); err != nil {
		t.Fatal(err)
	}
	if left, err := readFormer(base, "images.lock.json"); err != nil || len(left) != 1 || left["dev-x86_64"].SHA256[:1] != "c" || sum(dev) != "a" || sum(jobFor(t, base, "third")) != "d" {
		t.Errorf("%v, %v", left, err)
	}
}

// TestLocksMerge: Git takes in the locks, and no image.
func TestLocksMerge(t *testing.T) {
	base := t.TempDir()
	if err := os.MkdirAll(filepath.Join(base, ImagesDir), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(base, ImagesDir, ".gitignore"), []byte("*\n"), 0o644); err != nil { // as it once was
		t.Fatal(err)
	}
	keep(t, jobFor(t, base, "dev"), "an image\n", "a")
	touch(t, base, "images/dev-x86_64.local.lock.json")
	tooltest.Need(t, "git")
	cmd := exec.Command("sh", "-c", "git init -q . && git add . && git ls-files")
	cmd.Dir = base
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "images/dev-x86_64.lock.json\n" {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestInputsHash(t *testing.T) {
	base := t.TempDir()
	j := jobFor(t, base, "dev")
	e := Engine{Name: "test", inputs: func(*profile.Profile) []string { return []string{"b.nix", "a.nix"} }}
	hash := func() string {
		h, err := e.InputsHash(t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	seen := map[string]string{}
	note := func(what string) {
		h := hash()
		if before, known := seen[h]; known {
			t.Errorf("%s hashes as %s", what, before)
		}
		seen[h] = what
	}
	note("nothing")
	os.WriteFile(filepath.Join(base, "a.nix"), nil, 0o644)
	note("an empty a")
	os.WriteFile(filepath.Join(base, "a.nix"), []byte("x"), 0o644)
	note("a")
	os.Rename(filepath.Join(base, "a.nix"), filepath.Join(base, "b.nix"))
	note("b")
	os.Chmod(filepath.Join(base, "b.nix"), 0o755)
	note("b as a program")
	j.Template = []byte("t")
	note("a template")
	if first := hash(); first != hash() {
		t.Error("differs from one call to the next")
	}
}

// TestEditedHash: what a build pins is no edit, a module is.
func TestEditedHash(t *testing.T) {
	base := t.TempDir()
	j := jobFor(t, base, "dev")
	e := Engine{Name: "test", inputs: func(*profile.Profile) []string { return []string{"generated/dev/flake.lock", "a.nix"} }}
	hashes := func() (all, edited string) {
		all, err := e.InputsHash(t.Context(), j)
		edited, more := e.EditedHash(t.Context(), j)
		if err != nil || more != nil {
			t.Fatal(err, more)
		}
		return all, edited
	}
	all, edited := hashes()
	touch(t, base, "generated/dev/flake.lock")
	pinned, same := hashes()
	if pinned == all || same != edited {
		t.Errorf("pins: %s, %s; edited: %s, %s", all, pinned, edited, same)
	}
	touch(t, base, "a.nix")
	if _, other := hashes(); other == edited {
		t.Error("an edit is not seen")
	}
}

// TestLockWithoutStamp: an image that is whole is up to date, also where nothing can be written beside it.
func TestLockWithoutStamp(t *testing.T) {
	base := t.TempDir()
	j := jobFor(t, base, "dev")
	keep(t, j, "an image\n", "a")
	stamp := stampFile(base, "dev-x86_64")
	os.Remove(stamp)
	touch(t, base, "images/.dev-x86_64.json/in-the-way")
	if s := look(t, j, "a"); s != UpToDate {
		t.Errorf("got %q", s)
	}
}

func TestLockImage(t *testing.T) {
	j := jobFor(t, t.TempDir(), "dev")
	unlock, err := LockImage(j)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := LockImage(j); err == nil || err.Error() != "image dev-x86_64: is being built or downloaded by another vmloom" {
		t.Errorf("got %v", err)
	}
	unlock()
	again, err := LockImage(j)
	if err != nil {
		t.Fatal(err)
	}
	again()
}
