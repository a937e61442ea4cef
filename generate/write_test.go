package generate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const testName = "box"

// TestMain lets this binary be the process that TestKilled kills.
func TestMain(m *testing.M) {
	if base := os.Getenv("VMLOOM_TEST_APPLY"); base != "" {
		os.Exit(applyInChild(base))
	}
	os.Exit(m.Run())
}

func plain(path, data string) File { return File{path, 0o644, []byte(data)} }

func plan(t testing.TB, base string, force bool, files ...File) *Plan {
	t.Helper()
	p, err := Compare(base, named(testName), files, force)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// write compares and applies, and gives what was done: "create a.txt", ….
func write(t testing.TB, base string, force bool, files ...File) []string {
	t.Helper()
	p := plan(t, base, force, files...)
	if err := p.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	return done(p)
}

func done(p *Plan) (out []string) {
	for _, c := range p.Changes {
		s := string(c.Op) + " " + c.Path
		if c.Why != "" {
			s += ": " + c.Why
		}
		out = append(out, s)
	}
	return out
}

// onDisk is every file, link and directory below generated/<name>; directories
// end in a slash, the manifest is left out.
func onDisk(t testing.TB, base string) map[string]string {
	t.Helper()
	dir := filepath.Join(base, "generated", testName)
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		switch {
		case err != nil:
			return err
		case rel == "." || rel == ManifestName:
		case d.IsDir():
			out[rel+"/"] = ""
		case d.Type()&fs.ModeSymlink != 0:
			to, err := os.Readlink(path)
			out[rel] = "-> " + to
			return err
		default:
			data, err := os.ReadFile(path)
			out[rel] = string(data)
			return err
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return out
}

func at(base, file string) string { return filepath.Join(base, "generated", testName, file) }

func put(t testing.TB, file, data string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(data), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func want(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// stamp makes a file old and gives what says whether it was written again.
func stamp(t testing.TB, file string) func() bool {
	t.Helper()
	past := time.Now().Add(-time.Hour).Truncate(time.Second)
	if err := os.Chtimes(file, past, past); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return func() bool {
		now, err := os.Stat(file)
		return err == nil && now.ModTime().Equal(before.ModTime()) && os.SameFile(now, before)
	}
}

func TestWrite(t *testing.T) {
	base := t.TempDir()
	a, b, c := plain("a.txt", "a1\n"), plain("dir/b.txt", "b1\n"), File{"dir/deep/c.sh", 0o755, []byte("c1\n")}
	p := plan(t, base, false, a, b, c)
	want(t, "nothing is written by Compare", onDisk(t, base), map[string]string{})
	if !p.Drift() || p.Count(Create) != 3 {
		t.Errorf("drift %v, %d to create", p.Drift(), p.Count(Create))
	}
	want(t, "first run", write(t, base, false, c, b, a), []string{"create a.txt", "create dir/b.txt", "create dir/deep/c.sh"})
	all := map[string]string{"a.txt": "a1\n", "dir/": "", "dir/b.txt": "b1\n", "dir/deep/": "", "dir/deep/c.sh": "c1\n"}
	want(t, "tree", onDisk(t, base), all)
	for file, mode := range map[string]fs.FileMode{"a.txt": 0o644, "dir/deep/c.sh": 0o755, ManifestName: 0o644} {
		info, err := os.Stat(at(base, file))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", file, info.Mode(), err)
		}
	}

	var untouched []func() bool
	for _, file := range []string{"a.txt", "dir/b.txt", "dir/deep/c.sh", ManifestName} {
		untouched = append(untouched, stamp(t, at(base, file)))
	}
	p = plan(t, base, false, a, b, c)
	if err := p.Apply(t.Context()); err != nil || p.Drift() {
		t.Errorf("drift %v: %v", p.Drift(), err)
	}
	want(t, "second run", done(p), []string{"unchanged a.txt", "unchanged dir/b.txt", "unchanged dir/deep/c.sh"})
	for i, same := range untouched {
		if !same() {
			t.Errorf("second run wrote file %d", i)
		}
	}

	sameA, sameC := stamp(t, at(base, "a.txt")), stamp(t, at(base, "dir/deep/c.sh"))
	want(t, "one differs", write(t, base, false, a, plain("dir/b.txt", "b2\n"), c), []string{"unchanged a.txt", "update dir/b.txt", "unchanged dir/deep/c.sh"})
	if !sameA() || !sameC() {
		t.Error("an unchanged file was written")
	}
	want(t, "stale ones", write(t, base, false, a), []string{"unchanged a.txt", "remove dir/b.txt", "remove dir/deep/c.sh"})
	want(t, "with their directories", onDisk(t, base), map[string]string{"a.txt": "a1\n"})
}

func TestWriteMode(t *testing.T) {
	base := t.TempDir()
	s := File{"s.sh", 0o755, []byte("x\n")}
	d := plain("d.txt", "x\n")
	write(t, base, false, s, d)
	for _, tt := range []struct {
		file string
		mode fs.FileMode
		want []string
	}{
		{"s.sh", 0o700, []string{"unchanged d.txt", "unchanged s.sh"}}, // another umask
		{"s.sh", 0o775, []string{"unchanged d.txt", "unchanged s.sh"}},
		{"d.txt", 0o600, []string{"unchanged d.txt", "unchanged s.sh"}},
		{"s.sh", 0o644, []string{"unchanged d.txt", "update s.sh"}},
		{"d.txt", 0o755, []string{"update d.txt", "unchanged s.sh"}},
	} {
		if err := os.Chmod(at(base, tt.file), tt.mode); err != nil {
			t.Fatal(err)
		}
		want(t, fmt.Sprintf("%s %o", tt.file, tt.mode), write(t, base, false, s, d), tt.want)
	}
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	want(t, "umask 077", write(t, t.TempDir(), false, s, d), []string{"create d.txt", "create s.sh"})
}

func TestHandEdits(t *testing.T) {
	base := t.TempDir()
	a, b, c := plain("a.txt", "a1\n"), plain("dir/b.txt", "b1\n"), plain("dir/c.txt", "c1\n")
	write(t, base, false, a, b, c)
	put(t, at(base, "a.txt"), "mine\n")
	put(t, at(base, "dir/b.txt"), "mine too\n")
	put(t, at(base, "dir/foreign.txt"), "never vmloom's\n")
	put(t, at(base, "new.txt"), "there before\n")

	kept := []string{
		"kept a.txt: was edited by hand", "kept dir/b.txt: is no longer generated, but was edited by hand",
		"remove dir/c.txt", "kept new.txt: was not made by vmloom",
	}
	a2, fresh := plain("a.txt", "a2\n"), plain("new.txt", "n1\n")
	p := plan(t, base, false, a2, fresh)
	want(t, "plan", done(p), kept)
	if string(p.Changes[0].Old) != "mine\n" || string(p.Changes[0].New) != "a2\n" || !p.Drift() {
		t.Errorf("kept change: %+v", p.Changes[0])
	}
	want(t, "run", write(t, base, false, a2, fresh), kept)
	mine := map[string]string{"a.txt": "mine\n", "dir/": "", "dir/b.txt": "mine too\n", "dir/foreign.txt": "never vmloom's\n", "new.txt": "there before\n"}
	want(t, "tree", onDisk(t, base), mine)
	kept = slices.Delete(kept, 2, 3)
	want(t, "run again", write(t, base, false, a2, fresh), kept)
	want(t, "tree again", onDisk(t, base), mine)

	// Edited back, or the profile made to say the same: nobody's edit is lost.
	put(t, at(base, "a.txt"), "a1\n")
	want(t, "edit taken back", write(t, base, false, a2, fresh)[0], "update a.txt")
	put(t, at(base, "a.txt"), "the same\n")
	want(t, "profile says the same", write(t, base, false, plain("a.txt", "the same\n"), fresh)[0], "unchanged a.txt")
	want(t, "and is vmloom's again", write(t, base, false, a2, fresh)[0], "update a.txt")

	put(t, at(base, "a.txt"), "mine\n")
	want(t, "force", write(t, base, true, a2, fresh), []string{"update a.txt", "remove dir/b.txt", "update new.txt"})
	want(t, "tree", onDisk(t, base), map[string]string{"a.txt": "a2\n", "dir/": "", "dir/foreign.txt": "never vmloom's\n", "new.txt": "n1\n"})
	want(t, "after force", write(t, base, false, a2, fresh), []string{"unchanged a.txt", "unchanged new.txt"})

	if err := os.Remove(at(base, "a.txt")); err != nil {
		t.Fatal(err)
	}
	want(t, "deleted by hand", write(t, base, false, a2, fresh), []string{"create a.txt", "unchanged new.txt"})
	if err := os.Remove(at(base, "a.txt")); err != nil {
		t.Fatal(err)
	}
	want(t, "deleted by hand and stale", write(t, base, false, fresh), []string{"unchanged new.txt"})
}

// TestSymlinks: neither a read nor a write follows one, wherever it is.
func TestSymlinks(t *testing.T) {
	a, b := plain("sub/a.txt", "a2\n"), plain("b.txt", "b2\n")
	const secret = "not vmloom's\n"
	for _, tt := range []struct {
		name, link, to string
		err            string   // of Compare
		done, forced   []string // by Apply, without and with force
	}{
		{name: "file, to outside", link: "generated/box/b.txt", to: "{outside}/b.txt",
			done:   []string{"kept b.txt: is not a regular file", "create sub/a.txt"},
			forced: []string{"update b.txt", "create sub/a.txt"}},
		{name: "file, to inside", link: "generated/box/b.txt", to: "other/b.txt",
			done:   []string{"kept b.txt: is not a regular file", "create sub/a.txt"},
			forced: []string{"update b.txt", "create sub/a.txt"}},
		{name: "file, to nowhere", link: "generated/box/b.txt", to: "nowhere",
			done:   []string{"kept b.txt: is not a regular file", "create sub/a.txt"},
			forced: []string{"update b.txt", "create sub/a.txt"}},
		{name: "directory, to outside", link: "generated/box/sub", to: "{outside}",
			done:   []string{"create b.txt", "kept sub/a.txt: sub: is not a path of plain directories"},
			forced: []string{"create b.txt", "update sub/a.txt"}},
		{name: "directory, to inside", link: "generated/box/sub", to: "other",
			done:   []string{"create b.txt", "kept sub/a.txt: sub: is not a path of plain directories"},
			forced: []string{"create b.txt", "update sub/a.txt"}},
		{name: "manifest", link: "generated/box/.vmloom.json", to: "{outside}/b.txt",
			err:    "generated/box/.vmloom.json: is not a regular file",
			forced: []string{"create b.txt", "create sub/a.txt"}},
		{name: "generated, to outside", link: "generated", to: "{outside}", err: "generated: is not a directory of its own; vmloom writes nowhere else"},
		{name: "generated, to inside", link: "generated", to: "elsewhere", err: "generated: is not a directory of its own; vmloom writes nowhere else"},
		{name: "generated/box, to outside", link: "generated/box", to: "{outside}", err: "generated/box: is not a directory of its own; vmloom writes nowhere else"},
		{name: "generated/box, to inside", link: "generated/box", to: "other", err: "generated/box: is not a directory of its own; vmloom writes nowhere else"},
	} {
		for _, force := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/force %v", tt.name, force), func(t *testing.T) {
				base, outside := t.TempDir(), t.TempDir()
				inside := []string{filepath.Join(base, "elsewhere"), filepath.Join(base, "generated", "other")}
				if tt.link != "generated" {
					put(t, filepath.Join(base, "generated/box/other/a.txt"), secret)
					put(t, filepath.Join(base, "generated/box/other/b.txt"), secret)
					inside = append(inside, filepath.Join(base, "generated/box/other"))
				}
				if tt.link == "generated/box" {
					os.RemoveAll(filepath.Join(base, "generated/box"))
				}
				for _, dir := range append(inside, outside) {
					if tt.link == "generated" && strings.Contains(dir, "generated") || strings.HasSuffix(dir, "box/other") && tt.link == "generated/box" {
						continue
					}
					put(t, filepath.Join(dir, "a.txt"), secret)
					put(t, filepath.Join(dir, "b.txt"), secret)
				}
				link := filepath.Join(base, tt.link)
				os.MkdirAll(filepath.Dir(link), 0o755)
				if err := os.Symlink(strings.ReplaceAll(tt.to, "{outside}", outside), link); err != nil {
					t.Fatal(err)
				}
				before := everything(t, base, outside)

				p, err := Compare(base, named(testName), []File{a, b}, force)
				wantErr := tt.err
				if force && tt.forced != nil {
					wantErr = ""
				}
				if fmt.Sprint(err) != wantErr && (err != nil || wantErr != "") {
					t.Fatalf("Compare: %v, want %q", err, wantErr)
				}
				if err == nil {
					err = p.Apply(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					wanted := tt.done
					if force {
						wanted = tt.forced
					}
					want(t, "done", done(p), wanted)
					if again := write(t, base, false, a, b); force && slices.ContainsFunc(again, func(s string) bool { return !strings.HasPrefix(s, "unchanged") }) {
						t.Errorf("second run: %q", again)
					}
				}
				for file, data := range everything(t, base, outside) {
					if data == secret {
						delete(before, file)
					} else if before[file] == secret {
						t.Errorf("%s was written through the link: %q", file, data)
					}
				}
				for file, data := range before {
					if data == secret {
						t.Errorf("%s is gone", file)
					}
				}
			})
		}
	}
}

// everything is the content of each regular file below the directories.
func everything(t testing.TB, dirs ...string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(path)
			out[path] = string(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// A stale file whose directory has become a link: what the link leads to stays.
func TestStaleBehindSymlink(t *testing.T) {
	for _, force := range []bool{false, true} {
		base := t.TempDir()
		a, b := plain("a.txt", "a\n"), plain("sub/b.txt", "b\n")
		write(t, base, false, a, b)
		if err := os.Rename(at(base, "sub"), at(base, "mine")); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("mine", at(base, "sub")); err != nil {
			t.Fatal(err)
		}
		write(t, base, force, a)
		want(t, "tree", onDisk(t, base), map[string]string{"a.txt": "a\n", "mine/": "", "mine/b.txt": "b\n", "sub": "-> mine"})
	}
}

func TestManifest(t *testing.T) {
	a := plain("a.txt", "a1\n")
	const cannot = "generated/box/.vmloom.json: cannot be read; --force rewrites it"
	for _, tt := range []struct{ name, manifest, err string }{
		{"empty", "", cannot},
		{"cut off", `{"version": 1, "files": {"a.t`, cannot},
		{"not JSON", "hello\n", cannot},
		{"of another shape", `{"files": []}`, cannot},
		{"two documents", "{}{}", cannot},
		{"newer", `{"version": 2, "files": {}}`, "generated/box/.vmloom.json: was written by a newer vmloom"},
		{"another profile", `{"version": 1, "profile": "other.vmloom.yaml", "files": {}}`, "generated/box: belongs to the profile other.vmloom.yaml, which has the same name"},
		{"null", "null", ""},
		{"paths that lead out", `{"version": 1, "profile": "vmloom.yaml", "files": {"../../outside.txt": ["x"], "/etc/passwd": ["x"], "": ["x"], ".": ["x"], "a/../b": ["x"]}}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base := t.TempDir()
			put(t, filepath.Join(base, "outside.txt"), "mine\n")
			put(t, at(base, ManifestName), tt.manifest)
			if _, err := Compare(base, named(testName), []File{a}, false); fmt.Sprint(err) != tt.err && (err != nil || tt.err != "") {
				t.Errorf("got %v\nwant %s", err, tt.err)
			}
			want(t, "force", write(t, base, true, a), []string{"create a.txt"})
			want(t, "after", write(t, base, false, a), []string{"unchanged a.txt"})
			if data, err := os.ReadFile(filepath.Join(base, "outside.txt")); string(data) != "mine\n" {
				t.Errorf("a file outside: %q %v", data, err)
			}
		})
	}
}

// TestConcurrent: two runs at once, for one profile or for two states of it.
func TestConcurrent(t *testing.T) {
	for round := range 12 {
		base := t.TempDir()
		var states [2][]File
		for i := range 30 {
			path := fmt.Sprintf("d%d/f%d.txt", i%3, i)
			states[0] = append(states[0], plain(path, fmt.Sprintf("old %d\n", i)))
			if i%4 != 0 {
				states[1] = append(states[1], plain(path, fmt.Sprintf("new %d\n", i/2*round)))
			}
		}
		write(t, base, false, states[0][:20]...)
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				p, err := Compare(base, named(testName), states[i%2], false)
				if err == nil {
					err = p.Apply(t.Context())
				}
				if err != nil {
					t.Errorf("run %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		got := onDisk(t, base)
		if !maps.Equal(got, tree(states[0])) && !maps.Equal(got, tree(states[1])) {
			t.Fatalf("round %d: neither state:\n%s", round, cmp.Diff(tree(states[0]), got))
		}
		for i := range 2 {
			for _, did := range write(t, base, false, states[i]...) {
				if strings.HasPrefix(did, "kept") {
					t.Fatalf("round %d: %s", round, did)
				}
			}
			want(t, "state", onDisk(t, base), tree(states[i]))
		}
	}
}

// tree is what onDisk gives for files.
func tree(files []File) map[string]string {
	out := map[string]string{}
	for _, f := range files {
		out[f.Path] = string(f.Data)
		for dir := filepath.Dir(f.Path); dir != "."; dir = filepath.Dir(dir) {
			out[dir+"/"] = ""
		}
	}
	return out
}

// killStates are three states of a profile; files come, change and go between them.
func killStates() (states [3][]File) {
	for s := range states {
		for i := range 40 {
			if i%7 == s {
				continue
			}
			version := s
			if i%5 == 0 {
				version = 0 // unchanged throughout
			}
			line := fmt.Sprintf("file %d of version %d\n", i, version)
			path := fmt.Sprintf("d%d/f%d.txt", i%4, i)
			if i%7 == 3 {
				path = fmt.Sprintf("d%d/only%d/f%d.txt", i%4, s, i)
			}
			states[s] = append(states[s], plain(path, strings.Repeat(line, 300)))
		}
	}
	return states
}

// applyInChild is what TestKilled kills: it says when it is about to write.
func applyInChild(base string) int {
	states := killStates()
	p, err := Compare(base, named(testName), states[os.Getenv("VMLOOM_TEST_STATE")[0]-'0'], false)
	if err == nil {
		fmt.Println("go")
		err = p.Apply(context.Background())
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// TestKilled cuts runs off by SIGKILL at random moments.
func TestKilled(t *testing.T) {
	const rounds = 80
	states := killStates()
	base := t.TempDir()
	write(t, base, false, states[0]...)
	begun := time.Now()
	write(t, base, false, states[1]...)
	whole := time.Since(begun)
	longest := whole + whole/4
	now, midway := 1, 0
	for round := range rounds {
		next := (now + 1 + round%2) % 3
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "VMLOOM_TEST_APPLY="+base, fmt.Sprintf("VMLOOM_TEST_STATE=%d", next))
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		if n, err := out.Read(make([]byte, 3)); err != nil || n != 3 {
			t.Fatal("child did not start", err)
		}
		time.Sleep(time.Duration(rand.Int64N(int64(longest))))
		cmd.Process.Kill()
		cmd.Wait()

		// Every file is that of the old or of the new state, whole.
		before, after := tree(states[now]), tree(states[next])
		got := onDisk(t, base)
		for file, data := range got {
			if file != tempName && !strings.HasSuffix(file, "/") && data != before[file] && data != after[file] {
				t.Fatalf("round %d: %s is neither old nor new: %.60q…", round, file, data)
			}
		}
		for file := range before {
			if _, there := got[file]; !there && after[file] != "" {
				t.Fatalf("round %d: %s is gone", round, file)
			}
		}
		// What else the machine does makes a run longer or shorter than the first: the moments follow.
		switch {
		case maps.Equal(got, after):
			longest = longest*4/5 + time.Millisecond
		case maps.Equal(got, before):
			longest = longest*6/5 + time.Millisecond
		default:
			midway++
		}
		// The next run may want any of the states.
		now = (next + round/2) % 3
		for _, did := range write(t, base, false, states[now]...) {
			if strings.HasPrefix(did, "kept") {
				t.Fatalf("round %d: %s", round, did)
			}
		}
		want(t, fmt.Sprintf("round %d: after the next run", round), onDisk(t, base), tree(states[now]))
		if t.Failed() {
			return
		}
		if again := plan(t, base, false, states[now]...); again.Drift() || again.stale {
			t.Fatalf("round %d: still something to do: %q", round, done(again))
		}
	}
	t.Logf("%d of %d runs were cut off midway (a whole one takes %v)", midway, rounds, whole)
	if midway < 5 {
		t.Errorf("only %d of %d runs were cut off midway", midway, rounds)
	}
}

func TestWriteInTheWay(t *testing.T) {
	a := plain("sub/a.txt", "a\n")
	base := t.TempDir()
	put(t, filepath.Join(base, "generated"), "a file\n")
	if _, err := Compare(base, named(testName), []File{a}, true); err == nil || !strings.Contains(err.Error(), "generated: is not a directory") {
		t.Error(err)
	}
	base = t.TempDir()
	put(t, at(base, "sub/a.txt/x"), "in a directory of that name\n")
	want(t, "kept", write(t, base, false, a), []string{"kept sub/a.txt: is a directory"})
	want(t, "force", write(t, base, true, a), []string{"kept sub/a.txt: is a directory"})
	if _, err := os.Stat(at(base, tempName)); err == nil {
		t.Error("the temporary file stays")
	}
	base = t.TempDir()
	put(t, at(base, "sub"), "a file where a directory belongs\n")
	want(t, "kept", write(t, base, false, a), []string{"kept sub/a.txt: sub: is not a path of plain directories"})
	want(t, "force", write(t, base, true, a), []string{"update sub/a.txt"})
	if _, err := Compare(filepath.Join(base, "gone"), named(testName), []File{a}, false); err == nil {
		t.Error("no such base")
	}
	if !bytes.Equal(a.Data, []byte("a\n")) {
		t.Error("Compare changed its input")
	}
}
