package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"vmloom/atomic"
)

// nixSettings are what nix says about itself at a place.
type nixSettings struct {
	System   string
	Extra    []string // further systems whose programs it runs
	Features []string
	MaxJobs  string
	Builders []nixMachine
	External []string     // systems that its external builders take (2.32)
	Trusted  []string     // users whose settings its daemon takes
	given    []nixMachine // its own builders, where others stand in their place
}

// nixMachine is a remote builder: a line of /etc/nix/machines.
type nixMachine struct {
	URI               string
	Systems, Features []string
}

// askNix asks nix at a place for its settings. A newer name of the command is
// tried where the old one, which 2.36 still knows, is gone.
func askNix(ctx context.Context, p Place) (*nixSettings, error) {
	text, err := askAt(ctx, p, nixArgs("show-config", "--json")...)
	if err != nil && ctx.Err() == nil && !notFound(err) {
		if newer, again := askAt(ctx, p, nixArgs("config", "show", "--json")...); again == nil {
			text, err = newer, nil
		}
	}
	if err != nil {
		return nil, err
	}
	deep := 0 // a file that builders names can be read here only
	if p.Kind == Local {
		deep = 3
	}
	return readNixSettings([]byte(text), deep)
}

// readNixSettings reads the JSON of nix show-config.
func readNixSettings(text []byte, deep int) (*nixSettings, error) {
	var all map[string]struct{ Value json.RawMessage }
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, errors.New("nix show-config: does not answer in JSON")
	}
	str := func(name string) (s string) {
		raw := all[name].Value
		if json.Unmarshal(raw, &s) != nil {
			s = string(bytes.TrimSpace(raw)) // a number
		}
		return s
	}
	list := func(name string) (l []string) {
		if json.Unmarshal(all[name].Value, &l) != nil {
			l = strings.Fields(str(name))
		}
		return l
	}
	s := &nixSettings{System: str("system"), Extra: list("extra-platforms"), Features: list("system-features"), MaxJobs: str("max-jobs"), Trusted: list("trusted-users")}
	if s.System == "" {
		return nil, errors.New("nix show-config: names no system")
	}
	s.Builders = nixMachines(str("builders"), s.System, deep)
	s.External = externalSystems(all["external-builders"].Value)
	return s, nil
}

func externalSystems(raw json.RawMessage) (out []string) {
	var inner string
	if json.Unmarshal(raw, &inner) == nil {
		raw = json.RawMessage(inner)
	}
	var builders []struct{ Systems []string }
	json.Unmarshal(raw, &builders)
	for _, b := range builders {
		out = append(out, b.Systems...)
	}
	return out
}

// nixMachines reads the setting builders: machines between semicolons or line
// ends, or @FILE with more of them (nix.conf(5)). Files are followed so deep.
func nixMachines(text, system string, deep int) (out []nixMachine) {
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '\n' }) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if file, ok := strings.CutPrefix(strings.TrimSpace(line), "@"); ok { // up to the line's end, with blanks
			if data, err := atomic.Read(strings.TrimSpace(file), atomic.Most); err == nil && deep > 0 {
				out = append(out, nixMachines(string(data), system, deep-1)...)
			}
			continue
		}
		field := func(i int) []string {
			if i >= len(fields) || fields[i] == "-" {
				return nil
			}
			return strings.Split(fields[i], ",")
		}
		m := nixMachine{URI: fields[0], Systems: field(1), Features: append(field(5), field(6)...)}
		if m.Systems == nil {
			m.Systems = []string{system}
		}
		out = append(out, m)
	}
	return out
}

// builds says how nix gets a derivation of the system built, in words; empty: it does not.
func (s *nixSettings) builds(system string) string {
	switch {
	case s.MaxJobs == "0":
	case s.System == system:
		return "nix here builds " + system + " itself"
	case slices.Contains(s.Extra, system):
		return "nix here runs " + system + " too (extra-platforms)"
	case slices.Contains(s.External, system):
		return "nix here has an external builder for " + system
	}
	for _, m := range s.Builders {
		if slices.Contains(m.Systems, system) {
			return "nix here hands " + system + " to its builder " + m.URI
		}
	}
	return ""
}

// virtual reports whether what runs a VM can be built for the system. An
// external builder tells nothing; it gets the benefit of the doubt.
func (s *nixSettings) virtual(system string) bool {
	if s.MaxJobs != "0" && (s.System == system || slices.Contains(s.Extra, system)) && slices.Contains(s.Features, "kvm") {
		return true
	}
	return slices.Contains(s.External, system) || slices.ContainsFunc(s.Builders, func(m nixMachine) bool {
		return slices.Contains(m.Systems, system) && slices.Contains(m.Features, "kvm")
	})
}
