package profile

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"
)

// Files are files beside the profile whose content goes into the VM.
type Files []string

// maxBrought bounds one of them: the scripts of a template are no place for more.
const maxBrought = 256 << 10

// Setup are scripts of the user's own that a guest runs.
type Setup struct {
	// Once are scripts that root runs once, and again when they have changed: ./setup/database.sh, say.
	Once Files `yaml:"once" form:"beside" merge:"file" change:"system"`
	// Boot are scripts that root runs at each boot.
	Boot Files `yaml:"boot" form:"beside" merge:"file" change:"system"`
	// User are scripts that you run there at each boot, before you log in.
	User Files `yaml:"user" form:"beside" merge:"file" change:"system"`
}

// SetupScript is one of them: when it runs, which file it is, and its text.
type SetupScript struct{ When, Field, File, Text string }

// Key names the script in the guest, which reckons the same: a key that Go printed into the script would not be data.
func (s SetupScript) Key() string {
	return fmt.Sprintf("%.6x", sha256.Sum256([]byte(s.When+" "+s.File)))
}

// SetupDir is where a guest keeps the scripts that have run.
const SetupDir = "/var/lib/vmloom/setup"

// SetupScripts are those of the profile, in the order of their running.
func (p *Profile) SetupScripts() (all []SetupScript) {
	for _, list := range []struct {
		when  string
		files Files
	}{{"once", p.Guest.Setup.Once}, {"boot", p.Guest.Setup.Boot}, {"user", p.Guest.Setup.User}} {
		for i, file := range list.files {
			all = append(all, SetupScript{list.when, item("guest.setup."+list.when, i), file, p.brought[file]})
		}
	}
	return all
}

// bring reads the files whose content goes into the VM. Where nothing can be read, nothing is said of them.
func (l Layers) bring(p *Profile, d *decoder) {
	if l.Read == nil {
		return
	}
	if p.brought == nil && len(p.Guest.CACerts)+len(p.SetupScripts()) > 0 {
		p.brought = map[string]string{}
	}
	read := func(field, file string, judge func(string) (reason, hint string)) {
		if d.wrong[field] || !forms["beside"].ok(file) {
			return
		}
		text, err := l.Read(path.Clean(file))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			d.bad(field, file+": no such file beside the profile", "write it, or remove the line")
		case errors.Is(err, ErrLarge), len(text) > maxBrought:
			d.bad(field, file+": is larger than 256 KiB", "let a small script fetch what is large")
		case err != nil:
			d.bad(field, file+": "+reasonOf(err), "name a file of this project")
		default:
			p.brought[file] = string(text)
			if reason, hint := judge(string(text)); reason != "" {
				d.bad(field, file+": "+reason, hint)
			}
		}
	}
	for _, s := range p.SetupScripts() {
		read(s.Field, s.File, scriptMistake)
	}
	for i, file := range p.Guest.CACerts {
		read(item("guest.caCerts", i), file, func(text string) (string, string) { return certificateMistake(file, text) })
	}
}

func scriptMistake(text string) (reason, hint string) {
	switch {
	case strings.HasPrefix(text, "\ufeff"):
		return "begins with a byte order mark, by which no system knows its interpreter", "sed -i '1s/^\\xef\\xbb\\xbf//' the file"
	case !utf8.ValidString(text) && strings.HasPrefix(text, "#!") && !strings.ContainsRune(text, 0):
		return "is text in another encoding than UTF-8", "iconv -f latin1 -t utf-8 makes it, if it is Latin 1"
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return "is no text", "let a script fetch the program, and name the script"
	case !strings.HasPrefix(text, "#!"):
		return "does not begin with #! and its interpreter", "begin it with #!/bin/sh"
	case strings.HasPrefix(text, "#!") && strings.HasSuffix(strings.SplitN(text, "\n", 2)[0], "\r"):
		return "has line ends of Windows, which its interpreter takes for part of its name", "sed -i 's/\\r$//' the file"
	}
	return "", ""
}

// validateBrought refuses scripts where the system is declared, and files that are named twice.
func (p *Profile) validateBrought(d *decoder) {
	seen := map[string]bool{}
	for _, s := range p.SetupScripts() {
		if d.beside(s.Field, s.File); seen[s.When+s.File] {
			d.bad(s.Field, s.File+" is named before", "remove one of them")
		}
		seen[s.When+s.File] = true
	}
	for i, file := range p.Guest.CACerts {
		at := item("guest.caCerts", i)
		if d.beside(at, file); seen[file] {
			d.bad(at, file+" is named before", "remove one of them")
		}
		seen[file] = true
	}
	if own := p.System().OwnModules; own != "" && len(p.SetupScripts()) > 0 {
		d.bad("guest.setup", "does not apply to "+p.Guest.System+": its system is declared, and a script would not outlive a switch", "write it as a file of "+own)
	}
}
