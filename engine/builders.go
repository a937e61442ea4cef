package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/user"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"vmloom/atomic"
	"vmloom/process"
	"vmloom/profile"
)

// Builders are those of a fleet, in the files that its tools read; the zero value is none.
type Builders struct {
	// Dir is generated/fleet, absolute.
	Dir string
	// Fleet says who they are.
	Fleet *profile.Fleet
	// GuixMachines is the file that guix offload reads.
	GuixMachines string
}

// Of are those that build for an engine.
func (b Builders) Of(engine string) (out []profile.Builder) {
	if b.Fleet == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(b.Fleet.Builders), func(one profile.Builder) bool { return !one.Builds(engine) })
}

func (b Builders) file(name ...string) string {
	return filepath.Join(append([]string{b.Dir}, name...)...)
}

// settings are those of nix at a place, with the fleet's builders in the place of its own where
// the job has them.
func (j *Job) settings(ctx context.Context, at Place) (*nixSettings, error) {
	s, err := askNix(ctx, at)
	if err == nil && j.Builders.Fleet != nil {
		s.given = s.Builders
		s.Builders = nixMachines("@"+j.Builders.file("nix", "machines"), s.System, 1)
	}
	return s, err
}

// handOut are the steps that bring the builders' files where no path has a character that nix
// takes for another, and the words and variables that name them.
func (f *nixFlake) handOut() (steps []process.Step, words, env []string) {
	if f.Builders.Fleet == nil {
		return nil, nil, nil
	}
	copied := func(file string) string {
		to := filepath.Join(f.Work, filepath.Base(file))
		steps = append(steps, process.Step{Cmd: process.Cmd{Args: []string{"cp", file, to}}})
		return to
	}
	machines := copied(f.Builders.file("nix", "machines"))
	// A nix without a daemon makes the connections itself, with what its user's ssh is told.
	env = []string{"NIX_SSHOPTS=-F " + copied(f.Builders.file("ssh", "builders.conf"))}
	return steps, []string{"--builders", "@" + machines, "--builders-use-substitutes"}, env
}

// nixBuilders looks whether nix here takes the fleet's builders from its user, and names the
// line for root where it does not.
func nixBuilders(ctx context.Context, j *Job, s *nixSettings) []Finding {
	if j.Builders.Fleet == nil || s.hasAll(s.Builders) {
		return nil
	}
	daemon, trusts := nixTrusts(ctx, s)
	if !trusts {
		line := "builders = @" + j.Builders.file("nix", "machines")
		return []Finding{{true, Failure{
			Cause: "nix: its daemon does not trust you, and takes the fleet's builders from root alone",
			Hint:  "as root: echo '" + line + "' >> /etc/nix/nix.conf, and restart nix-daemon; then leave --builders out",
		}}}
	}
	for _, b := range j.Builders.Of("nix") {
		if daemon && b.Port != 22 {
			return []Finding{{false, Failure{
				Cause: fmt.Sprintf("builder %s: the daemon connects as root, whose ssh has to know its port %d", b.Host, b.Port),
				Hint:  "at the top of /root/.ssh/config: Include " + j.Builders.file("ssh", "builders.conf"),
			}}}
		}
	}
	return nil
}

// hasAll reports whether nix's own settings name these builders.
func (s *nixSettings) hasAll(wanted []nixMachine) bool {
	return len(wanted) > 0 && !slices.ContainsFunc(wanted, func(m nixMachine) bool {
		return !slices.ContainsFunc(s.given, func(has nixMachine) bool { return has.URI == m.URI })
	})
}

// nixTrusts reports whether nix here asks a daemon, and whether builders are taken from its
// user: by the daemon's word or, where it is too old to give it, by the settings.
func nixTrusts(ctx context.Context, s *nixSettings) (daemon, trusted bool) {
	for _, verb := range []string{"info", "ping"} {
		text, err := ask(ctx, nixArgs("store", verb, "--json")...)
		var said struct {
			URL     string
			Trusted json.RawMessage
		}
		if err != nil || json.Unmarshal([]byte(text), &said) != nil {
			continue
		}
		if daemon = said.URL == "daemon" || strings.HasPrefix(said.URL, "unix:"); len(said.Trusted) > 0 {
			return daemon, slices.Contains([]string{"true", "1"}, string(said.Trusted))
		}
	}
	if unix.Access("/nix/var/nix/db", unix.W_OK) == nil {
		return false, true
	}
	me, err := user.Current()
	if err != nil {
		return true, false
	}
	groups, _ := me.GroupIds()
	return true, slices.ContainsFunc(s.Trusted, func(who string) bool {
		name, group := strings.CutPrefix(who, "@")
		if !group {
			return who == "*" || who == me.Username
		}
		g, err := user.LookupGroup(name)
		return err == nil && slices.Contains(groups, g.Gid)
	})
}

// guixBuilders holds the file that guix offload reads to the fleet's: nobody but root can name
// it another.
func guixBuilders(j *Job) []Finding {
	if j.Builders.Fleet == nil {
		return nil
	}
	made := j.Builders.file("guix", "machines.scm")
	want, err := atomic.Read(made, atomic.Most)
	if err != nil {
		return []Finding{{true, Failure{Cause: "builders: " + err.Error(), Hint: "vmloom gen " + j.Builders.Fleet.File()}}}
	}
	has, err := atomic.Read(j.Builders.GuixMachines, atomic.Most)
	if err == nil && bytes.Equal(has, want) {
		return nil
	}
	cause := "guix: " + j.Builders.GuixMachines + " has not the fleet's builders, and guix offload reads no other file"
	if err != nil {
		cause = "guix: " + j.Builders.GuixMachines + " is not there, and guix offload reads no other file"
	}
	return []Finding{{true, Failure{
		Cause: cause, Hint: "sudo install -m 644 '" + made + "' " + j.Builders.GuixMachines + "; then leave --builders out, or not",
	}}}
}

// blame names the line of the fleet's file that a failure of one of its builders is about.
func (b Builders) blame(f *Failure) *Failure {
	if b.Fleet == nil {
		return f
	}
	for i, one := range b.Fleet.Builders {
		why, ok := strings.CutPrefix(f.Cause, "builder "+one.Store()+": cannot be reached: ")
		if !ok {
			continue
		}
		field, hint := "host", f.Hint
		switch {
		case strings.HasPrefix(why, "root does not know its host key"), strings.HasPrefix(why, "its host key has changed"):
			field, why = "hostKey", "its host key is another"
			hint = fmt.Sprintf("ssh-keyscan -t ed25519 -p %d %s shows the key; where it is that of /etc/ssh/ssh_host_ed25519_key.pub there, it goes into hostKey", one.Port, one.Host)
		case strings.HasPrefix(why, "its key"):
			field, hint = "key", "root reads it here: sudo ls -l "+one.Key+"; it has no passphrase, and others may not read it: sudo chmod 600 "+one.Key
		case strings.HasPrefix(why, "it lets the daemon's key not log in"):
			field = "key"
			hint = fmt.Sprintf("%s.pub goes into ~%s/.ssh/authorized_keys of %s; sudo ssh -i %[1]s -p %[4]d %[2]s@%[3]s true must work", one.Key, one.User, one.Host, one.Port)
		}
		p := b.Fleet.ProblemAt(fmt.Sprintf("builders[%d].%s", i, field), why)
		f.Cause = fmt.Sprintf("%s:%d:%d: %s: %s: %s", b.Fleet.File(), p.Line, p.Col, p.Path, one.Host, why)
		f.Hint, f.Field = hint, ""
	}
	return f
}
