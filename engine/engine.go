// Package engine builds images of guests. In goes a Job: a profile, its
// directory, a place to build. Out come the commands that build the image, as
// data (Plan), and, by Build, the finished disk image with its Record for the
// image lock. It runs nix, guix, limactl, ssh and tar, found on PATH; it never
// prints, never schedules (that is the tools' affair), and writes only into the
// Job's own directories.
package engine

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"vmloom/process"
	"vmloom/profile"
)

// Job is one image to build.
type Job struct {
	Profile *profile.Profile
	// Base is the profile's directory, absolute; generated/NAME lies below it and is up to date.
	Base string
	// Place where the build runs; never Auto in Plan and Build.
	Place Place
	// Work is an empty directory of this run for staging, links and captured
	// output, absolute and of plain characters; the caller removes it.
	Work string
	// Image is the file that the last step writes: in images/, under a temporary name.
	Image string
	// Template is the Lima template of a throw-away instance, for limactl; it exists in no file.
	Template []byte
	// Log is the file that gets everything the tools say.
	Log string
	// Locked refuses to pin new inputs: what is not pinned already is an error.
	Locked bool
	// Evaluations bounds how many steps that evaluate run at once, by its capacity, whatever
	// jobs share it; nil: no bound.
	Evaluations chan struct{}
	// Builders hand nix those of a fleet for this build, in the place of its own.
	Builders Builders
	// Check builds a second time and compares, instead of bringing the image out.
	Check bool
}

// Kind is how a place is reached.
type Kind string

// The places of build.on.
const (
	Auto  Kind = "auto"
	Local Kind = "local"
	SSH   Kind = "ssh"
	Lima  Kind = "lima"
)

// Place is where a build runs.
type Place struct {
	Kind Kind
	// Host is user@host[:port] of an SSH place, Instance that of a Lima place.
	Host, Instance string
	// Control is ssh's ControlPath, by which the commands of one run share a connection; empty: none is shared.
	Control string
}

// ParsePlace reads a value of build.on, which the profile has checked already,
// or of --on.
func ParsePlace(s string) (Place, error) {
	if host, ok := strings.CutPrefix(s, "ssh://"); ok {
		p := Place{Kind: SSH, Host: strings.TrimSuffix(host, "/")}
		// ssh takes what begins with a hyphen for an option, and options run commands.
		if name := p.target(); name != "" && !strings.HasPrefix(name, "-") && !strings.ContainsFunc(name, notPlain) {
			return p, nil
		}
	}
	if instance, ok := strings.CutPrefix(s, "lima:"); ok && instance != "" && !strings.HasPrefix(instance, "-") {
		return Place{Kind: Lima, Instance: instance}, nil
	}
	switch k := Kind(s); k {
	case Auto, Local:
		return Place{Kind: k}, nil
	}
	return Place{}, fmt.Errorf("place %s: must be auto, local, ssh://user@host or lima:INSTANCE", s)
}

// notPlain is what no address has.
func notPlain(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("'\"/", r)
}

// String is the place as build.on has it.
func (p Place) String() string {
	switch p.Kind {
	case SSH:
		return "ssh://" + p.Host
	case Lima:
		return "lima:" + p.Instance
	}
	return string(p.Kind)
}

// Engine is one way to make an image.
type Engine struct {
	// Name as in the image lock: nix, guix or limactl.
	Name string
	// features are what nix calls so, and the machine that builds an image must have.
	features []string
	// sized tells that the image has the size of the system disk.
	sized bool
	// inputs are the files that the image follows from, relative to Base, with
	// slashes. One that is not there counts as such.
	inputs func(*profile.Profile) []string
	// found are further inputs that only a look at the profile's directory tells; may be nil.
	found func(*Job) []string
	// choose decides what auto means here, and says why in one line.
	choose func(context.Context, *Job) (Place, string, error)
	// preflight looks before any work: what would fail, and what may.
	preflight func(context.Context, *Job) []Finding
	// plan is the build as commands. It looks at nothing but the job and the files of the profile.
	plan func(*Job) ([]process.Step, error)
	// names is the plan that only sets DRV, the derivation that makes the image; nil where nothing such is.
	names func(*Job) ([]process.Step, error)
	// tool is the program whose version is recorded.
	tool string
	// parse reads what a step says on stderr, line by line.
	parse func() parser
	// explain answers a step that failed, by what its parser heard and the text of it.
	explain func(*Job, *process.ExitError, parser, string) *Failure
}

// Engines in no particular order; For picks.
func Engines() []Engine { return []Engine{nixEngine(), guixEngine(), limaEngine()} }

// Features are what the machine that builds must have beside its processor.
func (e Engine) Features() []string { return append([]string{}, e.features...) }

// Builds reports whether the profile's VM starts from an image that is built at all.
func Builds(p *profile.Profile) bool {
	return !p.HasImage() && (p.System().SetUp != profile.ByFlake || p.Nix.Base == "own")
}

// NameFor is the name of the engine that images of such a guest come from.
func NameFor(p *profile.Profile) string { return of(p).Name }

func of(p *profile.Profile) Engine { return engines()[p.System().SetUp]() }

// engines by what makes a guest the profile's, which is what they build.
func engines() map[profile.SetUp]func() Engine {
	return map[profile.SetUp]func() Engine{profile.ByCloudInit: limaEngine, profile.ByFlake: nixEngine, profile.ByGuix: guixEngine}
}

// Inputs are the files that the profile's image follows from, as far as the profile tells, from its directory.
func Inputs(p *profile.Profile) []string { return of(p).inputs(p) }

// For is the engine that builds the profile's guest.
func For(p *profile.Profile) (Engine, error) {
	if p.HasImage() {
		return Engine{}, &Failure{Cause: "image: guest.image names it, and none is built", Hint: "remove guest.image for an image that is built, or go on with: vmloom up", Field: "guest.image"}
	}
	if !Builds(p) {
		return Engine{}, &Failure{
			Cause: "image: nix.base is " + p.Nix.Base + ": the VM starts from the image that nixos-lima publishes, and none is built",
			Hint:  "write nix: {base: own} for an image of your own, or go on with: vmloom up", Field: "nix.base",
		}
	}
	e := of(p)
	if p.System().SetUp == profile.ByCloudInit {
		return e, nil // builds from a template of its own, not from generated files
	}
	if !p.Wants(e.Name) {
		return Engine{}, &Failure{
			Cause: "targets: leave " + e.Name + " out, of whose files the image is built", Hint: "add " + e.Name + " to targets", Field: "targets",
		}
	}
	return e, nil
}

// Finding is what a pre-flight check saw. Only a Fatal one keeps the build from starting.
type Finding struct {
	Fatal bool
	Failure
}

// parser turns a tool's talk into progress. Line gives the text for the log and
// for people, and whether there is any.
type parser interface {
	line(string) (text string, show bool)
	progress() Progress
}

// Progress is a build at one moment.
type Progress struct {
	// Step is what the present command does.
	Step string
	// Built of Builds derivations; Builds grows while the tool discovers more.
	Built, Builds int
	// Fetched of Fetch bytes.
	Fetched, Fetch int64
	// Now is what is at work, Phase its phase, Line the last line of its log.
	Now, Phase, Line string
}
