package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"vmloom/internal/tooltest"
)

const leastProfile = "version: 1\nname: a\nhost: {os: linux, user: u}\nguest: {system: debian, release: \"13\", user: {name: dev}}\nhome: {disk: 1GiB}\n"

// TestOddInputs puts what never ends, or is beyond all measure, in the place of
// each file that vmloom reads: it is refused at once, by name, in little memory.
func TestOddInputs(t *testing.T) {
	odd := map[string]struct {
		make func(file string) error
		says string
	}{
		"pipe":      {func(file string) error { return syscall.Mkfifo(file, 0o600) }, "is not a regular file"},
		"device":    {func(file string) error { return os.Symlink("/dev/zero", file) }, "is not a "},
		"directory": {func(file string) error { return os.Mkdir(file, 0o700) }, "is a directory"},
		"sparse": {func(file string) error {
			f, err := os.Create(file)
			return errors.Join(err, f.Truncate(1<<30), f.Close())
		}, "is larger than"},
	}
	for _, in := range []struct {
		file string
		args []string
		not  string // an odd thing that is none here
	}{
		{"vmloom.yaml", []string{"check", "vmloom.yaml"}, "directory"},
		{"vmloom.yaml", []string{"gen", "vmloom.yaml"}, "directory"},
		{"vmloom.yaml", []string{"gen", "--json", "vmloom.yaml"}, "directory"},
		{"images.lock.json", []string{"gen", "vmloom.yaml"}, ""},
		{"images.lock.json", []string{"check", "vmloom.yaml"}, ""},
		{"images/a-x86_64.lock.json", []string{"gen", "vmloom.yaml"}, ""},
		{"generated/a/.vmloom.json", []string{"gen", "vmloom.yaml"}, ""},
		{"generated/a/ssh/config", []string{"gen", "vmloom.yaml"}, ""},
		{"generated/a/ssh/config", []string{"gen", "--diff", "vmloom.yaml"}, ""},
		{"lima.yaml", []string{"adopt", "lima.yaml"}, ""},
		{"w.lua", []string{"adopt", "--wezterm", "w.lua", "vmloom.yaml"}, ""},
		{"ssh", []string{"adopt", "--ssh-config", "ssh", "vmloom.yaml"}, ""},
		{"job.plist", []string{"adopt", "--plist", "job.plist", "vmloom.yaml"}, ""},
	} {
		for kind, o := range odd {
			if kind == in.not {
				continue
			}
			t.Run(strings.Join(in.args[:len(in.args)-1], " ")+" with "+in.file+" a "+kind, func(t *testing.T) {
				dir := t.TempDir()
				t.Chdir(dir)
				writeFile(t, "vmloom.yaml", leastProfile)
				var out strings.Builder
				run([]string{"vmloom", "gen", "vmloom.yaml"}, &out, &out)
				os.Remove(in.file)
				must(t, os.MkdirAll(filepath.Dir(in.file), 0o700))
				must(t, o.make(in.file))
				out.Reset()
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				status := run(append([]string{"vmloom"}, in.args...), &out, &out)
				runtime.ReadMemStats(&after)
				if status != 1 || !strings.Contains(out.String(), o.says) || !strings.Contains(out.String(), filepath.Base(in.file)) {
					t.Errorf("status %d: %s", status, out.String())
				}
				if strings.Contains(out.String(), "by hand") || strings.Contains(out.String(), "your edit") {
					t.Errorf("it is taken for an edit: %s", out.String())
				}
				if n := after.TotalAlloc - before.TotalAlloc; n > 32<<20 {
					t.Errorf("it takes %d bytes", n)
				}
			})
		}
	}
}

// asUser runs the program as who may not read what nobody may: root without that right, where the test is root's.
func asUser(t *testing.T, args ...string) (said string, status int) {
	t.Helper()
	program, err := exec.LookPath("vmloom") // of testscript
	must(t, err)
	args = append([]string{program}, args...)
	if os.Getuid() == 0 {
		args = append([]string{tooltest.Need(t, "setpriv"), "--bounding-set=-dac_override,-dac_read_search"}, args...)
	}
	out, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return string(out), exit.ExitCode()
	}
	must(t, err)
	return string(out), 0
}

// unreadable has a file or directory be read by nobody until the test ends.
func unreadable(t *testing.T, path string) {
	t.Helper()
	info, err := os.Lstat(path)
	must(t, err)
	must(t, os.Chmod(path, 0))
	t.Cleanup(func() { must(t, os.Chmod(path, info.Mode())) })
}

// TestUnreadable: what may not be read is no edit, and its cure is said; of several profiles the others have their turn.
func TestUnreadable(t *testing.T) {
	for _, one := range []struct{ name, path, args, want string }{
		{"an output", "b/generated/b/ssh/config", "gen .", "b/generated/b/ssh/config: cannot be read: permission denied: kept\nvmloom: hint: chmod u+r b/generated/b/ssh/config"},
		{"a profile", "b/vmloom.yaml", "gen .", "b/vmloom.yaml: permission denied\nvmloom: hint: chmod u+r b/vmloom.yaml\n"},
		{"a profile", "b/vmloom.yaml", "check .", "b/vmloom.yaml: permission denied\nvmloom: hint: chmod u+r b/vmloom.yaml\n"},
		{"a profile alone", "b/vmloom.yaml", "check b", "b/vmloom.yaml: permission denied\nvmloom: hint: chmod u+r b/vmloom.yaml\n"},
		{"a tree", "b/generated/b", "gen .", "b/vmloom.yaml: openat generated/b: permission denied\nvmloom: hint: b/generated, and what is below, must be yours to read and to change: ls -laR b/generated shows"},
		{"a directory", "b", "gen .", "vmloom: b: permission denied, and profiles may be below\nvmloom: hint: chmod u+rx b; or name the profiles"},
		{"a directory", "b", "gen --check .", "vmloom: b: permission denied, and profiles may be below\nvmloom: hint: chmod u+rx b; or name the profiles"},
		{"a directory", "b", "check .", "vmloom: b: permission denied, and profiles may be below\nvmloom: hint: chmod u+rx b; or name the profiles"},
		{"a directory alone", "b", "gen b", "vmloom: b: permission denied, and profiles may be below\nvmloom: hint: chmod u+rx b; or name the profiles"},
	} {
		t.Run(one.name+", "+one.args, func(t *testing.T) {
			t.Setenv("XDG_CACHE_HOME", t.TempDir())
			t.Chdir(t.TempDir())
			for _, name := range []string{"a", "b", "c"} {
				must(t, os.Mkdir(name, 0o755))
				writeFile(t, name+"/vmloom.yaml", strings.Replace(leastProfile, "name: a", "name: "+name, 1))
			}
			if out, status := asUser(t, "gen", "-q", "."); status != 0 {
				t.Fatal(out)
			}
			must(t, os.Remove("c/generated/c/ssh/config"))
			unreadable(t, one.path)
			out, status := asUser(t, strings.Fields(one.args)...)
			if status != 1 || !strings.Contains(out, one.want) {
				t.Errorf("status %d, no %q: %s", status, one.want, out)
			}
			if made := isFile("c/generated/c/ssh/config"); made != (one.args == "gen .") {
				t.Errorf("the other profile: %t: %s", made, out)
			}
			if one.args == "check ." && !strings.Contains(out, " profiles: ") {
				t.Errorf("nothing of the other profile: %s", out)
			}
		})
	}
}

// TestForcedDirectory: --force does not take a directory away, nor says that it has.
func TestForcedDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFile(t, "vmloom.yaml", leastProfile)
	var out strings.Builder
	run([]string{"vmloom", "gen"}, &out, &out)
	must(t, os.Remove("generated/a/ssh/config"))
	must(t, os.Mkdir("generated/a/ssh/config", 0o755))
	writeFile(t, "generated/a/ssh/config/notes", "mine")
	out.Reset()
	if status := run([]string{"vmloom", "gen", "--force"}, &out, &out); status != 1 || !strings.Contains(out.String(), "generated/a/ssh/config: is a directory: kept\nvmloom: hint: move the directory away: mv generated/a/ssh/config generated/a/ssh/config.mine") {
		t.Errorf("status %d: %s", status, out.String())
	}
	if text, err := os.ReadFile("generated/a/ssh/config/notes"); string(text) != "mine" {
		t.Error(err)
	}
}

// started runs the program itself, with a pipe to its standard input.
func started(t *testing.T, dir string, args ...string) (cmd *exec.Cmd, stdin io.WriteCloser, stdout io.Reader, stderr *strings.Builder) {
	t.Helper()
	program, err := exec.LookPath("vmloom") // of testscript
	must(t, err)
	cmd, stderr = exec.CommandContext(t.Context(), program, args...), &strings.Builder{}
	cmd.Dir, cmd.Stderr = dir, stderr
	stdin, err = cmd.StdinPipe()
	must(t, err)
	stdout, err = cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	return cmd, stdin, stdout, stderr
}

// TestFirstSignal: the first Ctrl-C, or SIGTERM, ends a run that waits for an
// input, or has much to do.
func TestFirstSignal(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run("check -, "+signal.String(), func(t *testing.T) {
			cmd, stdin, _, stderr := started(t, t.TempDir(), "check", "-")
			// More than a pipe holds: once it is written, it is being read.
			if _, err := io.WriteString(stdin, strings.Repeat("# a comment\n", 20_000)); err != nil {
				t.Fatal(err)
			}
			must(t, cmd.Process.Signal(signal))
			if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 128+int(signal) || !strings.Contains(stderr.String(), "vmloom: -: "+signal.String()) {
				t.Errorf("%v: %s", err, stderr.String())
			}
		})
		t.Run("gen, "+signal.String(), func(t *testing.T) {
			const n = 300
			dir := t.TempDir()
			for i := range n {
				writeFile(t, filepath.Join(dir, fmt.Sprintf("p%03d.vmloom.yaml", i)), strings.Replace(leastProfile, "name: a", fmt.Sprintf("name: p%d", i), 1))
			}
			cmd, _, stdout, stderr := started(t, dir, "gen", "--quiet", ".")
			out := bufio.NewReader(stdout)
			if _, err := out.ReadString('\n'); err != nil {
				t.Fatal(err, stderr.String())
			}
			must(t, cmd.Process.Signal(signal)) // while nobody reads what it says
			io.Copy(io.Discard, out)
			err := cmd.Wait()
			made, _ := filepath.Glob(filepath.Join(dir, "generated/*/.vmloom.json"))
			if cmd.ProcessState.ExitCode() != 128+int(signal) || len(made) == n || !strings.Contains(stderr.String(), fmt.Sprintf("vmloom: %s: %d of %d profiles done", signal, len(made), n)) {
				t.Errorf("%v, %d of %d are made: %s", err, len(made), n, stderr.String())
			}
		})
	}
	t.Run("a directory without end", func(t *testing.T) {
		ctx, cancel := interruptible()
		defer cancel()
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, "vmloom.yaml"), leastProfile)
		must(t, syscall.Kill(os.Getpid(), syscall.SIGTERM))
		<-ctx.Done()
		if _, err := profilePaths(ctx, []string{dir}); err == nil || err.Error() != "terminated" {
			t.Errorf("got %v", err)
		}
	})
}

// TestWalkError: a directory that is gone when it is looked into is an error.
func TestWalkError(t *testing.T) {
	if found, err := profilesBelow(t.Context(), filepath.Join(t.TempDir(), "none"), nil); !errors.Is(err, os.ErrNotExist) || found != nil {
		t.Errorf("%v, %v", found, err)
	}
}

// TestCheckStdin: a profile may come through a pipe.
func TestCheckStdin(t *testing.T) {
	for text, want := range map[string]string{
		leastProfile:   "vmloom: 1 profile: 0 errors, 0 warnings\n",
		"version: 1\n": "vmloom: 1 profile: 3 errors, 0 warnings\n",
		strings.Repeat("# comment\n", 1<<20/10+1): "vmloom: -: is larger than 1 MiB\n",
	} {
		cmd, stdin, stdout, stderr := started(t, t.TempDir(), "check", "-")
		go func() { io.WriteString(stdin, text); stdin.Close() }()
		io.Copy(io.Discard, stdout)
		cmd.Wait()
		if stderr.String() != want {
			t.Errorf("%.30q: %s; want %s", text, stderr.String(), want)
		}
	}
}
