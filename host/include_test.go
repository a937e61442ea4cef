package host

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// TestIncludeThere: in whatever spelling it is there, nothing is added.
func TestIncludeThere(t *testing.T) {
	w := newWorld(t)
	s := w.set(strings.Replace(linux, "wezterm: {}\n", "", 1))
	target := s.Dir + "/ssh/config"
	w.ok(os.MkdirAll(w.home(".ssh"), 0o700))
	rel, err := filepath.Rel(w.home(".ssh"), target)
	w.ok(err)
	w.ok(os.Symlink(w.dir+"/work", w.home("work link")))
	w.put(w.home(".ssh/other"), "Include \""+target+"\"\n")
	w.put(w.home(".ssh/conditional"), "Host x\nInclude "+target+"\n")
	for text, there := range map[string]bool{
		"Include " + target + "\n":                                      true,
		"Include \"" + target + "\"":                                    true,
		"\t iNCLUDE = '" + target + "' # comment\r\n":                   true,
		"include=" + target:                                             true,
		"Include nothing \"~/work link/generated/dev/ssh/config\"\n":    true,
		"Include " + rel + "\n":                                         true,
		"Include " + w.dir + "/work/gen*/*/ssh/config\n":                true,
		"Include other\n":                                               true,
		"Include oth?r\n":                                               true,
		"Host a\n  User b\nHost *\n  Include " + target + "\n":          true,
		"Match host a\n  User b\nMatch all\n  Include " + target + "\n": true,
		"Host a\n  Include " + target + "\n":                            false,
		"Match user b\n  Include " + target + "\n":                      false,
		"Host * !a\n  Include " + target + "\n":                         false,
		"Include conditional\n":                                         false,
		"# Include " + target + "\n":                                    false,
		"Include " + target + ".d\n":                                    false,
		"Include config\n":                                              false, // itself, for ever
		"":                                                              false,
	} {
		w.put(w.home(".ssh/config"), text)
		p := w.look(s)
		var got Op
		for _, step := range p.Changes {
			if strings.HasSuffix(strings.Join(step.Paths, ""), "/config") {
				got = step.Op
			}
		}
		if want := map[bool]Op{true: Done, false: Install}[there]; got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestIncludeFile(t *testing.T) {
	w := newWorld(t)
	s := w.set(strings.NewReplacer("wezterm: {}\n", "", "autostart: login\n", "", "sockets:", "#").Replace(linux))
	line := "Include \"" + s.Dir + "/ssh/config\"\n"
	config, backup := w.home(".ssh/config"), w.home(".ssh/config.before-vmloom")
	read := func(file string) string {
		data, err := os.ReadFile(file)
		w.ok(err)
		return string(data)
	}

	// None: it is made, for its owner alone, and goes again with its directory.
	before := w.tree(w.layout.Home)
	w.up(s)
	w.want("new", w.tree(w.home(".ssh")), map[string]string{"config": "-rw-------\n" + line})
	w.uninstall("dev")
	w.want("gone", w.tree(w.layout.Home), before)

	// The user has written into it meanwhile.
	w.up(s)
	w.put(config, read(config)+"Host a\n")
	w.uninstall("dev")
	w.want("written into", read(config), "Host a\n")

	for _, text := range []string{"", "Host a", "Host a\r\n  User b\r\n", "\r\n", "\n", "Match all\n", "\xff\x00\n", line[:20]} {
		w.put(config, text)
		w.ok(os.Chmod(config, 0o644))
		before := w.tree(w.layout.Home)
		w.up(s)
		if got := read(config); !strings.HasPrefix(got, "Include ") || !strings.HasSuffix(got, text) || read(backup) != text {
			t.Errorf("%q: %q", text, got)
		}
		w.uninstall("dev")
		w.want(text, w.tree(w.layout.Home), before)
	}

	// A backup that is there stays as it is; line that the user moved are found.
	w.put(config, "Host a\n")
	w.put(backup, "the first\n")
	w.up(s)
	w.put(config, "Host a\nHost *\n"+line)
	w.uninstall("dev")
	w.want("moved", read(config), "Host a\nHost *\n")
	w.want("backup", read(backup), "the first\n")

	// The profile has moved: one Include, of the new layout.
	w.put(config, "Host a\n")
	w.up(s)
	moved := s
	moved.Dir = w.dir + "/else where/generated/dev"
	w.put(moved.Dir+"/ssh/config", "Host lima-vm\n")
	w.want("elsewhere", w.up(moved), []string{"change home/.ssh/config"})
	w.want("elsewhere", read(config), "Include \""+moved.Dir+"/ssh/config\"\nHost a\n")
	w.uninstall("dev")
	w.want("elsewhere", read(config), "Host a\n")

	// A link into dotfiles, or a read-only file, stays as it is.
	w.put(w.home("dotfiles/config"), "Host a\n")
	w.ok(os.Remove(config))
	w.ok(os.Symlink(w.home("dotfiles/config"), config))
	p := w.look(s)
	w.want("link", whys(p.Of(Left)), []string{config + ": is a symbolic link: left to what made it"})
	w.want("hint", p.Of(Left)[0].Hint.String(), "add as its first line: Include \""+s.Dir+"/ssh/config\"")
	w.apply(p)
	w.want("dotfiles", read(w.home("dotfiles/config")), "Host a\n")
	w.ok(os.Remove(config))
	w.put(config, "Host a\n")
	w.ok(os.Chmod(config, 0o444))
	w.want("read-only", whys(w.look(s).Of(Left)), []string{config + ": is read-only"})
	w.ok(os.Chmod(config, 0o644))

	// It became a link after the line were put in: they are named, and the link stays.
	w.up(s)
	w.put(w.home("dotfiles/config"), read(config))
	w.ok(os.Remove(config))
	w.ok(os.Symlink(w.home("dotfiles/config"), config))
	p, err := Uninstall(w.layout, "dev")
	w.ok(err)
	w.want("link", whys(p.Of(Left)), []string{config + ": is a symbolic link: left to what made it"})
	w.apply(p)
	w.want("dotfiles", read(w.home("dotfiles/config")), line+"Host a\n")
}

// TestIncludeReal: the real ssh finds the included file, whatever its path is
// called, and says about other hosts what it told before.
func TestIncludeReal(t *testing.T) {
	ssh := tooltest.Need(t, "ssh")
	dir := t.TempDir()
	ask := func(config []byte, host string) string {
		file := filepath.Join(dir, "config")
		if err := os.WriteFile(file, config, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(ssh, "-F", file, "-G", host).CombinedOutput()
		if err != nil {
			return err.Error()
		}
		return string(out)
	}
	for _, name := range []string{"plain", "two words", "it's", "star*", "[x]", "what?", "#", "~tilde", "$HOME", "a,b", "é"} {
		target := filepath.Join(dir, name, "ssh", "config")
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, []byte("Host vm\n  Port 4711\nHost *\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		line, err := includeLine(target)
		if err != nil {
			t.Fatal(err)
		}
		if got := ask([]byte(line+"\n"), "vm"); !strings.Contains(got, "\nport 4711\n") {
			t.Errorf("%s: %s", line, got)
		}
		file := filepath.Join(dir, "includes")
		if err := os.WriteFile(file, []byte(line), 0o600); err != nil {
			t.Fatal(err)
		}
		if !includes(file, target, "/nowhere") {
			t.Errorf("%s is not found again", line)
		}
	}
	for _, name := range []string{"100%", `back\slash`, `quo"te`, "${HOME}", "new\nline"} {
		if line, err := includeLine("/x/" + name); err == nil {
			t.Errorf("%q: %s", name, line)
		}
	}

	target := filepath.Join(dir, "plain", "ssh", "config")
	line, _ := includeLine(target)
	text := line + "\n"
	for seed := range uint64(60) {
		config := someConfig(rand.New(rand.NewPCG(seed, 1)))
		with := insert(config, text)
		for _, host := range []string{"other", "a.example"} {
			if before, after := ask(config, host), ask(with, host); before != after {
				t.Errorf("%q: ssh -G %s:\n%s\n%s", config, host, before, after)
			}
		}
		if got := ask(with, "vm"); !strings.Contains(got, "port 4711") && !strings.Contains(got, "exit status") {
			t.Errorf("%q: the VM is not known: %s", with, got)
		}
	}
}

// someConfig is a configuration as people have it, and worse.
func someConfig(r *rand.Rand) []byte {
	line := []string{"Host *", "Host a.example other", "Match all", "Match host other", "  User ada", "Port 22", "  IdentityFile ~/.ssh/id # mine",
		"Include none/*", "# comment", "", "\t", "ServerAliveInterval=15", "SendEnv LANG LC_*", "Host vm", "  Compression yes"}
	end := []string{"\n", "\r\n"}[r.IntN(2)]
	var out bytes.Buffer
	for range r.IntN(12) {
		out.WriteString(line[r.IntN(len(line))] + end)
	}
	if r.IntN(4) == 0 {
		out.WriteString("  LogLevel quiet") // no line end
	}
	return out.Bytes()
}

// FuzzInclude: what insert adds, cut takes out, and nothing else.
func FuzzInclude(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(someConfig(rand.New(rand.NewPCG(seed, 2))), "/home/ada/dev/generated/dev/ssh/config")
	}
	f.Add([]byte("\r\n"), "/x y")
	f.Add([]byte("Include \"/x\"\n"), "/x")
	f.Fuzz(func(t *testing.T, config []byte, path string) {
		line, err := includeLine(path)
		if err != nil {
			t.Skip()
		}
		text := line + "\n"
		with := insert(config, text)
		if !bytes.HasSuffix(with, config) {
			t.Fatalf("%q is no longer the end of %q", config, with)
		}
		rest, found := cut(with, text)
		if !found || !bytes.Equal(rest, config) {
			t.Fatalf("%q became %q", config, rest)
		}
	})
}
