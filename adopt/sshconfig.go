package adopt

import (
	"strings"
)

// readSSH looks through ssh configs for what leads to the instance, or ought to.
func (a *Adoption) readSSH() {
	for _, f := range a.in.SSH {
		if len(f.Data) <= MaxBytes {
			a.readSSHConfig(f)
		}
	}
}

func (a *Adoption) readSSHConfig(f File) {
	inHost, host, hostName, number := false, "", "", 0
	for line := range strings.Lines(string(f.Data)) {
		number++
		col := len(line) - len(strings.TrimLeft(line, " \t")) + 1
		word, value, _ := strings.Cut(strings.TrimSpace(strings.Replace(strings.TrimSpace(line), "=", " ", 1)), " ")
		value = strings.TrimSpace(value)
		find := func(id, what, cure string) { a.find(f, number, col, id, what, cure) }
		switch strings.ToLower(word) {
		case "host", "match":
			inHost, host, hostName = true, value, ""
		case "hostname":
			hostName = strings.Trim(value, `"`)
		case "port":
			if (hostName == "127.0.0.1" || hostName == "localhost" || strings.Contains(host, a.alias())) && value != scalar(a.root, "ssh", "localPort") {
				find("hard-coded-port", "port "+clean(value)+" of Host "+clean(host)+": Lima takes another port at each start (ssh.localPort is 0)", "remove the block; Include ~/.lima/"+a.draft.instanceOr()+"/ssh.config, as the first line, gives ssh "+a.alias())
			}
		case "include":
			a.include(value, inHost, find)
		case "identityagent":
			if strings.Contains(value, onePasswordApp) {
				find("1password-app-socket", "s.sock is the socket of 1Password's app, not of its SSH agent", "IdentityAgent \"~/Library/Group Containers/2BUA8C4S2C.com.1password/t/agent.sock\"")
			} else if strings.Contains(value, "Group Containers") && !strings.HasPrefix(value, `"`) {
				find("unquoted-path", "a path with a blank, without quotes: ssh reads the first word of it", `put it into "…"`)
			}
		}
	}
}

func (d *draft) instanceOr() string {
	if d.instance == "" {
		return "default"
	}
	return d.instance
}

// include judges an Include that names Lima's files.
func (a *Adoption) include(value string, inHost bool, find func(id, what, cure string)) {
	if !strings.Contains(value, ".lima/") {
		return
	}
	if inHost {
		find("include-late", "Include below a Host: it counts for that host alone", "make it the first line of the file")
	}
	if path := strings.Trim(value, `"`); len(a.in.WezTerm) > 0 && (strings.HasPrefix(path, "~") || strings.HasPrefix(path, "/")) {
		find("wezterm-include", "WezTerm's own SSH reads no Include with ~ or an absolute path (wezterm PR 5184): OpenSSH does", "wezterm: {via: exec} of the profile runs OpenSSH")
	}
}
