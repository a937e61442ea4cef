package profile

import (
	"slices"
	"strings"
)

// Where the guest keeps the lines of guest.envFile: in memory only, as the token of 1Password.
const (
	EnvDir  = "/run/vmloom-env"
	EnvPath = EnvDir + "/env"
)

// SecretFiles are the files of the host that the scripts bring into the guest's memory.
func (p *Profile) SecretFiles() (out []string) {
	for _, file := range []string{p.OnePassword.TokenFile, p.Guest.EnvFile} {
		if file != "" {
			out = append(out, file)
		}
	}
	return out
}

func (p *Profile) validateEnvFile(d *decoder) {
	const at = "guest.envFile"
	if !d.given(at) {
		return
	}
	d.hostPath(at, p.Guest.EnvFile)
	p.keepFree(d, EnvDir)
	if p.System().SetUp == ByGuix && p.Guix.Version == "1.4" {
		d.bad(at, "Guix 1.4 has no place to set variables from a file", `write guix: {version: "1.5"}`)
	}
}

// keepFree refuses what of the profile would lie in a directory of the guest that is vmloom's own.
func (p *Profile) keepFree(d *decoder, dir string) {
	for i, s := range p.Sockets {
		if inside(s.Guest, dir) {
			d.bad(item("sockets", i)+".guest", dir+" is vmloom's own")
		}
	}
	for i, m := range p.Mounts {
		if guest := p.GuestPath(m); guest != "" && inside(guest, dir) {
			d.bad(item("mounts", i)+".guest", dir+" is vmloom's own")
		}
	}
}

// envFile warns of what shows the file to others, and of a shell that does not read it.
func (l *linter) envFile() {
	p := l.p
	if p.Guest.EnvFile == "" {
		return
	}
	for _, mount := range p.shownBy(p.Guest.EnvFile) {
		l.warn("env-in-mount", "guest.envFile", "lies in what "+mount+" shows to the guest, for every program there", "keep it elsewhere, such as in ~/.config/"+p.Name+"/env")
	}
	if s := p.System(); !slices.Contains(s.Token.Of, p.Guest.User.Shell) {
		l.warn("env-shell", "guest.user.shell", "on "+s.Manager.Title+" only "+s.Token.Title+" read guest.envFile", "write "+s.Token.Of[0]+", or read "+EnvPath+" in the shell's own start file")
	}
}

// shownBy are the mounts that show a file of the host to every program of the guest.
func (p *Profile) shownBy(file string) (mounts []string) {
	for i, m := range p.Mounts {
		if file != "" && (inside(p.HostPath(file), p.HostPath(m.Host)) || inside(file, strings.TrimSuffix(m.Host, "/"))) {
			mounts = append(mounts, item("mounts", i))
		}
	}
	return mounts
}
