package ownership

import (
	"os"
	"path/filepath"
	"testing"
)

// TestWhose: what the scripts' whose says, in Go. cmd's lima_owner.txtar has the scripts.
func TestWhose(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	profile := write("a/vmloom.yaml", "name: dev\n")
	write("a/.vmloom/dev.id", "aaaa\n")
	write("b [x]*/vmloom.yaml", "name: dev\n")
	write("b [x]*/.vmloom/other.id", "bbbb\n")
	write("b [x]*/.vmloom/dev.id", "aaaa\n")
	write("cloned/vmloom.yaml", "name: dev\n")
	if err := os.Symlink(filepath.Join(dir, "a"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	self, err := Of(filepath.Join(dir, "link/vmloom.yaml"), "dev")
	if err != nil || self != (Self{"aaaa", profile}) {
		t.Fatalf("%+v, %v", self, err)
	}
	if err := os.Symlink("loop", filepath.Join(dir, "loop")); err != nil {
		t.Fatal(err)
	}
	write("unread/vmloom.yaml", "name: dev\n")
	if err := os.Mkdir(filepath.Join(dir, "unread/.vmloom"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("dev.id", filepath.Join(dir, "unread/.vmloom/dev.id")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id, profile, of string
		want            State // empty: it cannot be told
	}{
		{"aaaa", profile, "vm", Ours},
		{"aaaa", profile, "original", Unowned},
		{"aaaa", dir + "/gone/vmloom.yaml", "vm", Moved},
		{"aaaa", dir + "/a/former.yaml", "vm", Moved},
		{"aaaa", dir + "/b [x]*/vmloom.yaml", "vm", Foreign},
		{"aaaa", dir + "/cloned/vmloom.yaml", "vm", Moved},
		{"bbbb", dir + "/b [x]*/vmloom.yaml", "vm", Foreign},
		{"bbbb", dir + "/b [x]*/vmloom.yaml", "clone", Unowned},
		{"bbbb", dir + "/gone/vmloom.yaml", "vm", Unowned},
		{"bbbb", profile, "vm", Unowned},
		{"bbbb", profile + "/below/vmloom.yaml", "vm", Unowned},
		{"bbbb", dir + "/loop/vmloom.yaml", "vm", ""},
		{"aaaa", dir + "/loop/vmloom.yaml", "vm", ""},
		{"bbbb", dir + "/unread/vmloom.yaml", "vm", ""},
		{"", profile, "vm", Unowned},
	} {
		file := write("mark", "id="+c.id+"\nname=dev\nprofile="+c.profile+"\nof="+c.of+"\n")
		if got, _, err := self.Whose(file, "vm"); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q of %s on %s: %s, %v; want %s", c.id, c.profile, c.of, got, err, c.want)
		}
	}
	if got, _, err := self.Whose(filepath.Join(dir, "none"), "vm"); got != Unmarked || err != nil {
		t.Errorf("%s, %v", got, err)
	}
	// A checkout that has made nothing has no id, and is nobody's twin.
	if self, err = Of(filepath.Join(dir, "cloned/vmloom.yaml"), "dev"); err != nil || self.ID != "" {
		t.Fatalf("%+v, %v", self, err)
	}
	if got, _, _ := self.Whose(write("mark", "id=\nprofile="+self.Path+"\nof=vm\n"), "vm"); got != Unowned {
		t.Error(got)
	}
}
