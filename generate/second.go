package generate

import (
	"fmt"
	"slices"
	"strings"

	"vmloom/profile"
	"vmloom/quote"
)

// Second is a profile of another VM, which extends the one in a file beside it: what that says and only one VM can have.
func Second(p *profile.Profile, file, newName string) (string, error) {
	name, err := quote.YAML(newName)
	if err != nil {
		return "", err
	}
	base, err := quote.YAML("./" + file)
	if err != nil {
		return "", err
	}
	out := []string{"# A second VM of " + file + ": what it has of its own.", "name: " + name, "extends: [" + base + "]"}
	for _, field := range []struct{ section, key, value string }{
		{"lima", "instance", name}, {"lima", "sshPort", "null"}, {"qemu", "sshPort", "null"},
		{"guest", "hostname", "null"}, {"home", "name", "null"}, {"wezterm", "domain", name},
	} {
		if p.Given(field.section + "." + field.key) {
			out = append(out, field.section+": {"+field.key+": "+field.value+"}")
		}
	}
	out = joinSections(out)
	if len(p.Ports) > 0 {
		out = append(out, "ports:")
		taken := slices.Clone(p.Ports)
		for _, port := range p.Ports {
			port.Host = freeOf(port, taken)
			taken = append(taken, port)
			line := fmt.Sprintf("  - {guest: %s, host: %s", port.Guest, port.Host)
			if port.Protocol != "" { // it tells it from another one of that number
				line += ", protocol: " + port.Protocol
			}
			out = append(out, line+"}")
		}
	}
	return strings.Join(out, "\n") + "\n", nil
}

// freeOf is the next place on the host where a port meets none that is taken.
func freeOf(port profile.Port, taken []profile.Port) profile.PortRange {
	collides := func(o profile.Port) bool { _, is := port.Collides(o); return is }
	for slices.ContainsFunc(taken, collides) {
		n, first := port.Host.Len(), port.Host.Last+1
		if first+n-1 > 65535 {
			first = 1024
		}
		port.Host = profile.PortRange{First: first, Last: first + n - 1}
	}
	return port.Host
}

// joinSections puts neighbours of one section on one line.
func joinSections(lines []string) (out []string) {
	for _, line := range lines {
		section, rest, is := strings.Cut(line, ": {")
		if n := len(out); n > 0 && is && strings.HasPrefix(out[n-1], section+": {") {
			out[n-1] = strings.TrimSuffix(out[n-1], "}") + ", " + rest
			continue
		}
		out = append(out, line)
	}
	return out
}
