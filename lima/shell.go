package lima

import (
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"
)

// ControlSocket is where the connection that all of an instance's ssh share is reached, and AgentPID names the process that
// holds it open; both are in the instance's directory.
const (
	ControlSocket = "ssh.sock"
	AgentPID      = "ha.pid"
)

// Shell is the line of sh that limactl shell has ssh run in a guest, for words of the caller's in a directory of the
// host; template is the instance's own, home the caller's, and resolve follows links. It is not ok where limactl reads more out of that.
func Shell(template []byte, dir, home string, resolve func(string) string, words []string) (line string, ok bool) {
	var in struct {
		OS     string
		Mounts []struct{ Location string }
		User   struct{ Shell string }
	}
	if yaml.Unmarshal(template, &in) != nil || in.OS != "" && in.OS != "Linux" || in.User.Shell == "" {
		return "", false
	}
	var mounted []string
	for _, m := range in.Mounts {
		at, ofHome := strings.CutPrefix(m.Location, "~")
		if strings.Contains(m.Location, "{{") || ofHome && at != "" && at[0] != '/' {
			return "", false
		}
		if ofHome {
			at = home + at
		}
		mounted = append(mounted, resolve(at))
	}
	change := "false"
	switch {
	case within(mounted, resolve(dir)):
		change = "cd " + quoted(dir) + " || cd " + quoted(home)
	case within(mounted, resolve(home)):
		change = "cd " + quoted(home)
	}
	line = change + " ; exec " + quoted(in.User.Shell) + " -l"
	if len(words) == 0 {
		return line, true
	}
	if strings.Contains(words[0], "=") { // it takes such a word for a variable
		return "", false
	}
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = quoted(w)
	}
	return line + " -c " + quoted(strings.Join(all, " ")), true
}

func within(dirs []string, path string) bool {
	for _, dir := range dirs {
		if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
			return true
		}
	}
	return false
}

// quoted is a word of sh, as limactl writes one.
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'"'"'`) + "'" }
