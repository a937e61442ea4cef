package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mountTools stand in for the guest's, whose mounts are files below $AT, and for the host's sftp-server.
var mountTools = map[string]string{
	"findmnt":     `for last; do :; done; read -r source _ <"$AT/mounted:$(echo "$last" | /usr/bin/tr / _)" && echo "$source"`,
	"sudo":        `case $2 in umount | systemctl) shift; exec "$@" ;; esac`,
	"umount":      `/bin/rm "$AT/mounted:$(echo "$1" | /usr/bin/tr / _)"`,
	"systemctl":   `exit 0`,
	"sshfs":       `read -r hello; [ "$hello" != hello ] || echo "$1 $4" >"$AT/mounted:$(echo "$2" | /usr/bin/tr / _)"; exec /bin/cat >/dev/null`,
	"sftp-server": `echo hello; exec /bin/sleep 5`,
}

// TestKilledMounts kills apply before its commands while one share becomes read-only, one comes and one goes: the same
// command again ends with those that the profile has, at the place and in the way that it says. A sample, as
// TestKilledScripts is.
func TestKilledMounts(t *testing.T) {
	t.Parallel()
	const old = "mounts: [{host: ~/src, guest: /mnt/src, writable: true}, {host: ~/old, guest: /mnt/old}]\n"
	c := killed{
		name: "apply, mounts", verb: "apply", args: []string{"--yes"}, made: true, sample: 3, or: "could not be mounted: ",
		change: "mounts: [{host: ~/src, guest: /mnt/src}, {host: ~/new, guest: /mnt/new, writable: true}]\n", arrives: ":HOME/new slave,allow_other",
	}
	c.everywhere(t, func(t *testing.T, made bool) *stepping {
		s := newStepping(t, false)
		for _, dir := range []string{"src", "old", "new", "at"} {
			must(t, os.Mkdir(filepath.Join(s.home, dir), 0o755))
		}
		for name, text := range mountTools {
			must(t, os.WriteFile(filepath.Join(s.home, "bin", name), []byte("#!/bin/sh\n"+text+"\n"), 0o755))
		}
		s.env = slices.Concat(s.env, []string{"AT=" + filepath.Join(s.home, "at")})
		s.state = func() string {
			state := s.limaState()
			files, err := filepath.Glob(filepath.Join(s.home, "at/mounted:*"))
			must(t, err)
			for _, file := range files {
				text, err := os.ReadFile(file)
				must(t, err)
				state += "\n" + filepath.Base(file) + " " + string(text)
			}
			return strings.ReplaceAll(state, s.home, "HOME")
		}
		writeFile(t, filepath.Join(s.home, "p/vmloom.yaml"), faultyProfile+old)
		quietly(t, filepath.Join(s.home, "p"), nil, "vmloom", "gen")
		if status, said := s.run(0, "create"); status != 0 {
			t.Fatal(said)
		}
		writeFile(t, s.notes, "notes of years\n")
		for at, text := range map[string]string{"_mnt_src": ":" + s.home + "/src slave,allow_other\n", "_mnt_old": ":" + s.home + "/old slave,allow_other,ro\n"} {
			writeFile(t, filepath.Join(s.home, "at/mounted:"+at), text)
		}
		return s
	})
}
