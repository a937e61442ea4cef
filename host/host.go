// Package host puts on the host what a profile asks for beside the VM itself,
// and takes exactly that away again: launchd jobs or systemd units, one Include
// in ~/.ssh/config, a WezTerm module. In goes a Place, which tells where things
// are, and a Set, which holds the profile's generated files; out comes a Plan of
// Steps as data, which Apply carries out. What was put where is kept in a Record
// below the state directory. It never touches a file of the user's beyond the
// lines of that Include, never replaces a file that it does not know, and reads
// no environment.
package host

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/process"
	"vmloom/profile"
)

// Place is where things are on this host. All paths are absolute.
type Place struct {
	// User is the login name, UID its number.
	User string
	UID  int
	// Home is the home directory, Config that of XDG_CONFIG_HOME, State that of XDG_STATE_HOME.
	Home, Config, State string
	// Daemons is where launchd's jobs of the whole Mac are: /Library/LaunchDaemons.
	Daemons string
}

// Set is what a profile wants to have on the host.
type Set struct {
	Profile *profile.Profile
	// Path of the profile's file, and Dir of its generated files; absolute.
	Path, Dir string
	// Files are the generated ones: by path below Dir, their bytes.
	Files map[string][]byte
}

// Op is what a Step does.
type Op string

// The operations. A step is Left where vmloom may do nothing and the user can,
// and Refused where something of the user's is in the way.
const (
	Done    Op = "done"
	Install Op = "install"
	Change  Op = "change"
	Remove  Op = "remove"
	Left    Op = "left"
	Refused Op = "refused"
)

// Step is one thing on the host.
type Step struct {
	Op Op
	// Does is what it is for, as "starts the VM when you log in".
	Does string
	// Paths are the files that are made, changed or removed; absolute.
	Paths []string
	// Commands that follow the files, or, in a removal, come before it.
	Commands []Command
	// Undo is how to take it away by hand: sh, or words. Empty for removals.
	Undo string
	// Why says why a step is Left or Refused, Hint what to do about it.
	Why, Hint string

	wanted *wanted // nil: nothing of the kind any more
	had    *item   // nil: nothing of the kind yet
	stays  bool    // a removal that leaves files the user has changed
	shared bool    // it is there for another profile, and from now on for this one, too
}

// Command is run for a step.
type Command struct {
	process.Cmd
	// MayFail commands are not minded, such as a bootout of a job that is not loaded.
	MayFail bool
	// Tries says how often it is run, with a second between, until it succeeds; 0 is 1.
	Tries int
}

// Plan is what is to be done on the host, in order.
type Plan struct {
	Steps []Step

	place  Place
	name   string // of the profile
	path   string // of its file; empty in an uninstall
	record *record

	created string // an ssh configuration of vmloom's making in which more is by now
}

// Look compares what the Set wants with what is there, asking launchctl or
// systemctl what they have loaded. Nothing is changed.
func Look(ctx context.Context, place Place, set Set) (*Plan, error) {
	r, err := readRecord(place, set.Profile.Name)
	if err != nil {
		return nil, err
	}
	p := &Plan{place: place, name: set.Profile.Name, path: set.Path, record: r}
	want := wants(ctx, place, set)
	for _, had := range slices.Backward(r.Items) {
		if !slices.ContainsFunc(want, func(w wanted) bool { return w.Kind == had.Kind && w.Name == had.Name && !w.never }) {
			p.Steps = append(p.Steps, removal(place, r, &had))
		}
	}
	for i := range want {
		s := p.step(ctx, &want[i], r.find(want[i].Kind, want[i].Name))
		p.Steps = append(p.Steps, s)
		if want[i].Kind == module && s.Op != Left && s.Op != Refused {
			p.Steps = append(p.Steps, unused(place, set.Profile.Name)...)
		}
	}
	return p, nil
}

// Uninstall plans to take away all that Apply has put on the host for the
// profile of that name. The profile itself need not be there any more.
func Uninstall(place Place, name string) (*Plan, error) {
	r, err := readRecord(place, name)
	if err != nil {
		return nil, err
	}
	p := &Plan{place: place, name: name, record: r}
	for _, had := range slices.Backward(r.Items) {
		p.Steps = append(p.Steps, removal(place, r, &had))
	}
	return p, nil
}

// Pending are the steps that Apply would carry out.
func (p *Plan) Pending() (out []Step) {
	for _, s := range p.Steps {
		if s.acts() {
			out = append(out, s)
		}
	}
	return out
}

// Of are the steps of one kind of operation.
func (p *Plan) Of(op Op) (out []Step) {
	for _, s := range p.Steps {
		if s.Op == op {
			out = append(out, s)
		}
	}
	return out
}

func (s Step) acts() bool { return s.Op == Install || s.Op == Change || s.Op == Remove }

// Recorded reports whether anything on the host is there for the profile of that name.
func Recorded(place Place, name string) (bool, error) {
	r, err := readRecord(place, name)
	return err == nil && len(r.Items) > 0, err
}

// step compares one wanted thing with what is there.
func (p *Plan) step(ctx context.Context, w *wanted, had *item) Step {
	s := Step{Op: Install, Does: w.does, Commands: w.commands, Undo: w.undo, wanted: w, had: had}
	s.shared = w.Kind == linger && p.record.lingers
	for _, path := range w.paths() {
		s.Paths = append(s.Paths, path)
		if owner := p.record.others[path]; owner != "" && w.Kind != include {
			s.Op, s.Why = Refused, path+": is there for the profile "+owner+" already"
			s.Hint = "two VMs cannot share it: give one another name or instance"
			return s
		}
	}
	switch {
	case w.why != "":
		s.Op, s.Why, s.Hint = Left, w.why, w.hint
		return s
	case w.Kind == include:
		return p.includeStep(s)
	}
	return p.fileStep(ctx, s)
}

func (p *Plan) fileStep(ctx context.Context, s Step) Step {
	equal := 0
	for _, path := range s.wanted.paths() {
		switch state := look(path, s.wanted.data[path], s.had); state {
		case same:
			equal++
		case stale:
			s.Op = Change
		case elsewhere:
			s.Op, s.Why, s.Hint = Left, path+": is not a plain file: left to what made it", "home-manager, for one, has the files of the profile's nix/home.nix; --no-install leaves all of this out"
			return s
		case edited:
			s.Op, s.Why, s.Hint = Refused, path+": was changed since vmloom put it there", "set it aside, then: vmloom up"
			return s
		case foreign:
			s.Op, s.Why, s.Hint = Refused, path+": was not made by vmloom", "set it aside, then: vmloom up; or leave all of this out: vmloom up --no-install"
			return s
		}
	}
	loaded := s.wanted.loaded(ctx)
	cutOff := s.had != nil && s.had.Pending
	switch {
	case equal == len(s.wanted.data) && loaded && !cutOff:
		s.Op, s.Commands = Done, nil
	case loaded && s.wanted.atNext != "":
		s.Commands, s.Does = s.wanted.reload, s.Does+"; "+s.wanted.atNext
	}
	return s
}

// removal plans to take away what a record holds.
func removal(place Place, r *record, had *item) Step {
	s := Step{Op: Remove, Does: had.about(), had: had}
	if had.Kind == include {
		return includeRemoval(s)
	}
	for _, path := range had.paths() {
		switch look(path, nil, had) {
		case absent:
		case stale:
			s.Paths = append(s.Paths, path)
		default:
			s.Op, s.stays = Left, true
			s.Why, s.Hint = path+": was changed since vmloom put it there: kept", "to take it away by hand: "+had.undo(place)
		}
	}
	if s.Op == Remove && !(had.Kind == linger && r.lingers) {
		s.Commands = had.unload(place, len(s.Paths) == 0)
	}
	return s
}

// ours reports whether a file begins like one that vmloom generates.
func ours(data []byte) bool {
	return strings.Contains(string(data[:min(len(data), 512)]), "Generated by vmloom from ")
}

// sh is a command as a line of sh.
func sh(args ...string) string { return process.Cmd{Args: args}.String() }

// agentDir is where launchd looks for a user's jobs.
func (p Place) agentDir() string { return filepath.Join(p.Home, "Library", "LaunchAgents") }

// unitDir is where systemd looks for a user's units.
func (p Place) unitDir() string { return filepath.Join(p.Config, "systemd", "user") }
