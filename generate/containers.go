package generate

import (
	"slices"
	"strings"

	"vmloom/profile"
	"vmloom/quote"
)

// cloudEngines are, by engine, the templates that a guest of Lima's images runs once its packages are there.
var cloudEngines = map[string][]string{
	"docker":     {"containers-docker"},
	"podman":     {"containers-podman"},
	"containerd": nil, // Lima has done it
}

// nixEngine is how NixOS has an engine: its module below virtualisation, and packages beside it.
type nixEngine struct {
	Option   string
	Packages []string
}

var nixEngines = map[string]nixEngine{
	"docker":     {Option: "docker"},
	"podman":     {Option: "podman"},
	"containerd": {Option: "containerd", Packages: []string{"nerdctl"}},
}

// guixEngine is how Guix has one: modules of services, and which of the template's it is.
type guixEngine struct {
	Modules        []string
	Docker, Podman bool
}

var guixEngines = map[string]guixEngine{
	"docker": {Modules: []string{"dbus", "desktop", "docker"}, Docker: true},
	"podman": {Modules: []string{"containers", "dbus", "desktop"}, Podman: true},
}

// engineConf is what of a unit of systemd tells an engine's daemon of the proxy that it fetches images by; empty: there is none.
func engineConf(p *profile.Profile) (string, error) {
	var lines []string
	for _, e := range proxyEnv(p) {
		quoted, err := quote.SystemdEnv(e.Name, e.Value)
		if err != nil {
			return "", err
		}
		lines = append(lines, "Environment="+quoted)
	}
	if len(lines) == 0 {
		return "", nil
	}
	return "[Service]\n" + strings.Join(lines, "\n"), nil
}

// containerFacts tell of the engine and of the user's groups.
func containerFacts(p *profile.Profile) (out []fact) {
	if e, ok := p.Engine(); ok {
		text := e.Title + " of the guest's own, which you may use there: it answers to %s. Taken out of the profile, it stays with its containers until a rebuild"
		if p.System().SetUp != profile.ByCloudInit {
			text = e.Title + " of the guest's own, which you may use there: it answers to %s. Taken out of the profile, it goes, and its containers stay on the disk until a rebuild"
		}
		out = append(out, fact{"containers", say(text, e.Asked(p.System()))})
	}
	if groups := p.Guest.Groups; len(groups) > 0 {
		out = append(out, fact{"groups", say("you are in "+list(groups)+" there", groups...)})
	}
	return out
}

// broughtFacts tell of what goes into the guest from files beside the profile.
func broughtFacts(p *profile.Profile) (out []fact) {
	if scripts := p.SetupScripts(); len(scripts) > 0 {
		when := map[string]string{"once": "once", "boot": "at each boot", "user": "at each boot as you"}
		text, code := "", []string{}
		for i, s := range scripts {
			if i > 0 {
				text += ", "
			}
			text, code = text+"%s "+when[s.When], append(code, s.File)
		}
		out = append(out, fact{"scripts", say(text+"; what has run is in %s there", append(code, profile.SetupDir)...)})
	}
	if files := p.Guest.CACerts; len(files) > 0 {
		bundle := p.System().Manager.Bundle
		out = append(out, fact{"certificates", say("the guest trusts "+list(files)+": what reads %s does. Java, Node.js, Python and browsers have lists of their own; %s of %s is for Node.js, %s for Python, and Java takes it by %s",
			slices.Concat(files, []string{bundle, "NODE_EXTRA_CA_CERTS: " + bundle, "guest.env", "REQUESTS_CA_BUNDLE: " + bundle, "keytool -importcert"})...)})
	}
	return out
}

// proxyFacts tell what goes by the profile's proxy, and what does not.
func proxyFacts(p *profile.Profile) (out []fact) {
	if !p.HasProxy() {
		return nil
	}
	x := p.Guest.Proxy
	text, code := "the guest goes out by %s", []string{x.HTTP}
	if x.HTTPS != x.HTTP {
		text, code = text+", for https by %s", append(code, x.HTTPS)
	}
	told := p.System().Manager.Title + " is told too"
	if p.Guest.Containers == "docker" {
		told = p.System().Manager.Title + " and Docker are told too"
	}
	text += ": %s and %s tell its sessions, and " + told + "; %s are reached without. " +
		"Another service of the guest's reads it in settings of its own. What the scripts download on this host goes by the host's own %s"
	code = append(code, profile.HTTPProxy, profile.HTTPSProxy, p.Guest.Unproxied(), profile.HTTPSProxy)
	return []fact{{"proxy", say(text, code...)}}
}

// list is as many code spans as there are words, for prose.
func list(words []string) string {
	text := ""
	for i := range words {
		switch {
		case i > 0 && i == len(words)-1:
			text += " and "
		case i > 0:
			text += ", "
		}
		text += "%s"
	}
	return text
}
