// Package host puts on the host what a profile asks for beside the VM itself,
// and removes exactly that: launchd jobs or systemd units, one Include
// in ~/.ssh/config, a WezTerm module. In goes a Layout, which says where things
// are, and a Set, which holds the profile's generated files; out comes a Plan of
// Changes as data, which Apply carries out. What was put where is kept in a Record
// below the state directory. It never touches a file of the user's beyond the
// lines of that Include, never replaces a file that it does not know, and reads
// no environment.
package host

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/atomic"
	"vmloom/cure"
	"vmloom/process"
	"vmloom/profile"
)

// Layout is where things are on this host. All paths are absolute.
type Layout struct {
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

// Op is what a Change does.
type Op string

// The operations. A change is Left where vmloom may do nothing and the user can,
// and Refused where something of the user's is in the way.
const (
	Done    Op = "done"
	Install Op = "install"
	Update  Op = "change"
	Remove  Op = "remove"
	Left    Op = "left"
	Refused Op = "refused"
)

// Change is one thing on the host.
type Change struct {
	Op Op
	// Does is what it is for, as "starts the VM when you log in".
	Does string
	// Paths are the files that are made, changed or removed; absolute.
	Paths []string
	// Commands that follow the files, or, in a removal, come before it.
	Commands []Command
	// Undo is how to remove it by hand: sh, or words. Empty for removals.
	Undo string
	// Why says why a change is Left or Refused, Hint what to do about it.
	Why  string
	Hint cure.Text

	wanted *wanted // nil: nothing of the kind any more
	had    *item   // nil: nothing of the kind yet
	stays  bool    // a removal that leaves files the user has changed
	shared bool    // it is there for another profile, and from now on for this one, too
}

// Command is run for a Change.
type Command struct {
	process.Cmd
	// MayFail commands are not minded, such as a bootout of a job that is not loaded.
	MayFail bool
	// Tries says how often it is run, with a second between, until it succeeds; 0 is 1.
	Tries int
}

// Plan is what is to be done on the host, in order.
type Plan struct {
	Changes []Change

	layout Layout
	name   string // of the profile
	path   string // of its file; empty in an uninstall
	id     string // of its project, as the VM's mark has it
	record *record

	created string // an ssh configuration of vmloom's making in which more is by now
}

// Compare compares what the Set wants with what is there, asking launchctl or
// systemctl what they have loaded. Nothing is changed.
func Compare(ctx context.Context, layout Layout, set Set) (*Plan, error) {
	r, err := readRecord(layout, set.Profile.Name)
	if err != nil {
		return nil, err
	}
	p := &Plan{layout: layout, name: set.Profile.Name, path: set.Path, record: r}
	want := wants(ctx, layout, set)
	for _, had := range slices.Backward(r.Items) {
		if !slices.ContainsFunc(want, func(w wanted) bool { return w.Kind == had.Kind && w.Name == had.Name && !w.never }) {
			p.Changes = append(p.Changes, removal(layout, r, &had))
		}
	}
	for i := range want {
		s := p.change(ctx, &want[i], r.find(want[i].Kind, want[i].Name))
		p.Changes = append(p.Changes, s)
		if want[i].Kind == module && s.Op != Left && s.Op != Refused {
			p.Changes = append(p.Changes, unused(layout, set.Profile.Name)...)
		}
	}
	return p, nil
}

// Uninstall plans to remove all that Apply has put on the host for the
// profile of that name. The profile itself need not be there any more.
func Uninstall(layout Layout, name string) (*Plan, error) {
	r, err := readRecord(layout, name)
	if err != nil {
		return nil, err
	}
	p := &Plan{layout: layout, name: name, record: r}
	for _, had := range slices.Backward(r.Items) {
		p.Changes = append(p.Changes, removal(layout, r, &had))
	}
	return p, nil
}

// For says of which project the VM is, by the id in its mark: the jobs of the host serve no other's.
func (p *Plan) For(id string) { p.id = id }

// InstalledFor is the profile for which the things on the host are, and the id of its project where that is noted;
// empty where there are none.
func (p *Plan) InstalledFor() (path, id string) {
	if p.record == nil || len(p.record.Items) == 0 {
		return "", ""
	}
	noted, _ := atomic.Read(p.noteFile(), atomic.Most)
	return p.record.Profile, strings.TrimSpace(string(noted))
}

// Pending are the changes that Apply would carry out.
func (p *Plan) Pending() (out []Change) {
	for _, s := range p.Changes {
		if s.acts() {
			out = append(out, s)
		}
	}
	return out
}

// Of are the changes of one kind of operation.
func (p *Plan) Of(op Op) (out []Change) {
	for _, s := range p.Changes {
		if s.Op == op {
			out = append(out, s)
		}
	}
	return out
}

func (s Change) acts() bool { return s.Op == Install || s.Op == Update || s.Op == Remove }

// Recorded reports whether anything on the host is there for the profile of that name.
func Recorded(layout Layout, name string) (bool, error) {
	r, err := readRecord(layout, name)
	return err == nil && len(r.Items) > 0, err
}

// change compares one wanted thing with what is there.
func (p *Plan) change(ctx context.Context, w *wanted, had *item) Change {
	s := Change{Op: Install, Does: w.does, Commands: w.commands, Undo: w.undo, wanted: w, had: had}
	s.shared = w.Kind == linger && p.record.lingers
	for _, path := range w.paths() {
		s.Paths = append(s.Paths, path)
		if owner := p.record.others[path]; owner != "" && w.Kind != include {
			s.Op, s.Why = Refused, path+": is there for the profile "+owner+" already"
			s.Hint = cure.Say("two VMs cannot share it: give one another name or instance")
			return s
		}
	}
	switch {
	case w.why != "":
		s.Op, s.Why, s.Hint = Left, w.why, w.hint
		return s
	case w.Kind == include:
		return p.includeChange(s)
	}
	return p.fileChange(ctx, s)
}

func (p *Plan) fileChange(ctx context.Context, s Change) Change {
	equal := 0
	for _, path := range s.wanted.paths() {
		switch state := look(path, s.wanted.data[path], s.had); state {
		case same:
			equal++
		case stale:
			s.Op = Update
		case elsewhere:
			s.Op, s.Why, s.Hint = Left, path+": is not a plain file: left to what made it", cure.Say("home-manager, for one, has the files of the profile's %s; %s leaves all of this out", "nix/home.nix", cure.Vmloom("up", "--no-install"))
			return s
		case edited:
			s.Op, s.Why, s.Hint = Refused, path+": was changed since vmloom put it there", cure.Say("set it aside, then: %s", cure.Vmloom("up"))
			return s
		case foreign:
			s.Op, s.Why, s.Hint = Refused, path+": was not made by vmloom", cure.Say("set it aside, then: %s; or leave all of this out: %s", cure.Vmloom("up"), cure.Vmloom("up", "--no-install"))
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

// removal plans to remove what a record holds.
func removal(layout Layout, r *record, had *item) Change {
	s := Change{Op: Remove, Does: had.about(), had: had}
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
			s.Why, s.Hint = path+": was changed since vmloom put it there: kept", cure.Say("to remove it by hand: %s", had.undo(layout))
		}
	}
	if s.Op == Remove && !(had.Kind == linger && r.lingers) {
		s.Commands = had.unload(layout, len(s.Paths) == 0)
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
func (p Layout) agentDir() string { return filepath.Join(p.Home, "Library", "LaunchAgents") }

// unitDir is where systemd looks for a user's units.
func (p Layout) unitDir() string { return filepath.Join(p.Config, "systemd", "user") }
