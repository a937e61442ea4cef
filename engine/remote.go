package engine

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"

	"vmloom/pattern"
	"vmloom/process"
	"vmloom/quote"
)

// sshOptions keep ssh from asking, for it has no terminal here, and from
// waiting for a host that is gone.
const sshOptions = "-oBatchMode=yes -oConnectTimeout=20 -oServerAliveInterval=10"

var hostPort = pattern.New(`^(.*[^:]|.*\]):([0-9]+)$`)

// address is an SSH place's user@host and port; no port: that of ~/.ssh/config.
func (p Place) address() (host, port string) {
	if m := hostPort().FindStringSubmatch(p.Host); m != nil && (strings.Count(p.Host, ":") == 1 || strings.HasSuffix(m[1], "]")) {
		return m[1], m[2]
	}
	return p.Host, ""
}

// target is the address as ssh takes it, without the brackets of IPv6.
func (p Place) target() string {
	host, _ := p.address()
	return strings.NewReplacer("[", "", "]", "").Replace(host)
}

// sshFlags are the options of ssh for an SSH place, as one string.
func (p Place) sshFlags() string {
	if _, port := p.address(); port != "" {
		return sshOptions + " -p " + port
	}
	return sshOptions
}

// Words are ssh and what has it reach an SSH place; a line for the shell there follows.
func (p Place) Words() []string {
	return append(append([]string{"ssh"}, strings.Fields(p.sshFlags())...), p.target())
}

// shared are the options by which commands to an SSH place share a connection.
// nix gets none of them: some of its versions wait for words that a shared one does not say.
func (p Place) shared() []string {
	if p.Control == "" {
		return nil
	}
	return []string{"-oControlMaster=auto", "-oControlPath=" + p.Control, "-oControlPersist=60"}
}

// Disconnect ends the connection that commands to the place have shared.
func (p Place) Disconnect(ctx context.Context) {
	if p.Control != "" {
		ask(ctx, "ssh", "-oControlPath="+p.Control, "-O", "exit", p.target())
	}
}

// shell is the command that runs a script of sh at a place. Away from here it
// gets the environment of a login, in which nix and guix are on PATH. The
// script holds no single quote where that can be helped: ssh has it parsed
// once more, by a shell that need not be sh.
func (p Place) shell(script string) ([]string, error) {
	words := []string{"sh", "-lc", script}
	switch p.Kind {
	case SSH:
		line, err := quote.Sh(words)
		if err != nil {
			return nil, err
		}
		words := p.Words()
		return append(slices.Insert(words, len(words)-1, p.shared()...), line), nil
	case Lima:
		return append([]string{"limactl", "--tty=false", "shell", "--workdir", "/", p.Instance}, words...), nil
	}
	return []string{"sh", "-c", script}, nil
}

// watched is a script that runs a command away from here. When the connection
// is gone, which the command itself would not notice, it ends the command and
// removes the directory: every two seconds it says a blank line, which only a
// living connection takes.
func watched(command, dir string) string {
	return command + ` & n=$!; (trap "" PIPE; while kill -0 $n 2>/dev/null; do echo >&2 || { kill $n; rm -rf ` + dir + `; }; sleep 2 2>/dev/null; done) >/dev/null & ` +
		`w=$!; wait $n; s=$?; kill $w 2>/dev/null; exit $s`
}

// askAt asks a tool at a place.
func askAt(ctx context.Context, p Place, args ...string) (string, error) {
	if p.Kind == Local {
		return ask(ctx, args...)
	}
	words, err := quote.Sh(args)
	if err != nil {
		return "", err
	}
	if args, err = p.shell(words); err != nil {
		return "", err
	}
	return ask(ctx, args...)
}

// notFound reports whether a tool is not there, here or away.
func notFound(err error) bool {
	var exit *process.ExitError
	return errors.Is(err, exec.ErrNotFound) || errors.As(err, &exit) && exit.Status == 127
}

// lastSaid is the last that a tool said, or else how it ended.
func lastSaid(err error) string {
	var exit *process.ExitError
	if errors.As(err, &exit) && exit.Err == nil && len(exit.Last) > 0 {
		return clean(exit.Last[len(exit.Last)-1])
	}
	return err.Error()
}
