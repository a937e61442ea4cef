package generate_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
	"vmloom/templates"
)

// TestUntold: what could not be asked is not taken for an answer, by functions of the scripts whose tools fail.
func TestUntold(t *testing.T) {
	read := func(file string) string {
		data, err := os.ReadFile(filepath.Join("../testdata/golden", file))
		must(t, err)
		return string(data)
	}
	function := func(script, name string) string {
		found := regexp.MustCompile(`(?ms)^` + name + `\(\) \{.*?^\}$`).FindString(script)
		if found == "" {
			t.Fatalf("no function %s", name)
		}
		return found + "\n"
	}
	repair := read("full/generated/full/scripts/full-repair.sh")
	removal, err := templates.Render("lima/remove-dnf.sh.tmpl", struct{ Packages []string }{})
	must(t, err)
	keyring := function(repair, "bring_keyring")
	groups, err := templates.Render("lima/groups.sh.tmpl", struct {
		User   struct{ Name string }
		Groups []string
	}{struct{ Name string }{"me"}, []string{"video"}})
	must(t, err)
	for _, c := range []struct {
		name, script, want string
		tools              map[string]string
	}{
		{"no lsof", strings.ReplaceAll(function(repair, "hears")+function(repair, "free"), "/proc/net/unix", "/nonexistent") + `
PATH=$PWD/bin
free docker socket && echo removed`, "no lsof is here to tell", nil},
		{"what needs a package", "mkdir -p lib\necho zlib >lib/packages\ngone_packages=zlib\n" + strings.ReplaceAll(string(removal), "/var/lib/vmloom", "lib"),
			"dnf does not tell what needs zlib, which stays", map[string]string{"dnf": `case $* in *remove*) echo removed ;; *) exit 1 ;; esac`}},
		{"a group that does not go", "mkdir lib\nprintf '%s\\n' docker kvm >lib/groups\n" + strings.ReplaceAll(string(groups), "/var/lib/vmloom", "lib") + "\ntr '\\n' , <lib/groups\n",
			"\ndocker,video,", map[string]string{"gpasswd": "echo 'gpasswd: cannot lock /etc/group' >&2; exit 10", "id": "echo me docker", "getent": "", "usermod": ""}},
		{"the keys of this host", "say() { echo \"$*\"; }\nto_guest() { echo 0; }\n" + keyring + "bring_keyring || echo 'not brought'",
			"gpg: does not tell the public keys of this host", map[string]string{"gpg": `exit 2`}},
		{"the keys themselves", "say() { echo \"$*\"; }\nto_guest() { echo 0; }\n" + keyring + "bring_keyring || echo 'not brought'",
			"gpg: does not tell the public keys of this host", map[string]string{"gpg": `case $* in *export*) exit 2 ;; esac; echo pub:u:255`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, err := os.MkdirTemp("/tmp", "v") // short, as sockets want it
			must(t, err)
			defer os.RemoveAll(dir)
			there, err := net.Listen("unix", filepath.Join(dir, "socket"))
			must(t, err)
			defer there.Close()
			must(t, os.Mkdir(filepath.Join(dir, "bin"), 0o755))
			for name, text := range c.tools {
				must(t, os.WriteFile(filepath.Join(dir, "bin", name), []byte("#!/bin/sh\n"+text+"\n"), 0o755))
			}
			cmd := exec.Command(tooltest.Need(t, "sh"), "-uc", `PATH=$PWD/bin:$PATH
`+c.script)
			cmd.Dir = dir
			out, _ := cmd.CombinedOutput()
			if said := string(out); !strings.Contains(said, c.want) || strings.Contains(said, "removed") {
				t.Errorf("%q is not said:\n%s", c.want, said)
			}
		})
	}
}
