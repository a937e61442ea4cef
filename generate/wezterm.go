package generate

import (
	"strconv"

	"vmloom/profile"
)

// weztermView is what wezterm/module.lua.tmpl prints.
type weztermView struct {
	Profile, Module       string // Module in quotes, for the comment
	Domain, Label         string
	Alias, Instance, User string
	Port                  int       // 0: another at each start
	LimaHome              *hostPath // where the profile says it
	StateDir, KeyFile     string    // of the runner qemu, below XDG_STATE_HOME; empty: Lima
	Exec, SSH, Mux        bool
	Agent                 hostPath // of ssh, on the host; empty: none is forwarded
	DomainKeys, TabKeys   []profile.Key
}

func absentWezTerm(p *profile.Profile) string {
	if p.WezTerm == nil {
		return "the profile has no wezterm section"
	}
	return ""
}

func weztermFiles(from source) ([]File, error) {
	p := from.Profile
	w := p.WezTerm
	v := weztermView{
		Profile: p.File(), Module: strconv.Quote(p.Name),
		Domain: w.Domain, Label: w.Domain + " (" + runBy(p).shown(p) + ")",
		Alias: p.SSHAlias(), Port: p.SSHPort(), Instance: p.Lima.Instance, User: p.Guest.User.Name,
		Exec: w.Via == "exec", SSH: w.Via == "ssh", Mux: w.Via == "mux",
	}
	for _, s := range p.ToGuest() {
		if s.Variable() == "SSH_AUTH_SOCK" && !profile.Beside(s.Host) {
			v.Agent = newHostPath(s.Host)
		}
	}
	if p.Host.LimaHome != "" {
		at := newHostPath(p.Host.LimaHome)
		v.LimaHome = &at
	}
	runBy(p).wezterm(&v, p)
	if w.Keys.Domains != "" {
		v.DomainKeys = keys([]string{w.Keys.Domains})
	}
	v.TabKeys = keys(w.Keys.NewTab)
	f, err := render("wezterm/"+p.Name+".lua", "wezterm/module.lua.tmpl", v)
	return []File{f}, err
}

func keys(written []string) (out []profile.Key) {
	for _, s := range written {
		k, _ := profile.ParseKey(s) // Load has refused the others
		out = append(out, k)
	}
	return out
}
