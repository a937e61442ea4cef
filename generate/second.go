package generate

import (
	"fmt"
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
		taken := map[int]bool{}
		for _, port := range p.Ports {
			taken[port.Host] = true
		}
		out = append(out, "ports:")
		for _, port := range p.Ports {
			host := port.Host
			for taken[host] {
				host = host%65535 + 1
			}
			taken[host] = true
			out = append(out, fmt.Sprintf("  - {guest: %d, host: %d}", port.Guest, host))
		}
	}
	return strings.Join(out, "\n") + "\n", nil
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
