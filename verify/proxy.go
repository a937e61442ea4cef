package verify

import (
	"slices"
	"strings"

	"vmloom/process"
	"vmloom/profile"
)

// proxyRows ask sessions of the guest, and its package manager, by which proxy they go.
func proxyRows(p *profile.Profile) []Check {
	if !p.HasProxy() {
		return nil
	}
	env, file := p.ProxyEnv(), p.System().Manager.ProxyFile
	return inGuest(Check{
		ID: "guest/proxy", Title: "the guest goes out by your proxy", Not: "the guest does not go out by your proxy alone", Field: "guest.proxy",
		Because: say("the VM was made before the profile was changed, or a file of the home sets it otherwise"), Cure: callApply,
		steps: func(s *Site) []process.Step {
			steps := []process.Step{{Cmd: inside(p, s, "env")}}
			if file != "" {
				steps = append(steps, guestStep(p, s, "cat "+file))
			}
			return steps
		},
		judge: func(_ *Site, a []answer) verdict {
			lines := strings.Split(a[0].out, "\n")
			if !a[0].ok() || !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, "PATH=") }) {
				return mute(a[0])
			}
			for _, name := range profile.ProxyVars() {
				if !slices.Contains(lines, name+"="+env[name]) {
					return bad("%s is not %s in a session", name, env[name])
				}
			}
			if file != "" && !strings.Contains(a[1].out, p.Guest.Proxy.HTTPS) {
				return bad("%s does not name it", file)
			}
			return good("%s", p.Guest.Proxy.HTTP)
		},
	})
}
