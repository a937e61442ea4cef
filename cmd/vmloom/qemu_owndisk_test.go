package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestQEMUDisks has QEMU's own scripts make a further disk, which the guest mounts, and which grows, outlives a rebuild
// and a destroy, and leaves its directory closed while it is gone. The guest is that of TestQEMU, and not Guix.
func TestQEMUDisks(t *testing.T) {
	image := vmImage(t)
	v := newVM(t, "own", `version: 1
name: own
host: {os: linux}
guest: {system: guix, user: {name: dev}}
resources: {cpus: 2, memory: 512MiB, disk: 2GiB}
home: {disk: 256MiB}
disks: [{name: data, size: 256MiB, mount: /srv/data}]
`)
	v.env = append(v.env, "IMAGE="+image)
	dir := filepath.Dir(filepath.Dir(filepath.Dir(v.state)))
	file := v.state + "/data-data.raw"
	in := func(want string, words ...string) {
		t.Helper()
		if out, _ := v.do("ssh", words...); out != want {
			t.Errorf("%q: %q, want %q", words, out, want)
		}
	}
	v.do("create")
	in("dev root /srv/data\n", "sh", "-c", "stat -c '%U %G' /srv/data | tr '\\n' ' '; findmnt -n -o TARGET --mountpoint /srv/data")
	in("kept\n", "sh", "-c", "echo kept >/srv/data/file; cat /srv/data/file")
	v.do("stop")

	profile := filepath.Join(dir, "vmloom.yaml")
	text, err := os.ReadFile(profile)
	must(t, err)
	writeFile(t, profile, strings.Replace(string(text), "name: data, size: 256MiB", "name: data, size: 320MiB", 1))
	quietly(t, dir, nil, "vmloom", "gen")
	_, said := v.do("rebuild", "--yes")
	v.says(said, "the disk data stays: "+file, file+": grows from 256MiB to 320MiB", "ready: ")
	in("kept\n", "cat", "/srv/data/file")
	in("grown\n", "sh", "-c", "[ $(df -Pk /srv/data | awk 'NR == 2 { print $2 }') -gt 270000 ] && echo grown")
	v.do("stop")

	must(t, os.Rename(file, file+".aside"))
	_, said = v.do("create")
	v.says(said, file+": is gone, and the VM starts without it")
	in("closed\nvmloom: THE DISK data IS NOT THERE: /srv/data takes nothing until it is\n", "sh", "-c", "sudo touch /srv/data/x 2>/dev/null || echo closed; head -n 1 /run/motd.d/vmloom-disk-data")
	v.do("stop")
	must(t, os.Rename(file+".aside", file))

	_, said = v.do("destroy", "--yes", "--purge-home")
	v.says(said, "the disk data stays: "+file+`; to delete it: rm "`+file+`"`)
	if got := v.files(); strings.Join(got, " ") != "data-data.raw vmloom.owner" {
		t.Errorf("left: %q", got)
	}
	v.do("create")
	in("kept\n", "cat", "/srv/data/file")
	v.do("destroy", "--yes", "--purge-home")
	must(t, os.Remove(file))
	v.do("destroy", "--yes")
	if _, err := os.Stat(filepath.Dir(v.state)); err == nil {
		t.Errorf("left: %q", v.files())
	}
}
