package generate

import (
	"strings"

	"vmloom/profile"
	"vmloom/quote"
)

func socketChapter(p *profile.Profile) (chapter, error) {
	return socketsBy(p, paragraph("A socket cannot be reached through a mount. Lima forwards these from the guest to the host by ssh:"), limaShell(p), run("./scripts/"+p.Name+"-repair.sh"))
}

// socketsBy is the chapter of sockets; how says what forwards those of the host, shell is what runs a command in the
// guest, and repair makes dead forwards again.
func socketsBy(p *profile.Profile, how part, shell string, repair part) (chapter, error) {
	c := chapter{Title: "Sockets of the host"}
	if len(p.Sockets) == 0 {
		return c, nil
	}
	add := func(parts ...part) { c.Parts = append(c.Parts, parts...) }
	if len(p.ToGuest()) > 0 {
		add(how)
	} else {
		c.Title = "Sockets of the guest"
	}
	sockets, err := socketParts(p, shell)
	if err != nil {
		return c, err
	}
	add(sockets...)
	offered, err := toHostParts(p)
	if err != nil {
		return c, err
	}
	add(offered...)
	add(paragraph("Forwards die when the host sleeps or changes its network. The "+p.On().Job+" of the chapter Start by itself recreates them every minute; by hand:"), repair)
	return c, nil
}

// socketParts says of each socket where it is and how to try it; shell is what
// runs a command in the guest.
func socketParts(p *profile.Profile, shell string) (parts []part, err error) {
	for _, s := range p.ToGuest() {
		if s.Env == "" {
			parts = append(parts, paragraph("%s: "+theHosts(s.Host)+" is %s in the guest.", s.Name, s.Host, s.Guest))
		} else {
			parts = append(parts, paragraph("%s: "+theHosts(s.Host)+" is %s in the guest, and %s says so.", s.Name, s.Host, s.Guest, s.Env))
		}
		if s.Check != "" {
			check, err := quote.Sh(s.Check)
			if err != nil {
				return nil, err
			}
			parts = append(parts, run(shell+" sh -c "+check))
		}
		if pre, ok := s.Preset(); ok && pre.Advice != "" {
			parts = append(parts, paragraph(pre.Advice, pre.Code...))
			if pre.Run != "" {
				parts = append(parts, run(pre.Run))
			}
		}
	}
	return parts, nil
}

// toHostParts say of each socket of the guest where it is on the host, who may use it, and what tells programs of it.
func toHostParts(p *profile.Profile) (parts []part, err error) {
	for _, s := range p.ToHost() {
		place, err := hostWord(s.Host)
		if err != nil {
			return nil, err
		}
		parts = append(parts, paragraph("%s: the guest's %s is "+theHosts(s.Host)+" while the VM runs, for your account alone. Whoever may use it there has what its program in the guest has.", s.Name, s.Guest, s.Host))
		if pre, ok := s.Preset(); ok && pre.OnHost != "" {
			parts = append(parts, paragraph("This tells the host's programs of it, once:"),
				run(strings.NewReplacer("NAME", p.Name, "SOCKET", "unix://"+place).Replace(pre.OnHost)))
		}
		if s.Check != "" {
			check, err := quote.Sh(s.Check)
			if err != nil {
				return nil, err
			}
			line := "sh -c " + check
			if s.Variable() != "" {
				line = s.Variable() + "=" + strings.TrimSuffix(s.HostValue(), s.Host) + place + " " + line
			}
			parts = append(parts, paragraph("To try it there:"), run(line))
		}
	}
	return parts, nil
}

// hostWord is a path of the host as a shell in the project's generated directory reads it.
func hostWord(path string) (string, error) {
	at := newHostPath(path)
	rest, err := quote.Sh(at.Host)
	switch {
	case at.InHome:
		return `"$HOME"/` + rest, err
	case at.Beside:
		return `"$(cd ../.. && pwd)"/` + rest, err
	}
	return rest, err
}
