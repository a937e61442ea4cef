package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// vmForeign has a second project with the VM's name: nothing of its scripts or commands touches the VM.
func vmForeign(t *testing.T, v *vm) {
	v.do("ssh", "sh", "-c", "echo mine >~/owner")
	dir, err := filepath.EvalSymlinks(filepath.Join(v.scripts, "../../.."))
	must(t, err)
	other := *v
	base, err := os.MkdirTemp("/tmp", "vmloom")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(base) })
	profile, err := os.ReadFile(filepath.Join(dir, "vmloom.yaml"))
	must(t, err)
	profile = []byte(strings.ReplaceAll(string(profile), "name: dev", "name: eve"))
	must(t, os.WriteFile(filepath.Join(base, "vmloom.yaml"), profile, 0o644))
	other.scripts = filepath.Join(base, "generated/vm/scripts")
	if _, said, status := other.vmloom("gen"); status != 0 {
		t.Fatal(said)
	}
	qemu, before := v.qemu(), v.files()
	is := "the VM vm: is of another project: " + filepath.Join(dir, "vmloom.yaml") + "; nothing is done to it"
	for _, call := range [][]string{
		{"create"}, {"create", "--take"}, {"ssh", "true"}, {"stop"}, {"repair"}, {"rebuild", "--yes", "--purge-home"}, {"destroy", "--yes", "--purge-home"},
	} {
		_, said, status := other.try(call[0], call[1:]...)
		if status != 1 {
			t.Errorf("%q: status %d", call, status)
		}
		v.says(said, is, "hint: give this profile another name")
	}
	for _, call := range [][]string{{"destroy", "--yes", "--purge-home"}, {"up", "--yes", "--no-install"}, {"stop"}, {"ssh"}} {
		_, said, status := other.vmloom(call...)
		if status != 1 {
			t.Errorf("vmloom %q: status %d", call, status)
		}
		v.says(said, is)
	}
	other.stateIs("foreign")
	if v.qemu() != qemu || !slices.Equal(before, v.files()) {
		t.Errorf("the VM was changed: %v, %v", before, v.files())
	}

	// Its own project moved; the VM's directory, which lies in it here, did not.
	moved := filepath.Join(dir, "moved")
	must(t, os.Mkdir(moved, 0o755))
	move := func(from, to string) {
		t.Helper()
		for _, name := range []string{"vmloom.yaml", "generated", ".vmloom"} {
			must(t, os.Rename(filepath.Join(from, name), filepath.Join(to, name)))
		}
	}
	move(dir, moved)
	v.scripts = filepath.Join(moved, "generated/vm/scripts")
	_, said := v.do("ssh", "true")
	v.says(said, "which has moved: taken over for "+filepath.Join(moved, "vmloom.yaml"))
	v.stateIs("running")
	move(moved, dir)
	v.scripts = filepath.Join(dir, "generated/vm/scripts")
	if out, _ := v.do("ssh", "cat", "owner"); out != "mine\n" {
		t.Errorf("in the home: %q", out)
	}
}
