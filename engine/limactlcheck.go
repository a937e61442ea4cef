package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"vmloom/atomic"
	"vmloom/lima"
	"vmloom/profile"
)

// limaPreflight looks at limactl, at what makes an image of a disk, at space, and
// whether somebody else's instance is where the throw-away one would be.
func limaPreflight(ctx context.Context, j *Job) (out []Finding) {
	fatal := func(f *Failure) []Finding { return append(out, Finding{true, *f}) }
	if f := limaPlace(j); f != nil {
		return fatal(f)
	}
	if f := limaTools(ctx, j.Profile); f != nil {
		return fatal(f)
	}
	dir, f := limaDir(ctx, j)
	if f != nil {
		return fatal(f)
	}
	for _, d := range append(diskFindings(j.imagesDisk(), "for the image"), diskFindings(dir, "for the throw-away instance")...) {
		d.Hint = "df -h shows which file system is short; limactl prune removes what Lima has cached"
		out = append(out, d)
	}
	if j.Locked {
		out = append(out, Finding{false, Failure{
			Cause: "--locked: pins nothing here: " + j.Profile.System().Manager.Title + " installs what its archive has today", Hint: "guest.system: nixos or guix pins everything", Field: "guest.system",
		}})
	}
	p := j.Profile
	switch {
	case ArchOf(runtime.GOARCH) != p.Guest.Arch:
		out = append(out, Finding{false, Failure{
			Cause: "guest.arch: " + p.Guest.Arch + " is emulated on this machine, which takes many times longer", Field: "guest.arch",
		}})
	case runtime.GOOS == "linux" && p.Lima.VMType == "qemu":
		if kvm, err := os.OpenFile("/dev/kvm", os.O_RDWR, 0); err != nil {
			out = append(out, Finding{false, Failure{
				Cause: "/dev/kvm: is not there, or not for you: QEMU emulates, which takes many times longer", Hint: "ls -l /dev/kvm; sudo usermod -aG kvm $USER",
			}})
		} else {
			kvm.Close()
		}
	}
	return out
}

// limaTools asks for limactl 2 and for qemu-img. Lima itself reads an image by its
// content, and would take the raw disk of Apple's hypervisor as it is; but then
// NAME.qcow2 would be none, and as large as the whole disk.
func limaTools(ctx context.Context, p *profile.Profile) *Failure {
	install, img := "install Lima: https://lima-vm.io/docs/installation/", "install it (apt: qemu-utils; dnf: qemu-img)"
	if p.MacOS() {
		install, img = "brew install lima", "brew install qemu"
	}
	version, err := ask(ctx, "limactl", "--version")
	switch {
	case notFound(err):
		return &Failure{Cause: "limactl: not found", Hint: install}
	case err != nil && strings.Contains(lastSaid(err), "root user"):
		return &Failure{Cause: "limactl: does not run as root", Hint: "run vmloom as your own user"}
	case err != nil:
		return &Failure{Cause: "limactl: does not work: " + lastSaid(err), Hint: "limactl --version must work first"}
	case old(version):
		return &Failure{Cause: fmt.Sprintf("%s: too old: %d.%d is needed", version, lima.Oldest[0], lima.Oldest[1]), Hint: install}
	}
	if _, err := ask(ctx, "qemu-img", "--version"); err != nil {
		return &Failure{Cause: "qemu-img: not found, which makes an image of the instance's disk", Hint: img}
	}
	return nil
}

func old(said string) bool {
	v, ok := lima.ParseVersion(said)
	return ok && v.Before(lima.Oldest)
}

// limaDir is where the throw-away instance comes to lie, or Lima's home as far as it
// is known; a failure where an instance of that name is not of this build.
func limaDir(ctx context.Context, j *Job) (string, *Failure) {
	name := limaInstance(j)
	list, err := ask(ctx, "limactl", "list", "--format", "{{.Name}} {{.Protected}} {{.Dir}}")
	if err != nil {
		return "", &Failure{Cause: "limactl list: does not work: " + lastSaid(err), Hint: "limactl list shows why"}
	}
	home := ""
	for line := range strings.Lines(list) {
		f := strings.SplitN(strings.TrimRight(line, "\n"), " ", 3)
		if len(f) != 3 {
			continue
		}
		home = filepath.Dir(f[2])
		if f[0] != name {
			continue
		}
		yaml, err := atomic.Read(filepath.Join(f[2], lima.Template), atomic.Most)
		if errors.Is(err, fs.ErrNotExist) {
			return "", &Failure{
				Cause: "instance " + name + ": is half deleted, and Lima deletes no more of it",
				Hint:  "if no limactl is at work: rm -r '" + f[2] + "'",
			}
		}
		if err != nil || !slices.Contains(strings.Split(string(yaml), "\n"), limaMarker(j)) {
			return "", &Failure{
				Cause: "instance " + name + ": was not made by a build of this directory, and is left alone",
				Hint:  "if nothing builds in it: limactl delete --force " + name + "; or limactl rename " + name + " OTHER-NAME",
			}
		}
		if f[1] == "true" {
			return "", &Failure{Cause: "instance " + name + ": is protected", Hint: "limactl unprotect " + name}
		}
	}
	return home, nil
}
