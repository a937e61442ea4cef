package backup

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/sys/unix"

	"vmloom/guest"
	"vmloom/process"
)

// at is a guest whose user has a home on this machine; the words before run in front.
func at(home string, before ...string) guest.Guest {
	return guest.Guest{Cmd: process.Cmd{Args: slices.Concat(before, []string{"env", "HOME=" + home}), Dir: "/"}}
}

// cutting is a guest to which, or from which, only so many bytes pass.
func cutting(home, way string, bytes int) guest.Guest {
	line := fmt.Sprintf(`"$@" | head -c %d`, bytes)
	if way == "in" {
		line = fmt.Sprintf(`head -c %d | "$@"`, bytes)
	}
	return at(home, "sh", "-c", line, "sh")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// listing is all that is to be the same: of each file below a directory its kind, mode,
// owner, time, content and attributes.
func listing(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	must(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		st := info.Sys().(*syscall.Stat_t)
		text := fmt.Sprintf("%s %d:%d", info.Mode(), st.Uid, st.Gid)
		switch {
		case info.Mode().IsRegular():
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			text += fmt.Sprintf(" %s links %d %x", info.ModTime(), st.Nlink, sha256.Sum256(data))
			value := make([]byte, 100)
			if n, err := unix.Lgetxattr(path, "user.note", value); err == nil {
				text += " note " + string(value[:n])
			}
		case info.Mode().Type() == fs.ModeSymlink:
			to, _ := os.Readlink(path)
			text += " to " + to
		}
		out[name] = text
		return nil
	}))
	return out
}

func write(t *testing.T, file, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(file), 0o755))
	must(t, os.WriteFile(file, []byte(text), 0o644))
}

// oldHome is a home with what homes have, and odd things beside it.
func oldHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	in := func(name string) string { return filepath.Join(home, name) }
	write(t, in("notes"), "mine\n")
	write(t, in(".ssh/authorized_keys"), "ssh-ed25519 OLD old@host")
	write(t, in(".ssh/authorized_keys2"), "ssh-ed25519 GONE vmloom\n")
	write(t, in("work/a b/-x"), "dash")
	write(t, in("work/new\nline"), "line")
	write(t, in("work/\xff\xfe"), "bytes")
	write(t, in("src/below"), "not a mount here")
	must(t, os.Mkdir(in("empty"), 0o700))
	must(t, os.Symlink("notes", in("link")))
	must(t, os.Symlink("/nowhere", in(".dangling")))
	must(t, os.Link(in("notes"), in("work/hard")))
	must(t, os.Chmod(in("work/a b/-x"), 0o4751))
	must(t, os.Truncate(in("notes"), 5))
	write(t, in("holes"), "")
	must(t, os.Truncate(in("holes"), 8<<20))
	must(t, unix.Mkfifo(in("pipe"), 0o600))
	if err := unix.Setxattr(in("notes"), "user.note", []byte("a\x01b"), 0); err != nil {
		t.Logf("no attributes here: %v", err)
	}
	must(t, os.Chtimes(in("notes"), time.Unix(1e9, 123456789), time.Unix(1e9, 123456789)))
	if os.Getuid() == 0 {
		must(t, os.Lchown(in("empty"), 1234, 4321))
	}
	return home
}

func save(t *testing.T, home string, without ...string) (string, *Saved) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "home.tar.zst")
	saved, err := Save(context.Background(), at(home), Order{File: file, Name: "vm", Without: without}, nil)
	must(t, err)
	return file, saved
}

func open(t *testing.T, file string) *File {
	t.Helper()
	b, err := Open(context.Background(), file, nil)
	must(t, err)
	return b
}

// TestHome comes back as it was, in another home, whose own files stay.
func TestHome(t *testing.T) {
	home := oldHome(t)
	want := listing(t, home)
	l, err := net.Listen("unix", filepath.Join(home, "agent"))
	must(t, err)
	defer l.Close()
	file, saved := save(t, home)
	if diff := cmp.Diff([]string{"agent"}, saved.Sockets); diff != "" || len(saved.Changed)+len(saved.Mounts) > 0 {
		t.Errorf("left out: %s %v %v", diff, saved.Changed, saved.Mounts)
	}
	if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 || info.Size() > 1<<20 {
		t.Errorf("the file: %v, %v", info, err)
	}
	if _, err := Save(context.Background(), at(home), Order{File: file, Name: "vm"}, nil); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file that is there: %v", err)
	}
	b := open(t, file)
	if b.Name != "vm" || b.UID != os.Getuid() || b.Home.Home != home || b.Entries != int64(len(want)+1) {
		t.Errorf("%+v %+v for %d files", b.Home, b.Content, len(want))
	}

	fresh := t.TempDir()
	write(t, filepath.Join(fresh, "own"), "stays")
	write(t, filepath.Join(fresh, "notes"), "was here")
	write(t, filepath.Join(fresh, ".ssh/authorized_keys"), "ssh-ed25519 OLD old@host\nssh-ed25519 NEW new@host\n")
	write(t, filepath.Join(fresh, ".ssh/authorized_keys2"), "ssh-ed25519 OPENS vmloom\n")
	moved, err := b.Restore(context.Background(), at(fresh), "before", nil)
	if err != nil || moved != "before" {
		t.Fatalf("moved: %q, %v", moved, err)
	}
	got := listing(t, fresh)
	keys, _ := os.ReadFile(filepath.Join(fresh, ".ssh/authorized_keys"))
	if string(keys) != "ssh-ed25519 OLD old@host\nssh-ed25519 NEW new@host\n" {
		t.Errorf("keys: %q", keys)
	}
	if keys, _ := os.ReadFile(filepath.Join(fresh, ".ssh/authorized_keys2")); !strings.Contains(string(keys), "ssh-ed25519 OPENS vmloom\n") {
		t.Errorf("the key that opens the VM is gone: %q", keys)
	}
	for _, kept := range []string{"own", "before/notes"} {
		if got[kept] == "" {
			t.Errorf("%s is gone", kept)
		}
	}
	for name := range got {
		if name == "own" || strings.HasPrefix(name, "before") || strings.HasPrefix(name, ".ssh/authorized_keys") {
			delete(got, name)
		}
	}
	delete(want, ".ssh/authorized_keys")
	delete(want, ".ssh/authorized_keys2")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if moved, err := b.Restore(context.Background(), at(fresh), "again", nil); err != nil || moved != "again" {
		t.Errorf("again: %q, %v", moved, err)
	}
	if moved, err := b.Restore(context.Background(), at(fresh), "again", nil); err != nil || moved != "again.1" {
		t.Errorf("by the same name: %q, %v", moved, err)
	}
}

// TestWithout leaves out what is named, and nothing that only looks like it.
func TestWithout(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"a*/x", "ab/x", "sub/ab/x", "-d/x"} {
		write(t, filepath.Join(home, name), "")
	}
	file, _ := save(t, home, "a*", "-d")
	fresh := t.TempDir()
	_, err := open(t, file).Restore(context.Background(), at(fresh), "before", nil)
	must(t, err)
	got := listing(t, fresh)
	if got["ab/x"] == "" || got["sub/ab/x"] == "" || got["a*"] != "" || got["-d"] != "" {
		t.Errorf("%v", got)
	}
}

// TestOthersRead the file: zstd's frames and tar's archive are all that it has.
func TestOthersRead(t *testing.T) {
	home := oldHome(t)
	file, saved := save(t, home)
	f, err := os.Open(file)
	must(t, err)
	defer f.Close()
	d, err := zstd.NewReader(f)
	must(t, err)
	defer d.Close()
	list := exec.Command("tar", "--list", "--file=-")
	list.Stdin = d
	out, err := list.CombinedOutput()
	if n := strings.Count(string(out), "\n"); err != nil || int64(n) != saved.Entries {
		t.Errorf("%v, %d of %d entries:\n%s", err, n, saved.Entries, out)
	}
}

// TestNumbers: what was the old user's is the new one's; what was another's stays his.
func TestNumbers(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: only root has files of others")
	}
	home, fresh := t.TempDir(), t.TempDir()
	for name, id := range map[string]int{"mine": 1234, "others": 77, "link": 1234} {
		file := filepath.Join(home, name)
		if name == "link" {
			must(t, os.Symlink("/etc/passwd", file))
		} else {
			write(t, file, name)
		}
		must(t, os.Lchown(file, id, id))
	}
	file, _ := save(t, home)
	b := open(t, file)
	b.UID, b.GID = 1234, 1234 // as if it were of such a user
	_, err := b.Restore(context.Background(), at(fresh), "before", nil)
	must(t, err)
	got := listing(t, fresh)
	for name, owner := range map[string]string{"mine": " 0:0 ", "others": " 77:77 ", "link": " 0:0 "} {
		if !strings.Contains(got[name], owner) {
			t.Errorf("%s: %s", name, got[name])
		}
	}
	if info, _ := os.Stat("/etc/passwd"); info.Sys().(*syscall.Stat_t).Uid != 0 {
		t.Error("a link was followed")
	}
}

// TestTorn: a file that is cut off or damaged anywhere is known before it is used.
func TestTorn(t *testing.T) {
	home := oldHome(t)
	file, saved := save(t, home)
	data, err := os.ReadFile(file)
	must(t, err)
	torn := filepath.Join(t.TempDir(), "torn")
	unfit := func(what string, data []byte) {
		t.Helper()
		must(t, os.WriteFile(torn, data, 0o600))
		if _, err := Open(context.Background(), torn, nil); !errors.As(err, &Unfit{}) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for n := 0; n < len(data); n += 1 + len(data)/50 {
		unfit(fmt.Sprintf("first %d bytes of %d", n, len(data)), data[:n])
	}
	unfit("all but the last byte", data[:len(data)-1])
	start := slices.Index(data, '}') + 1
	for n := start; n < len(data)-lastFrame-frameStart; n += 1 + len(data)/50 {
		bad := slices.Clone(data)
		bad[n] ^= 0x10
		must(t, os.WriteFile(torn, bad, 0o600))
		// Not every bit of zstd means something: what unpacks to the same is no damage.
		b, err := Open(context.Background(), torn, nil)
		if !errors.As(err, &Unfit{}) && (err != nil || b.Content != saved.Content) {
			t.Errorf("byte %d of %d: %v", n, len(data), err)
		}
	}
	unfit("twice", slices.Concat(data, data))
	unfit("another's", []byte("a text"))
	must(t, os.Remove(torn))
	must(t, unix.Mkfifo(torn, 0o600))
	if _, err := Open(context.Background(), torn, nil); !errors.As(err, &Unfit{}) {
		t.Errorf("a pipe: %v", err)
	}
}

// tarRecord is what GNU tar fills an archive up to a multiple of.
const tarRecord = 10240

// TestCutOff: a guest that goes away leaves neither a file nor a change in a home.
func TestCutOff(t *testing.T) {
	home := oldHome(t)
	file, saved := save(t, home)
	b := open(t, file)
	for n := int64(0); n < saved.Bytes; n += 1 + saved.Bytes/23 {
		gone := filepath.Join(t.TempDir(), "file")
		got, err := Save(context.Background(), cutting(home, "out", int(n)), Order{File: gone, Name: "vm"}, nil)
		if err == nil && n > saved.Bytes-tarRecord && got.Entries == saved.Entries {
			break // the zeros behind an archive's end fill up a record, and say nothing
		}
		if err == nil {
			t.Errorf("saved though cut off at %d", n)
		}
		if left, _ := os.ReadDir(filepath.Dir(gone)); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	}
	for _, n := range []int64{0, 1, 511, 512, saved.Bytes / 2, saved.Bytes - archiveEnd, saved.Bytes - 1, saved.Bytes, saved.Bytes + 5} {
		fresh := t.TempDir()
		write(t, filepath.Join(fresh, "notes"), "was here")
		before := listing(t, fresh)
		if moved, err := b.Restore(context.Background(), cutting(fresh, "in", int(n)), "before", nil); err == nil || moved != "" {
			t.Errorf("restored though cut off at %d of %d: %v", n, saved.Bytes, err)
		}
		if diff := cmp.Diff(before, listing(t, fresh)); diff != "" {
			t.Errorf("cut off at %d: %s", n, diff)
		}
	}
}

// TestRefuses says why, and changes nothing.
func TestRefuses(t *testing.T) {
	home := oldHome(t)
	file, _ := save(t, home)
	fresh := t.TempDir()
	write(t, filepath.Join(fresh, "notes"), "was here")
	before := listing(t, fresh)
	b := open(t, file)
	b.Bytes = 1 << 60
	_, err := b.Restore(context.Background(), at(fresh), "before", nil)
	if full := (Full{}); !errors.As(err, &full) || full.Free == 0 {
		t.Errorf("no room: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := b.Restore(ctx, at(fresh), "before", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	if _, err := b.Restore(context.Background(), guest.Guest{Cmd: process.Cmd{Args: []string{"false"}}}, "before", nil); err == nil {
		t.Error("no guest: no error")
	}
	other := filepath.Join(t.TempDir(), "x")
	if _, err := Save(context.Background(), guest.Guest{Cmd: process.Cmd{Args: []string{"echo", "Last login"}}}, Order{File: other, Name: "vm"}, nil); err == nil {
		t.Error("another program's words: no error")
	}
	if diff := cmp.Diff(before, listing(t, fresh)); diff != "" {
		t.Error(diff)
	}
}

// TestMounts: what is mounted in a home stays out of a backup, and nothing is put below it.
func TestMounts(t *testing.T) {
	mounted := func(home, at string) guest.Guest {
		return guest.Guest{Cmd: process.Cmd{Dir: "/", Args: []string{"unshare", "--mount", "sh", "-ec",
			`mount -t tmpfs share "$1"; echo share >"$1/of the host"; shift; exec "$@"`, "sh", filepath.Join(home, at), "env", "HOME=" + home}}}
	}
	if out, err := exec.Command("unshare", "--mount", "sh", "-c", "mount -t tmpfs none /mnt").CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: no mounts here: %s", out)
	}
	home := oldHome(t)
	must(t, os.MkdirAll(filepath.Join(home, "work/the share"), 0o755))
	file := filepath.Join(t.TempDir(), "file")
	saved, err := Save(context.Background(), mounted(home, "work/the share"), Order{File: file, Name: "vm"}, nil)
	must(t, err)
	if diff := cmp.Diff([]string{filepath.Join(home, "work/the share")}, saved.Mounts); diff != "" {
		t.Error(diff)
	}
	b := open(t, file)

	// In the same place: what is around it comes back.
	fresh := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(fresh, "work/the share"), 0o755))
	write(t, filepath.Join(fresh, "work/a b/-x"), "other")
	_, err = b.Restore(context.Background(), mounted(fresh, "work/the share"), "before", nil)
	must(t, err)
	got := listing(t, fresh)
	if got["work/hard"] == "" || got["before/work/a b/-x"] == "" || got["work/the share/of the host"] != "" {
		t.Errorf("%v", got)
	}

	// In a place where the backup has files.
	fresh = t.TempDir()
	must(t, os.Mkdir(filepath.Join(fresh, "src"), 0o755))
	before := listing(t, fresh)
	_, err = b.Restore(context.Background(), mounted(fresh, "src"), "before", nil)
	if at := (Mounted{}); !errors.As(err, &at) || at.Path != filepath.Join(fresh, "src") {
		t.Errorf("below a mount: %v", err)
	}
	if diff := cmp.Diff(before, listing(t, fresh)); diff != "" {
		t.Error(diff)
	}
}

// FuzzOpen takes any file for what it is.
func FuzzOpen(f *testing.F) {
	first, _ := frameOf(Home{Format: 1, User: "dev", Home: "/home/dev"}, 0)
	last, _ := frameOf(Content{}, lastFrame)
	f.Add(slices.Concat(first, last))
	f.Add([]byte{0x56, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(t.TempDir(), "f")
		must(t, os.WriteFile(file, data, 0o600))
		b, err := Open(context.Background(), file, nil)
		if err == nil && b.Entries > 0 && b.Bytes < archiveEnd {
			t.Errorf("%+v", b)
		}
	})
}
