package generate

import "vmloom/profile"

// unitView is what the templates in systemd/ print.
type unitView struct {
	Profile, Description string
	SearchPath           []string
	Start, Script        string
}

func absentSystemd(p *profile.Profile) string {
	if p.MacOS() {
		return "made for Linux hosts only"
	}
	return absentSupervisor(p)
}

func systemdFiles(from source) ([]File, error) {
	p := from.Profile
	v := unitView{
		Profile:    p.File(),
		SearchPath: []string{"/usr/local/bin", "/usr/bin", "/bin", "/home/linuxbrew/.linuxbrew/bin", "/run/current-system/sw/bin"},
	}
	var out []File
	add := func(name, template, description string) error {
		v.Description = description
		f, err := render("systemd/"+name, "systemd/"+template, v)
		out = append(out, f)
		return err
	}
	unit := p.Unit()
	if p.Autostart != "off" {
		var err error
		if v.Start, err = startScript(from); err != nil {
			return nil, err
		}
		if err := add(unit+".service", runBy(p).unit, runBy(p).vm(p)); err != nil {
			return nil, err
		}
	}
	for _, s := range p.AtLogin() {
		v.Script = programScript(p, s)
		if err := add(p.ProgramUnit(s), "program.service.tmpl", "Start "+s.From+" for "+p.Name); err != nil {
			return nil, err
		}
	}
	if !p.Repairs() {
		return out, nil
	}
	var err error
	if v.Script, err = socketScript(from); err != nil {
		return nil, err
	}
	what := "Forward dead sockets of " + p.Name + " again"
	if len(p.Sockets) == 0 {
		secrets, _ := secretsOf(p)
		what = "Bring " + secrets + " into " + p.Name
	}
	if err := add(unit+"-repair.service", "repair.service.tmpl", what); err != nil {
		return nil, err
	}
	return out, add(unit+"-repair.timer", "repair.timer.tmpl", what+", every minute")
}
