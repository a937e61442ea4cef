package verify

import (
	"encoding/json"
	"os"
	"regexp"
	"strconv"
	"strings"

	"vmloom/process"
	"vmloom/profile"
)

// version is the numbers at the front of a version, compared one by one.
type version [3]int

var versionWord = regexp.MustCompile(`(\d+)\.(\d+)(?:\.(\d+))?`)

func readVersion(text string) (v version, ok bool) {
	m := versionWord.FindStringSubmatch(text)
	if m == nil {
		return v, false
	}
	for i := range v {
		v[i], _ = strconv.Atoi(m[i+1]) // no third number is 0
	}
	return v, true
}

func (v version) before(w version) bool {
	for i := range v {
		if v[i] != w[i] {
			return v[i] < w[i]
		}
	}
	return false
}

// knownBad are versions of Lima that do not work with a guest. System is empty for
// all guests, module the version of nixos-lima that the pair is about (0: any):
// those before it do not know what such a Lima asks of them.
var knownBad = []struct {
	system   string
	from, to version // of Lima: from <= it < to
	module   version
	because  string
}{
	{"", version{}, version{2, 0}, version{}, "this set-up needs Lima 2.0 or later"},
	{"nixos", version{}, version{2, 1}, version{}, "Lima before 2.1 names its mounts by number, and the flake knows them by their paths"},
	// nixos-lima, PR #52: the instance's id in /run/lima-boot-done.
	{"nixos", version{2, 1}, version{99}, version{0, 0, 5}, "nixos-lima before 0.0.5 does not tell Lima 2.1 that it is ready: the start hangs"},
	// nixos-lima, PR #101: the guest agent's --socket-owner.
	{"nixos", version{2, 1, 3}, version{99}, version{0, 1}, "nixos-lima before 0.1 starts the guest agent of Lima 2.1.3 wrongly: no ports, no clock"},
}

var limaVersionCmd = process.Cmd{Args: []string{"limactl", "--version"}}

func limaVersionStep(*Site) []process.Step { return []process.Step{{Cmd: limaVersionCmd}} }

// limaVersion refuses the pairs that are known to be bad; p may be nil: any guest.
func limaVersion(p *profile.Profile) func(*Site, []answer) verdict {
	return func(s *Site, a []answer) verdict {
		if a[0].missing() {
			return bad("limactl: not found")
		}
		v, ok := readVersion(a[0].out)
		if !a[0].ok() || !ok {
			return bad("limactl --version: %s", a[0].why())
		}
		seen := strings.TrimPrefix(lastLine(a[0].out), "limactl version ")
		module, pinned := pinnedModule(s)
		for _, k := range knownBad {
			if k.system != "" && (p == nil || p.Guest.System != k.system) || v.before(k.from) || !v.before(k.to) {
				continue
			}
			switch {
			case k.module == version{}:
				return bad("%s", seen).since(Text{Format: k.because}, upgradeLima(p))
			case pinned && module.before(k.module):
				return bad("%s, and nixos-lima %d.%d.%d", seen, module[0], module[1], module[2]).
					since(Text{Format: k.because}, say("%s in %s, then %s", "nix flake update nixos-lima", "generated/"+p.Name, "vmloom rebuild"))
			}
		}
		return good("%s", seen)
	}
}

func upgradeLima(p *profile.Profile) Text {
	if p == nil || p.MacOS() {
		return say("%s", "brew upgrade lima")
	}
	return say("install a newer Lima: %s", "https://lima-vm.io/docs/installation/")
}

// pinnedModule is the nixos-lima that flake.lock names, beside the generated flake.
func pinnedModule(s *Site) (version, bool) {
	var lock struct {
		Nodes map[string]struct {
			Original struct{ Ref string }
		}
	}
	data, err := os.ReadFile(s.Generated + "/flake.lock")
	if err != nil || json.Unmarshal(data, &lock) != nil {
		return version{}, false
	}
	return readVersion(lock.Nodes["nixos-lima"].Original.Ref)
}
