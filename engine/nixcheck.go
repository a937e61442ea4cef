package engine

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"vmloom/lima"
	"vmloom/pattern"
	"vmloom/process"
)

const (
	nixInstall = "curl -sSfL https://nixos.org/nix/install | sh -s -- --daemon, or on Debian: sudo apt install nix-bin nix-setup-systemd"
	kvmHint    = "ls -l /dev/kvm there; where it is, add kvm to system-features in nix.conf (nix.linux-builder of nix-darwin: config.virtualisation, on an M3 or newer)"
)

// nixPreflight looks at the lock, at nix where it is needed, and at the place.
func nixPreflight(ctx context.Context, j *Job) (out []Finding) {
	_, out = NixOwn(j.Profile, j.Base, nil)
	out = append(out, nixLockFindings(j)...)
	out = append(out, diskFindings(j.imagesDisk(), "for the image")...)
	if f := reach(ctx, j.Place); f != nil {
		return append(out, Finding{true, *f})
	}
	if f := nixVersion(ctx, j.Place); f != nil {
		return append(out, Finding{true, *f})
	}
	s, err := j.settings(ctx, j.Place)
	if err != nil {
		// A place may let nobody in but nix-daemon; the build itself will tell.
		return append(out, Finding{j.Place.Kind == Local, Failure{Cause: "nix: does not say its settings: " + lastSaid(err), Field: field(j)}})
	}
	out = append(append(out, nixBuilders(ctx, j, s)...), nixAble(j, s)...)
	if j.Place.Kind == Local {
		out = append(out, diskFindings("/nix", "for what is built")...)
	}
	if j.Place.Kind == SSH {
		out = append(out, nixStore(ctx, j)...)
	}
	return out
}

// field is what decides the place, unless that is just here.
func field(j *Job) string {
	if j.Place.Kind == Local {
		return ""
	}
	return "build.on"
}

// reach looks whether a command can be run at the place.
func reach(ctx context.Context, p Place) *Failure {
	switch p.Kind {
	case SSH:
		args, err := p.shell("true")
		if err == nil {
			_, err = ask(ctx, args...)
		}
		if err != nil {
			host, _ := p.address()
			return &Failure{
				Cause: p.String() + ": cannot be reached: " + lastSaid(err),
				Hint:  "it must work without a question: ssh -o BatchMode=yes " + host + " true; keys and ports belong into ~/.ssh/config", Field: "build.on",
			}
		}
	case Lima:
		return reachLima(ctx, p)
	}
	return nil
}

func reachLima(ctx context.Context, p Place) *Failure {
	instances, err := limaInstances(ctx)
	if err != nil {
		hint := "limactl list shows why"
		if notFound(err) {
			hint = "install Lima: https://lima-vm.io/docs/installation/"
		}
		return &Failure{Cause: "limactl: " + strings.TrimPrefix(lastSaid(err), "limactl: "), Hint: hint, Field: "build.on"}
	}
	for _, in := range instances {
		switch {
		case in.Name != p.Instance:
		case in.Status != lima.Running:
			return &Failure{Cause: p.String() + ": is " + strings.ToLower(in.Status), Hint: "limactl start " + p.Instance, Field: "build.on"}
		default:
			return nil
		}
	}
	return &Failure{Cause: p.String() + ": there is no such instance", Hint: "limactl list shows those there are", Field: "build.on"}
}

var nixNumber = pattern.New(`([0-9]+)\.([0-9]+)\S*\s*$`)

// nixVersion refuses a nix that is not there, or older than what was tried.
func nixVersion(ctx context.Context, p Place) *Failure {
	text, err := askAt(ctx, p, "nix", "--version")
	at := ""
	if p.Kind != Local {
		at = " at " + p.String()
	}
	switch {
	case notFound(err):
		return &Failure{Cause: "nix: not found" + at, Hint: nixInstall}
	case err != nil:
		return &Failure{Cause: "nix: does not work" + at + ": " + lastSaid(err), Hint: "nix --version"}
	}
	m := nixNumber().FindStringSubmatch(text)
	if m == nil {
		return nil // a name of its own: let it try
	}
	major, _ := strconv.Atoi(m[1])
	minor, _ := strconv.Atoi(m[2])
	if major < 2 || major == 2 && minor < 8 {
		return &Failure{Cause: fmt.Sprintf("nix: %s.%s%s is too old: 2.8 is needed", m[1], m[2], at), Hint: nixInstall}
	}
	return nil
}

// nixAble says whether nix at the place has builders for the image. Without
// one a binary cache may still have it.
func nixAble(j *Job, s *nixSettings) (out []Finding) {
	system := nixSystem(j.Profile)
	how := strings.ReplaceAll(s.builds(system), "nix here", "nix at "+j.Place.String())
	switch {
	case how == "":
		out = append(out, Finding{false, Failure{
			Cause: "nix at " + j.Place.String() + " (" + s.System + ") has no builder for " + system + ": only a binary cache can have the image",
			Hint:  nixRoutes, Field: "build.on",
		}})
	case !s.virtual(system):
		out = append(out, Finding{false, Failure{
			Cause: how + ", but without the feature kvm, which the image's last step needs", Hint: kvmHint, Field: "build.on",
		}})
	}
	return out
}

// nixStore tries the way that a build takes to the store of an SSH place.
func nixStore(ctx context.Context, j *Job) []Finding {
	if _, err := exec.LookPath("nix"); err != nil {
		return nil // all is done over there
	}
	host, _ := j.Place.address()
	try := func(verb string) error {
		_, err := askCmd(ctx, process.Cmd{Args: nixArgs("store", verb, "--store", "ssh-ng://"+host), Env: []string{"LC_ALL=C", "NIX_SSHOPTS=" + j.Place.sshFlags()}})
		return err
	}
	err := try("info")
	if exit := (*process.ExitError)(nil); errors.As(err, &exit) && strings.Contains(strings.Join(exit.Last, "\n"), "'info' is not a recognised command") {
		err = try("ping") // its name before 2.19
	}
	if err != nil {
		return []Finding{{true, Failure{
			Cause: "store ssh-ng://" + host + ": cannot be reached: " + lastSaid(err),
			Hint:  "ssh " + host + " nix-daemon --version must work: nix has to be on PATH for a command that ssh runs", Field: "build.on",
		}}}
	}
	return nil
}

// Space that a build of an image wants, in bytes.
const (
	leastSpace  = 1 << 30
	enoughSpace = 8 << 30
)

// imagesDisk is a directory on the disk that takes the image: images/ may be a
// link to another one.
func (j *Job) imagesDisk() string {
	dir := filepath.Join(j.Base, ImagesDir)
	if there, err := exists(dir); err == nil && there {
		return dir
	}
	return j.Base
}

// diskFindings reports a disk that is nearly full; one that is not there is none.
func diskFindings(dir, what string) []Finding {
	var st syscall.Statfs_t
	if syscall.Statfs(dir, &st) != nil {
		return nil
	}
	free := st.Bavail * uint64(st.Bsize)
	if free >= enoughSpace {
		return nil
	}
	return []Finding{{free < leastSpace, Failure{
		Cause: fmt.Sprintf("disk: %.1f GiB free at %s %s; an image takes several", float64(free)/(1<<30), dir, what),
		Hint:  "df -h " + dir + "; nix-collect-garbage -d frees /nix",
	}}}
}
