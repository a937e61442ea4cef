package generate

import (
	"slices"
	"strings"

	"vmloom/profile"
)

// runtimeDirs are the directories of sockets below the user's own in /run/user, which every first login makes anew:
// each after the one that it is in.
func runtimeDirs(p *profile.Profile) (dirs []string) {
	own := "/run/user/" + p.Guest.User.UID.String()
	for _, s := range p.ToGuest() {
		rest, below := strings.CutPrefix(s.Guest, own+"/")
		for at := own; below; {
			var part string
			if part, rest, below = strings.Cut(rest, "/"); !below {
				break
			}
			if at += "/" + part; !slices.Contains(dirs, at) {
				dirs = append(dirs, at)
			}
		}
	}
	return dirs
}

// offeredIn is the directory below the host's home that is made for the guest's sockets; empty: none lies there.
func offeredIn(p *profile.Profile) string {
	for _, s := range p.ToHost() {
		if strings.HasPrefix(s.Host, p.HostSockets()+"/") {
			return strings.TrimPrefix(p.HostSockets(), "~/")
		}
	}
	return ""
}

// runtimeView is how a guest of systemd makes them.
type runtimeView struct {
	Own, DropIn string     // the user's directory; of the unit that makes it
	Make        [][]string // commands
}

func newRuntime(p *profile.Profile) (v runtimeView) {
	uid := p.Guest.User.UID.String()
	v.Own, v.DropIn = "/run/user/"+uid, "/run/systemd/system/user-runtime-dir@"+uid+".service.d"
	for _, dir := range runtimeDirs(p) {
		v.Make = append(v.Make, []string{"/usr/bin/install", "-d", "-m", "0700", "-o", uid, dir})
	}
	return v
}

// runtimeRules make them by the user's systemd-tmpfiles.
func runtimeRules(p *profile.Profile) (rules []string) {
	for _, dir := range runtimeDirs(p) {
		rules = append(rules, "d %t"+strings.TrimPrefix(dir, "/run/user/"+p.Guest.User.UID.String())+" 0700 - - -")
	}
	return rules
}

// guestUnits are units of the guest's that would listen in the place of what is forwarded.
func guestUnits(p *profile.Profile) (units []string) {
	for _, s := range p.ToGuest() {
		if pre, ok := s.Preset(); ok {
			units = append(units, pre.Units...)
		}
	}
	slices.Sort(units)
	return slices.Compact(units)
}

// freed is a script of the guest's that removes a socket which a program of the guest has taken; it fails where none has.
func freed(s profile.Socket) string {
	pre, _ := s.Preset()
	if pre.Local == "" || s.IsWhole() {
		return ""
	}
	return strings.ReplaceAll(pre.Local, "SOCKET", s.Guest) + " && rm -f " + s.Guest
}
