package adopt

import (
	"slices"
	"strings"

	"vmloom/profile"
)

// takeProxy makes guest.proxy of the variables that say it, where all of them do.
func (a *Adoption) takeProxy(env map[string]string) {
	either := func(name string) string {
		if value, ok := env[name]; ok {
			return value
		}
		return env[strings.ToUpper(name)]
	}
	x := profile.Proxy{HTTP: either(profile.HTTPProxy), HTTPS: either(profile.HTTPSProxy)}
	if !profile.ProxyURL(x.HTTP) || !profile.ProxyURL(x.HTTPS) {
		return
	}
	own := append(a.made.Guest.OwnNames(), a.made.Name) // which the guest has where it is not told another
	for _, name := range strings.FieldsFunc(either(profile.NoProxy), func(r rune) bool { return r == ',' || r == ' ' }) {
		if !profile.BeyondProxy(name) {
			return
		}
		if !slices.Contains(own, name) {
			x.NoProxy = append(x.NoProxy, name)
		}
	}
	if x.HTTPS == x.HTTP {
		x.HTTPS = "" // its default
	}
	a.made.Guest.Proxy = x
	for _, name := range profile.ProxyVars() {
		delete(env, name)
	}
}

// ownProxy reports whether the profile's template has a proxy of the profile's.
func (d *differ) ownProxy() bool {
	return d.new.str("propagateProxyEnv") == "false" && d.new.str("env", profile.HTTPProxy) != ""
}
