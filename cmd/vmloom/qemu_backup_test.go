package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// homeSums prints what is to come back of a home: each file's kind, mode, owner, links and content.
const homeSums = `cd ~ && find . -path './.vmloom*' -prune -o -path './before-*' -prune -o ! -name 'authorized_keys*' ! -name . -printf '%P %y %m %U %n %l %T@\n' | sort && find . -type f ! -path './before-*' ! -name 'authorized_keys*' -exec sha256sum {} + | sort`

func (v *vm) backup(args ...string) (said string) {
	v.t.Helper()
	cmd := exec.Command("vmloom", append([]string{"backup"}, args...)...)
	cmd.Env, cmd.Dir = v.env, v.profileDir()
	out, err := cmd.CombinedOutput()
	if err != nil {
		v.t.Fatalf("backup %q: %v\n%s", args, err, out)
	}
	return string(out)
}

func (v *vm) profileDir() string { return filepath.Dir(filepath.Dir(filepath.Dir(v.scripts))) }

// vmBackup: the home of a real guest, with a share in it and files of root's, comes back as it was.
func vmBackup(t *testing.T, v *vm) {
	v.do("ssh", "sh", "-c", `mkdir -p ~/deep/er && echo text >~/deep/er/file && ln ~/deep/er/file ~/hard && ln -s deep ~/soft &&
chmod 600 ~/hard && truncate -s 5M ~/holes && sudo install -m 640 /etc/hostname ~/of-root && touch -d 2001-02-03T04:05:06.789 ~/deep`)
	before, _ := v.do("ssh", "sh", "-c", homeSums)
	file := filepath.Join(v.profileDir(), "home.tar.zst")
	v.says(v.backup("vmloom.yaml", file), "home.tar.zst: /home/dev of dev: ")
	v.do("ssh", "sh", "-c", `sudo rm -rf ~/deep ~/hard ~/of-root && echo other >~/soft.new && mv ~/soft.new ~/soft`)
	v.says(v.backup("restore", "vmloom.yaml", file, "--yes"), "restored: ", "what it has replaced is in ~/before-restore-")
	after, _ := v.do("ssh", "sh", "-c", homeSums+"; [ $(stat -c %b ~/holes) -lt 64 ] || echo no holes")
	if before != after {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	if kept, _ := v.do("ssh", "sh", "-c", "cat ~/before-restore-*/soft"); kept != "other\n" {
		t.Errorf("kept: %q", kept)
	}
	v.do("ssh", "sh", "-c", "rm -r ~/before-restore-*")
	must(t, os.WriteFile(file+".sums", []byte(before), 0o600))
}

// vmClean: what the rows of Debian say to free room, its own tools take.
func vmClean(t *testing.T, v *vm) {
	for _, sweep := range profile.SystemNamed("debian").Sweeps {
		v.do("ssh", "sudo", "-n", "sh", "-c", sweep.Run)
	}
}

// vmRestore: that home, in a VM that is new.
func vmRestore(t *testing.T, v *vm) {
	tooltest.Whole(t, "boots once more")
	v.do("create")
	file := filepath.Join(v.profileDir(), "home.tar.zst")
	v.backup("restore", "vmloom.yaml", file, "--yes")
	want, err := os.ReadFile(file + ".sums")
	must(t, err)
	got, _ := v.do("ssh", "sh", "-c", homeSums+"; [ $(stat -c %b ~/holes) -lt 64 ] || echo no holes")
	if strings.Contains(got, "no holes") {
		t.Error("its holes take room")
	}
	for line := range strings.Lines(string(want)) {
		if !strings.Contains(got, line) {
			t.Errorf("not there: %s", line)
		}
	}
	v.do("destroy", "--yes", "--purge-home")
}
