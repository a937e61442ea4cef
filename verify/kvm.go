package verify

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"syscall"

	"vmloom/process"
	"vmloom/profile"
)

var emulatedVM = say("KVM or Hypervisor.framework does not work on this host: the VM is emulated, many times slower")

// openKVM is how the device is opened to its user.
const openKVM = `sudo usermod -aG kvm "$USER"`

// kvmRow asks the device itself for a VM, and QEMU whether it can use it: one that is
// there may be closed, or belong to a machine that has no virtualization to give, or
// only some of it.
func kvmRow(p *profile.Profile) Check {
	with := words{because: emulatedVM, cure: say("turn virtualization on: in the firmware, or in the machine that this one runs in")}
	if p != nil {
		with = runBy(p).noKVM(p)
	}
	return Check{
		ID: "accel/kvm", Title: "/dev/kvm makes VMs for you", Not: "/dev/kvm makes no VMs for you", Field: "host.os", Side: Host, Because: with.because, Cure: with.cure,
		look: func(ctx context.Context, s *session) verdict {
			if !profile.HostNamed(s.OS).KVM {
				return skip("not Linux")
			}
			if p != nil && p.Guest.Arch != s.Arch {
				return skip("this machine is %s, the guest %s: it is emulated", s.Arch, p.Guest.Arch)
			}
			f, err := os.OpenFile(s.KVM, os.O_RDWR, 0)
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return bad("there is none").since(emulatedVM, say("turn virtualization on in the firmware, or %s", "sudo modprobe kvm"))
			case errors.Is(err, fs.ErrPermission):
				return bad("it is closed to you").since(with.because, say("%s, then log in again", openKVM))
			case err != nil:
				return bad("it cannot be opened: %v", err)
			}
			defer f.Close()
			if err := makeVM(f); err != nil {
				return bad("it is there, and makes none: %v", err)
			}
			if p != nil && !emulated(p) {
				return good("it makes one")
			}
			switch a := s.ask(ctx, startsByKVM(s.Arch)); {
			case a.missing():
				return good("it makes one; no QEMU here to try it with")
			case !a.ok():
				return bad("QEMU fails with it: %s", a.why())
			}
			return good("QEMU starts with it")
		},
	}
}

// makeVM has KVM make an empty VM, which ends at once (KVM_CREATE_VM, linux/kvm.h).
func makeVM(kvm *os.File) error {
	const createVM = 0xAE01
	vm, _, errno := syscall.Syscall(syscall.SYS_IOCTL, kvm.Fd(), createVM, 0)
	if errno != 0 {
		return errno
	}
	return syscall.Close(int(vm))
}

// startsByKVM is QEMU with the host's processor, as Lima and the scripts call it, to
// end before any guest runs.
func startsByKVM(arch string) process.Cmd {
	machine := map[string]string{"aarch64": "virt"}[arch]
	return process.Cmd{
		Args:  []string{"qemu-system-" + arch, "-accel", "kvm", "-cpu", "host", "-machine", cmp.Or(machine, "q35"), "-display", "none", "-nodefaults", "-S", "-monitor", "stdio"},
		Input: "quit\n",
	}
}

// limaNoKVM: Lima looks only whether the device is there (2.2, qemu.go).
func limaNoKVM(p *profile.Profile) words {
	cure := say("turn virtualization on: in the firmware, or in the machine that this one runs in")
	if slices.Contains(p.Guest.Arches(), "x86_64") {
		cure = cure.Then("; or have QEMU emulate: ", say("%s", `export QEMU_SYSTEM_X86_64="qemu-system-x86_64 -machine q35,vmport=off -accel tcg,thread=multi -cpu Nehalem"`))
	}
	return words{because: say("Lima takes it because it is there, and QEMU ends within seconds"), cure: cure}
}

// qemuNoKVM: the scripts try it, and emulate where it fails.
func qemuNoKVM(*profile.Profile) words {
	return words{because: emulatedVM, cure: say("do what it said, such as %s, then log in again; %s insists on KVM", openKVM, vmloom("up").With("ACCEL=kvm"))}
}
