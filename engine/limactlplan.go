package engine

import (
	_ "embed"
	"slices"

	"vmloom/process"
	"vmloom/profile"
)

// limaClean runs in the guest, as the last thing there.
//
//go:embed limactl_clean.sh
var limaClean string

// limaRemove deletes the throw-away instance $1, by its marker $2: one that came
// from elsewhere is never touched. Lima keeps a template's comments.
const limaRemove = `yaml=${LIMA_HOME:-$HOME/.lima}/$1/lima.yaml
[ -e "$yaml" ] || exit 0
grep -qxF -e "$2" "$yaml" || { echo "vmloom: instance $1: is not of this build" >&2; exit 1; }
exec limactl --tty=false delete --force "$1"`

// limaStart starts the instance $1 within $2. Lima's host agent writes why it ended
// into a file of the instance, which is deleted with it.
const limaStart = `limactl --tty=false start --progress --timeout "$2" "$1" && exit; s=$?; tail -n 20 "${LIMA_HOME:-$HOME/.lima}/$1/ha.stderr.log" 2>/dev/null >&2; exit $s`

// limaLook looks in the guest, as root, whether its arguments are installed, each a
// package or alternatives a|b, and repeats what the manager and the provisioning said against it.
func limaLook(m profile.Manager) string {
	return `for wanted; do for p in $(echo "$wanted" | tr '|' ' '); do ` +
		m.Has + ` && continue 2; done; ` +
		`grep -h -e '^vmloom: no package' -e '` + m.Complaint + `' /var/log/cloud-init-output.log | tail -n 5 >&2; ` +
		`echo "vmloom: package $wanted: is not installed" >&2; exit 1; done`
}

// limaTimeout bounds the first boot with all its installing; Lima's own ten
// minutes are too few for that without KVM or on a slow line.
const limaTimeout = "60m"

func limaPlan(j *Job) ([]process.Step, error) {
	if f := limaPlace(j); f != nil {
		return nil, f
	}
	name := limaInstance(j)
	remove := process.Cmd{Args: []string{"sh", "-c", limaRemove, "sh", name, limaMarker(j)}}
	limactl := func(args ...string) process.Cmd {
		return process.Cmd{Args: append([]string{"limactl", "--tty=false"}, args...)}
	}
	create := limactl("create", "--name="+name, "-")
	create.Input = limaMarker(j) + "\n" + string(j.Template)
	guest := func(script string, args ...string) process.Cmd {
		return limactl(append([]string{"shell", "--workdir", "/", name, "sudo", "sh", "-c", script, "sh"}, args...)...)
	}
	user := j.Profile.Guest.User
	return []process.Step{
		{Does: "Remove what a build that was killed has left", Cmd: remove},
		{Does: "Create the throw-away instance " + name, Cmd: create},
		{Does: "Start it, which installs the packages", Cmd: process.Cmd{Args: []string{"sh", "-c", limaStart, "sh", name, limaTimeout}}},
		{Does: "Look whether the packages are there", Cmd: guest(limaLook(j.Profile.System().Manager), limaPackages(j.Profile)...)},
		{Does: "Clean it of its identity and its account", Cmd: guest(limaClean, user.Name, user.Home)},
		{Does: "Stop it", Cmd: limactl("stop", name)},
		{Cmd: limactl("list", "--format", "{{.Dir}}", name), Sets: "INSTANCE_DIR", Accept: "^/"},
		{Does: "Make an image of its disk", Cmd: process.Cmd{Args: []string{"qemu-img", "convert", "-c", "-O", "qcow2", "${INSTANCE_DIR}/disk", j.Image}}},
		{Does: "Remove it", Cmd: remove, Cleanup: true},
	}, nil
}

// limaPackages are the packages that the template installs, as the guest's manager calls them.
func limaPackages(p *profile.Profile) (names []string) {
	for _, pkg := range p.Guest.Packages {
		names = append(names, pkg.For(p.System()))
	}
	if shell := p.Guest.User.Shell; shell != "bash" {
		names = append(names, shell)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
