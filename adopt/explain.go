package adopt

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"vmloom/lima"
	"vmloom/pattern"
	"vmloom/profile"
)

// explain says why a difference is meant, or nothing.
func (d *differ) explain(x *Difference) string {
	added, removed := x.Old == "" && x.node == nil, x.New == ""
	if removed && !d.known(x) {
		return "Lima does not know the key: it did nothing"
	}
	switch x.keys[0] {
	case "minimumLimaVersion":
		if added || !later(d.old.str("minimumLimaVersion"), d.new.str("minimumLimaVersion")) {
			return "what the template uses needs it"
		}
	case "base", "images":
		return d.explainImage(x, added)
	case "vmType", "arch", "mountType":
		if added {
			return "was Lima's default for this host, now explicit"
		}
		if x.Old == "9p" && d.without9p() {
			return "the kernel of its image has no 9p that works: such mounts never did"
		}
	case "user":
		return d.explainUser(x, added)
	case "memory", "disk":
		if n := x.node; n != nil && !lima.HasUnit(n.Value) {
			return "a number without a unit is in bytes to Lima"
		}
	case "mounts":
		return d.explainMount(x, added, removed)
	case "portForwards":
		return d.explainForward(x, added, removed)
	case "propagateProxyEnv":
		if d.ownProxy() {
			return "guest.proxy is the guest's, whatever proxy whoever starts the VM has"
		}
	case "env":
		return d.explainEnv(x, added)
	case "hostResolver":
		if len(x.keys) == 3 && x.keys[1] == "hosts" && d.names[x.keys[2]] != "" {
			return "of network.hosts: the guest's own list has it, since Lima's resolver knows no IPv6, and with vz or user-v2 no other name of the same top level"
		}
	case "provision":
		if len(x.keys) > 1 && added {
			return ownScripts[x.keys[1]]
		}
	case "probes":
		if len(x.keys) > 1 && added && ownProbe(x.keys[1]) {
			return "limactl start fails, and says which, where a promise does not hold"
		}
	case "message":
		if added || ownMessage().MatchString(d.old.str("message")) {
			return "what limactl says when the VM is ready"
		}
	case "ssh":
		if added && x.place == "ssh.overVsock" && x.New == "false" {
			return "sshd is reached by the network alone, as Lima's own templates of such images say"
		}
	case "mountTypesUnsupported", "param":
		if added && x.keys[0] == "mountTypesUnsupported" && d.new.get("base") != nil {
			return "comes with Lima's own list of its images"
		}
		if len(x.keys) == 2 && x.keys[1] == profile.ProjectParam {
			return "where the profile lies, which the scripts fill in"
		}
		if added && len(x.keys) == 2 && lima.Brings(x.place, x.New) {
			return "comes with Lima's own list of its images"
		}
	}
	return ""
}

var ownScripts = map[string]string{
	"vmloom's boot":   "makes what must be there before anybody logs in: the directories of sockets, the disk of the home",
	"vmloom's system": "sets the host name, variables and packages at each boot",
	"vmloom's shell":  "links the user's shell to where Lima looks for it",
}

// ownMessage is vmloom's, whatever the instance was called.
var ownMessage = pattern.New(`^To work in [^\n]*\n(Until its first nixos-rebuild this is [^\n]*\n)?$`)

func ownProbe(description string) bool {
	return forwardedAs().MatchString(description) || strings.HasPrefix(description, "/") && strings.HasSuffix(description, " is mounted") || description == "the home is on its own disk" || description == "the packages are installed"
}

func (d *differ) without9p() bool {
	after, _, _ := guests(d.new)
	for img := range after {
		if lacks9p(img.system, img.release) {
			return true
		}
	}
	return false
}

// known reports whether Lima knows the keys that lead to what is gone.
func (d *differ) known(x *Difference) bool {
	place, v := "", d.old
	for _, k := range x.keys {
		if v != nil && v.list {
			place += "[]"
		} else {
			if !lima.Knows(place, k) {
				return false
			}
			place = lima.Join(place, k)
		}
		v = v.get(k)
	}
	return true
}

// later reports whether version a is above b, both as 2.0.0.
func later(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		m, err1 := strconv.Atoi(x[i])
		n, err2 := strconv.Atoi(y[i])
		if err1 != nil || err2 != nil {
			return true
		}
		if m != n {
			return m > n
		}
	}
	return false
}

// guests are the systems whose images a template names, and how many it names
// that tell nothing.
func guests(v *value) (known map[image]bool, broken, other int) {
	known = map[image]bool{}
	for _, k := range v.get("base").names() {
		if img, ok := imageOf(k); ok {
			known[img] = true
		} else if !strings.HasSuffix(k, "_default/mounts") {
			other++
		}
	}
	for _, k := range v.get("images").names() {
		location := v.str("images", k, "location")
		switch img, ok := imageOf(location); {
		case ok:
			known[img] = true
		case relative(location):
			broken++
		default:
			other++
		}
	}
	return known, broken, other
}

func (v *value) names() []string {
	if v == nil {
		return nil
	}
	return v.keys
}

func relative(location string) bool {
	return location != "" && !strings.Contains(location, "://") && !strings.HasPrefix(location, "/") && !strings.HasPrefix(location, "~") && !strings.HasPrefix(location, "{{")
}

func (d *differ) explainImage(x *Difference, added bool) string {
	if len(x.keys) < 2 {
		return ""
	}
	before, broken, other := guests(d.old)
	after, _, _ := guests(d.new)
	same, nixos := false, false
	for img := range after {
		same = same || before[img]
		for old := range before {
			nixos = nixos || old.released != "" && img.released != "" || old.own
		}
	}
	location := x.keys[1]
	if x.keys[0] == "images" {
		location = cutArch(location)
	}
	img, known := imageOf(location)
	const notThere = "the image is not there: what runs is another system, which the profile names"
	switch {
	case added && broken > 0 && other == 0 && len(before) == 0:
		return notThere
	case added && broken+other+len(before) == 0:
		return "no image was named: --guest says which it is"
	case added && same && other == 0:
		return "the same system, by Lima's own list of its images"
	case added && nixos:
		return "the image that this version of vmloom was made for"
	case added:
		return ""
	case x.keys[0] == "images" && relative(location) && !known:
		return notThere
	case x.keys[0] == "images" && chosen(d.old):
		return "" // and all of them stay
	case strings.HasSuffix(location, "_default/mounts") && d.mountsHome():
		return "what it mounts is written out"
	case known && (same && after[img] || img.system != "" && sameSystem(after, img)):
		return "the same system, by Lima's own list of its images"
	case known && nixos:
		return "the image that this version of vmloom was made for; vmloom build-image makes another"
	case known && img.own:
		return "vmloom build-image rebuilds it, and gen names it again"
	}
	return ""
}

func sameSystem(after map[image]bool, img image) bool {
	for a := range after {
		if a.system == img.system && a.release == img.release {
			return true
		}
	}
	return false
}

// chosen reports whether one of a template's images is its owner's choice: with a
// kernel or variant of its own, or a digest and no newer file to fall back on, as
// Lima's lists have for each processor.
func chosen(v *value) bool {
	pinned, open := map[string]bool{}, map[string]bool{}
	for _, k := range v.get("images").names() {
		img := v.get("images", k)
		if slices.ContainsFunc(img.keys, func(key string) bool {
			return !slices.Contains(strings.Fields("location arch digest variant archVariant"), key)
		}) {
			return true
		}
		if _, known := imageOf(img.str("location")); !known {
			return true
		}
		if img.str("digest") != "" {
			pinned[img.str("arch")] = true
		} else {
			open[img.str("arch")] = true
		}
	}
	for arch := range pinned {
		if !open[arch] {
			return true
		}
	}
	return false
}

// cutArch is the location in an image's name.
func cutArch(name string) string {
	_, location, _ := strings.Cut(name, " ")
	return location
}

func (d *differ) explainUser(x *Difference, added bool) string {
	if len(x.keys) < 2 {
		return ""
	}
	switch x.keys[1] {
	case "shell":
		if path.Base(d.old.str("user", "shell")) == path.Base(d.new.str("user", "shell")) {
			return "the same shell"
		}
		return ""
	case "name":
		if added {
			return "was the host's user name, now explicit"
		}
	case "uid":
		switch uid := x.New; {
		case added && d.host.isMac() && uid != d.host.firstUID():
			return "was the Mac's, usually " + d.host.firstUID() + ", now " + uid + ", which every system takes: files brought along must be given to it"
		case added:
			return "was the host's uid, now explicit: the files of the home carry it"
		}
	case "home":
		if added {
			return "was Lima's default, now explicit: the same in every instance, and for every system"
		}
	}
	return ""
}

// forwardsInto reports whether the new template forwards a socket of the directory.
func (d *differ) forwardsInto(dir string) bool {
	for _, k := range d.new.get("portForwards").names() {
		if strings.HasPrefix(d.new.str("portForwards", k, "hostSocket"), dir+"/") {
			return true
		}
	}
	return false
}

func (d *differ) explainForward(x *Difference, added, removed bool) string {
	if len(x.keys) < 2 {
		return ""
	}
	old, new := d.old.get("portForwards", x.keys[1]), d.new.get("portForwards", x.keys[1])
	switch {
	case removed && strings.HasSuffix(old.str("hostSocket"), onePasswordApp):
		return "s.sock refuses relayed connections: the agent's socket is forwarded"
	case added && new.str("guestPort") == "68" && new.str("ignore") == "true":
		return "Lima would take the guest's DHCP client for a server of it (nixos-lima#50)"
	case added && new.str("reverse") == "true":
		for _, k := range d.old.get("mounts").names() {
			if location := d.old.str("mounts", k, "location"); location != "" && strings.HasPrefix(new.str("hostSocket"), location+"/") {
				return "the socket of the mount " + clean(location) + ", forwarded"
			}
		}
		for _, k := range d.old.get("portForwards").names() {
			if strings.HasSuffix(d.old.str("portForwards", k, "hostSocket"), onePasswordApp) {
				return "the socket of 1Password's SSH agent, in place of the app's"
			}
		}
	case len(x.keys) == 3 && x.keys[2] == "hostSocket", old != nil && new != nil && strings.HasPrefix(old.str("hostSocket"), "~"):
		if strings.HasPrefix(old.str("hostSocket"), "~") {
			return "Lima expands no ~ here: it never led to the host's home"
		}
	}
	return ""
}

func (d *differ) explainEnv(x *Difference, added bool) string {
	if len(x.keys) < 2 {
		return ""
	}
	if d.ownProxy() && slices.Contains(profile.ProxyVars(), x.keys[1]) {
		return "of guest.proxy: in small letters and in capitals, and never for the guest itself"
	}
	value := d.new.str("env", x.keys[1])
	if old := d.old.str("env", x.keys[1]); x.New == "" && !profile.PAMCarries(old) &&
		strings.Contains(d.new.str("provision", "vmloom's system", "script"), "\nexport "+x.keys[1]+"=") {
		return "/etc/environment cannot carry it: programs saw a part; login shells get it whole"
	}
	for _, k := range d.new.get("portForwards").names() {
		guest := d.new.str("portForwards", k, "guestSocket")
		if guest == "" || value != guest && value != "unix://"+guest {
			continue
		}
		if added {
			return "points the guest's programs to the socket"
		}
		for _, m := range d.old.get("mounts").names() {
			old := strings.TrimPrefix(d.old.str("env", x.keys[1]), "unix://")
			if strings.HasPrefix(old, d.old.str("mounts", m, "location")+"/") || strings.HasPrefix(old, m+"/") {
				return "pointed to a socket in a mount: now to the forwarded one"
			}
		}
	}
	return ""
}
