package profile

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Proxy is what the guest goes out by.
type Proxy struct {
	// HTTP is its URL, as the guest reaches it: http://proxy.example.org:3128. One on the host itself is at host.lima.internal under Lima, at 10.0.2.2 under QEMU.
	HTTP string `yaml:"http" jsonschema:"required" form:"proxy" change:"system"`
	// HTTPS is the one for https. Default: the same.
	HTTPS string `yaml:"https" form:"proxy" change:"system"`
	// NoProxy are names, domains (.example.org) and addresses that the guest reaches without. Its own are always among them: localhost, 127.0.0.1, ::1 and guest.hostname.
	NoProxy []string `yaml:"noProxy" form:"beyond proxy" change:"system"`
}

// Variables in which programs look for a proxy, in small letters; many look for them in capitals.
const (
	HTTPProxy  = "http_proxy"
	HTTPSProxy = "https_proxy"
	NoProxy    = "no_proxy"
)

// ProxyVars are those that guest.proxy sets.
func ProxyVars() (names []string) {
	for _, name := range []string{HTTPProxy, HTTPSProxy, NoProxy} {
		names = append(names, name, strings.ToUpper(name))
	}
	return names
}

// HasProxy reports whether the guest goes out by a proxy of the profile's.
func (p *Profile) HasProxy() bool { return p.Guest.Proxy.HTTP != "" }

// OwnNames are what a guest always reaches without a proxy: itself.
func (g Guest) OwnNames() []string { return []string{"localhost", "127.0.0.1", "::1", g.Hostname} }

// Unproxied are all that the guest reaches without its proxy, as programs read them.
func (g Guest) Unproxied() string {
	return strings.Join(append(g.OwnNames(), g.Proxy.NoProxy...), ",")
}

// ProxyEnv are the variables of guest.proxy by their names.
func (p *Profile) ProxyEnv() map[string]string {
	env := map[string]string{}
	if !p.HasProxy() {
		return env
	}
	for name, value := range map[string]string{HTTPProxy: p.Guest.Proxy.HTTP, HTTPSProxy: p.Guest.Proxy.HTTPS, NoProxy: p.Guest.Unproxied()} {
		env[name], env[strings.ToUpper(name)] = value, value
	}
	return env
}

// ProxyURL reports whether guest.proxy may have a URL: one that is well formed, without a password, and not of the guest itself.
func ProxyURL(text string) bool {
	if !forms["proxy"].ok(text) {
		return false
	}
	u, err := url.Parse(text)
	return err == nil && u.User == nil && portOf(u) && !ofGuestItself(u.Hostname())
}

// BeyondProxy reports whether guest.proxy.noProxy may have a text.
func BeyondProxy(text string) bool { return forms["beyond proxy"].ok(text) }

func portOf(u *url.URL) bool {
	port, err := strconv.Atoi(u.Port())
	return u.Port() == "" || err == nil && port > 0 && port < 1<<16
}

// ofGuestItself holds for hosts by which every machine means itself.
func ofGuestItself(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && (address.IsLoopback() || address.IsUnspecified())
}

func (p *Profile) validateProxy(d *decoder) {
	const at = "guest.proxy"
	if !d.given(at) {
		return
	}
	p.validateProxyURL(d, at+".http", p.Guest.Proxy.HTTP)
	if d.given(at + ".https") {
		p.validateProxyURL(d, at+".https", p.Guest.Proxy.HTTPS)
	}
	for _, name := range ProxyVars() {
		if _, both := p.Guest.Env[name]; both {
			d.bad(join("guest.env", name), "is set by guest.proxy too", "remove one of them")
		}
	}
}

func (p *Profile) validateProxyURL(d *decoder, at, text string) {
	u, err := url.Parse(text)
	if err != nil || !forms["proxy"].ok(text) {
		return // its form was spoken of
	}
	switch host := u.Hostname(); {
	case u.User != nil:
		d.bad(at, "names who asks, and every file that is made of the profile would show it, and so would the VM",
			"remove guest.proxy, and write http_proxy=http://USER:PASSWORD@HOST:PORT, https_proxy and no_proxy into the file of guest.envFile, which login shells read; or give the URL of a proxy on the host that knows the password")
	case !portOf(u):
		d.bad(at, "has a port that is none", "ports are 1 to 65535")
	case ofGuestItself(host):
		d.bad(at, host+" is the guest itself there", "one on the host is http://"+p.RunBy().HostName+portAfter(u)+" for the guest")
	case host == p.RunBy().HostName && p.System().SetUp == ByFlake && len(p.Network.DNS) > 0 && p.Network.Hosts[host] == "":
		d.bad(at, "only Lima's resolver knows "+host+" in a NixOS guest, and network.dns turns it off", "write network: {hosts: {"+host+": "+p.hostAddress()+"}}")
	}
}

// proxy warns of URLs and patterns that programs read in several ways.
func (l *linter) proxy() {
	proxy := l.p.Guest.Proxy
	for _, one := range [][2]string{{"http", proxy.HTTP}, {"https", proxy.HTTPS}} {
		at := "guest.proxy." + one[0]
		u, err := url.Parse(one[1])
		if !l.p.said(at) || err != nil {
			continue
		}
		if u.Scheme == "http" && u.Port() == "" {
			l.warn("proxy-port", at, "has no port: curl and git take 1080 then, others 80", "write "+strings.TrimSuffix(one[1], "/")+":3128, or what it listens at")
		}
		if l.p.UnderLima() && u.Hostname() == "10.0.2.2" {
			l.warn("proxy-host", at, "is the host under QEMU alone", "write "+strings.Replace(one[1], "10.0.2.2", l.p.RunBy().HostName, 1))
		}
		if !l.p.UnderLima() && u.Hostname() == "host.lima.internal" {
			l.warn("proxy-host", at, "is the host under Lima alone", "write "+strings.Replace(one[1], "host.lima.internal", l.p.RunBy().HostName, 1))
		}
	}
	for i, name := range proxy.NoProxy {
		if strings.Contains(name, "*") && name != "*" {
			hint := "write each name, or a network: 10.0.0.0/8"
			if rest, ok := strings.CutPrefix(name, "*."); ok && !strings.Contains(rest, "*") {
				hint = "write ." + rest
			}
			l.warn("proxy-pattern", item("guest.proxy.noProxy", i), "is no pattern to curl, git and Python, which go by the proxy", hint)
		}
	}
}

func portAfter(u *url.URL) string {
	if u.Port() == "" {
		return ""
	}
	return ":" + u.Port()
}
