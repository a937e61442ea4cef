package generate

import (
	"strings"

	"vmloom/profile"
)

// shares are what the scripts count on the host; nil is a number that the profile says.
type shares struct {
	CPUs, Memory *hostShare
	Local        string // where this host's own numbers would go
}

// hostShare is a part of what a host has: processors, or MiB of memory.
type hostShare struct {
	Percent     int
	Least, Most int64 // Most is 0 where there is no bound
}

func newShares(p *profile.Profile) shares {
	s := shares{Local: profile.LocalName(p.File())}
	if c := p.Resources.CPUs; c.Share > 0 {
		s.CPUs = &hostShare{int(c.Share), int64(max(1, c.Min)), int64(c.Max)}
	}
	if m := p.Resources.Memory; m.Share > 0 {
		s.Memory = &hostShare{int(m.Share), int64(m.Least()) >> 20, int64(m.Max) >> 20}
	}
	return s
}

// Any reports whether something is counted.
func (s shares) Any() bool { return s.CPUs != nil || s.Memory != nil }

// Both reports whether both are counted.
func (s shares) Both() bool { return s.CPUs != nil && s.Memory != nil }

// Format is what limactl list prints of an instance, to be compared with what is counted.
func (s shares) Format() string {
	switch {
	case s.Both():
		return "{{.CPUs}} {{.Memory}}"
	case s.CPUs != nil:
		return "{{.CPUs}}"
	}
	return "{{.Memory}}"
}

// sharedWords say what of the VM is counted on the host; empty: nothing.
func sharedWords(r profile.Resources) string {
	var words []string
	if r.CPUs.Share > 0 {
		words = append(words, r.CPUs.String())
	}
	if r.Memory.Share > 0 {
		words = append(words, r.Memory.String())
	}
	return strings.Join(words, "; ")
}
