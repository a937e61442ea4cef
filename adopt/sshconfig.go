package adopt

import (
	"path"
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

// sshBlock is what stands below a Host or Match, or before the first.
type sshBlock struct {
	word, patterns                 string // empty: before the first
	hostName, user, identity, port string
	line, portLine, portCol        int
	forwards                       []string // its words that are about sessions of this host
}

func (a *Adoption) readSSHConfig(f File) {
	block, number := sshBlock{}, 0
	reached, asked := a.reaches(f)
	for line := range strings.Lines(string(f.Data)) {
		number++
		col := len(line) - len(strings.TrimLeft(line, " \t")) + 1
		word, value, _ := strings.Cut(strings.TrimSpace(strings.Replace(strings.TrimSpace(line), "=", " ", 1)), " ")
		value = strings.TrimSpace(value)
		find := func(id, what, cure string) { a.find(f, number, col, id, what, cure) }
		switch word := strings.ToLower(word); word {
		case "host", "match":
			a.judgeBlock(f, block)
			block = sshBlock{word: word, patterns: value, line: number}
		case "hostname":
			block.hostName = strings.Trim(value, `"`)
		case "user":
			block.user = strings.Trim(value, `"`)
		case "identityfile":
			block.identity = strings.Trim(value, `"`)
		case "port":
			block.port, block.portLine, block.portCol = value, number, col
		case "localforward", "remoteforward", "dynamicforward", "setenv", "sendenv", "remotecommand", "proxyjump", "forwardagent":
			block.forwards = append(block.forwards, word)
		case "include":
			counts := block.word == "" || block.matches(a.alias())
			if asked { // ssh itself knows
				counts = reached[number]
			}
			a.include(value, block, counts, find)
		case "identityagent":
			if strings.Contains(value, onePasswordApp) {
				find("1password-app-socket", "s.sock is the socket of 1Password's app, not of its SSH agent", "IdentityAgent \"~/Library/Group Containers/2BUA8C4S2C.com.1password/t/agent.sock\"")
			} else if strings.Contains(value, "Group Containers") && !strings.HasPrefix(value, `"`) {
				find("unquoted-path", "a path with a blank, without quotes: ssh reads the first word of it", `put it into "…"`)
			}
		}
	}
	a.judgeBlock(f, block)
}

// judgeBlock looks whether a block is this VM's; what it says beyond the way there is left alone.
func (a *Adoption) judgeBlock(f File, b sshBlock) {
	if b.word == "" || b.word == "host" && strings.TrimSpace(b.patterns) == "*" {
		return
	}
	leads := a.leads(b.hostName, b.port, b.user, b.identity)
	if b.word == "host" && b.hostName == "" && b.matches(a.alias()) || leads == mayBe && b.matches(a.alias()) {
		leads = certain
	}
	here := b.hostName == "127.0.0.1" || b.hostName == "localhost"
	switch {
	case leads == isOther && here:
		a.note("%s:%d: Host %s: left alone, it is another machine's", f.Name, b.line, clean(b.patterns))
		return
	case leads == isOther:
		return
	case b.port != "" && b.port != scalar(a.root, "ssh", "localPort"):
		a.find(f, b.portLine, b.portCol, "hard-coded-port", "port "+clean(b.port)+" of Host "+clean(b.patterns)+": Lima takes another port at each start (ssh.localPort is 0)", "remove the block; Include ~/.lima/"+a.instance()+"/ssh.config, as the first line, gives ssh "+a.alias())
	}
	if len(b.forwards) > 0 {
		a.note("%s:%d: %s of Host %s: left alone, it goes on for ssh %s; sockets and ports of the profile hold whoever logs in", f.Name, b.line, strings.Join(b.forwards, ", "), clean(b.patterns), a.alias())
	}
}

// matches reports whether the block may count for a host, by ssh_config's patterns.
func (b sshBlock) matches(host string) bool {
	words := strings.Fields(b.patterns)
	if b.word == "match" {
		if len(words) != 2 || !strings.EqualFold(words[0], "host") {
			return true // it depends on more than the host
		}
		words = strings.Split(words[1], ",")
	}
	found := false
	for _, p := range words {
		pattern, not := strings.CutPrefix(strings.Trim(p, `"`), "!")
		if ok, err := path.Match(pattern, host); err != nil || !ok {
			continue
		}
		if not {
			return false
		}
		found = true
	}
	return found
}

// include judges an Include that names Lima's files.
func (a *Adoption) include(value string, around sshBlock, counts bool, find func(id, what, cure string)) {
	if !strings.Contains(value, ".lima/") {
		return
	}
	if around.word != "" && !counts {
		find("include-late", "Include below "+clean(strings.ToUpper(around.word[:1])+around.word[1:]+" "+around.patterns)+": it does not count for "+a.alias(), "make it the first line of the file")
	}
	if path := strings.Trim(value, `"`); len(a.in.WezTerm) > 0 && (strings.HasPrefix(path, "~") || strings.HasPrefix(path, "/")) {
		find("wezterm-include", "WezTerm's own SSH reads no Include with ~ or an absolute path (wezterm PR 5184): OpenSSH does", "wezterm: {via: exec} of the profile runs OpenSSH")
	}
}
