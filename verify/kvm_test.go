package verify

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/profile"
)

// TestKVM: a device that is closed, and one that something else stands in for, are told
// with what helps the profile's runner.
func TestKVM(t *testing.T) {
	load := func(text string) *profile.Profile {
		p, err := profile.Load("vm.yaml", []byte("version: 1\nname: vm\nhost: {os: linux, user: ada}\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	lima, qemu := load("guest: {system: debian, release: \"13\"}\n"), load("guest: {system: guix}\n")
	s := site(t)
	s.OS, s.Arch = "linux", "x86_64"
	look := func(p *profile.Profile, device string) Result {
		s.KVM = device
		return Run(t.Context(), s, []Check{kvmRow(p)}, "")[0]
	}
	closed := filepath.Join(s.Home, "kvm")
	if err := os.WriteFile(closed, nil, 0); err != nil {
		t.Fatal(err)
	}
	_, err := os.OpenFile(closed, os.O_RDWR, 0)
	for _, c := range []struct {
		name, device string
		p            *profile.Profile
		seen, cure   string
	}{
		{"none", filepath.Join(s.Home, "none"), lima, "there is none", "modprobe kvm"},
		{"another device, Lima", "/dev/null", lima, "it is there, and makes none", "QEMU_SYSTEM_X86_64="},
		{"another device, QEMU", "/dev/null", qemu, "it is there, and makes none", "ACCEL=kvm vmloom up"},
		{"another device, no profile", "/dev/null", nil, "it is there, and makes none", "turn virtualization on"},
		{"closed", closed, lima, "it is closed to you", "usermod -aG kvm"},
	} {
		if c.device == closed && !errors.Is(err, os.ErrPermission) {
			t.Log("root may open everything: not tried")
			continue
		}
		r := look(c.p, c.device)
		if r.Status != Failed || !strings.HasPrefix(r.Seen, c.seen) || !strings.Contains(r.Cure.String(), c.cure) {
			t.Errorf("%s: %s: %s; %s", c.name, r.Status, r.Seen, r.Cure)
		}
	}
	if r := look(lima, "/dev/null"); !strings.Contains(r.Because.String(), "Lima takes it") {
		t.Error(r.Because)
	}
	foreign := load("guest: {system: debian, release: \"13\", arch: aarch64}\n")
	if r := look(foreign, "/dev/null"); r.Status != Skipped {
		t.Error(r.Status, r.Seen)
	}
}

// TestKVMFailsQEMU: KVM makes a VM, and QEMU cannot use it.
func TestKVMFailsQEMU(t *testing.T) {
	bin := t.TempDir()
	const fails = "#!/bin/sh\ncat >/dev/null\necho 'qemu-system-x86_64: error: failed to set MSR 0x10a to 0x69' >&2\nexit 134\n"
	if err := os.WriteFile(filepath.Join(bin, "qemu-system-x86_64"), []byte(fails), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	a := command(t.Context(), startsByKVM("x86_64"))
	if a.ok() || a.why() != "qemu-system-x86_64: error: failed to set MSR 0x10a to 0x69" {
		t.Errorf("%+v", a)
	}
}
