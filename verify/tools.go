package verify

import (
	"strings"

	"vmloom/atomic"
	"vmloom/flake"
	"vmloom/lima"
	"vmloom/process"
	"vmloom/profile"
)

var limaVersionCmd = process.Cmd{Args: []string{"limactl", "--version"}}

func limaVersionStep(*Site) []process.Step { return []process.Step{{Cmd: limaVersionCmd}} }

// limaVersion refuses the pairs that are known to be bad; p may be nil: any guest.
func limaVersion(p *profile.Profile) func(*Site, []answer) verdict {
	return func(s *Site, a []answer) verdict {
		if a[0].missing() {
			return bad("limactl: not found")
		}
		seen, its := strings.CutPrefix(lastLine(a[0].out), "limactl version ")
		v, ok := lima.ParseVersion(seen)
		switch {
		case a[0].status > 0:
			return bad("limactl --version: %s", a[0].why())
		case !a[0].ok():
			return noWord("limactl --version", a[0].why())
		case !its || !ok:
			return noWord("limactl --version", "says: "+orNothing(seen))
		}
		module := pinnedModule(s)
		switch known := lima.KnownBad(v, p != nil && p.System().SetUp == profile.ByFlake, module); {
		case known == nil:
			return good("%s", seen)
		case known.Module == lima.Version{}:
			return bad("%s", seen).since(say(known.Because), upgradeLima(p))
		default:
			return bad("%s, and nixos-lima %s", seen, module).
				since(say(known.Because), say("%s in %s, then %s", "nix flake update nixos-lima", "generated/"+p.Name, vmloom("rebuild")))
		}
	}
}

func upgradeLima(p *profile.Profile) Text {
	if p == nil || p.MacOS() {
		return say("%s", "brew upgrade lima")
	}
	return say("install a newer Lima: %s", "https://lima-vm.io/docs/installation/")
}

// pinnedModule is the nixos-lima that flake.lock names, beside the generated flake;
// zero where it names none.
func pinnedModule(s *Site) lima.Version {
	data, err := atomic.Read(s.Generated+"/flake.lock", atomic.Most)
	if err != nil {
		return lima.Version{}
	}
	lock, err := flake.ReadLock(data)
	if err != nil {
		return lima.Version{}
	}
	v, _ := lima.ParseVersion(lock.Pins()["nixos-lima"].Ref)
	return v
}
