// Package generate turns one profile into the files of its set-up. In goes a
// complete *profile.Profile and, where one was built, the record of its image;
// out come paths, modes and bytes, a pure function of the two: no clock, no environment, no file is read. Compare and Plan
// (write.go) bring them to disk, below generated/<name>/ and nowhere else. It
// never runs a tool.
package generate

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"vmloom/engine"
	"vmloom/profile"
	"vmloom/templates"
)

// File is one generated file.
type File struct {
	// Path below generated/<name>/, with slashes.
	Path string
	// Mode is 0o644, or 0o755 for scripts; what holds a secret is its owner's alone.
	Mode fs.FileMode
	// Data ends in a newline.
	Data []byte
}

// Target is one kind of output.
type Target struct {
	Name, About string
	// absent says why the target does not apply to a profile; empty: it applies.
	absent func(*profile.Profile) string
	files  func(source) ([]File, error)
}

// source is what files are made from.
type source struct {
	*profile.Profile
	images engine.Images // those that vmloom has built
	own    []string      // files of the user's that the flake or the Guix definition reads

	// What several targets are made from is made at its first use, and once. Nobody changes it.
	applied func() []profile.Applied
	lima    func() (*limaView, error)
	scripts func() (any, error) // what the templates of the runner's scripts print
}

func newSource(p *profile.Profile, images engine.Images, own []string) source {
	from := source{Profile: p, images: images, own: own, applied: sync.OnceValue(p.Applied)}
	from.lima = sync.OnceValues(func() (*limaView, error) { return newLimaView(p, images) })
	from.scripts = sync.OnceValues(func() (any, error) { return runBy(p).view(from) })
	return from
}

// Targets in the order of their output.
func Targets() []Target {
	return []Target{
		{"nix", "NixOS flake: guest, image, and modules for the host's nix-darwin and home-manager", absentNix, nixFiles},
		{"guix", "Guix System definition, channels and manifest", absentGuix, guixFiles},
		{"lima", "Lima instance template", absentLima, limaFiles},
		{"launchd", "launchd agents: autostart and socket repair on macOS", absentLaunchd, launchdFiles},
		{"systemd", "systemd user units: autostart and socket repair on Linux", absentSystemd, systemdFiles},
		{"ssh", "what ~/.ssh/config includes", always, sshFiles},
		{"wezterm", "WezTerm module with the VM's domain", absentWezTerm, weztermFiles},
		{"scripts", "create, ssh, stop, apply, rebuild, repair and destroy as plain sh", always, scriptFiles},
		{"docs", "guide to this very set-up", always, docsFiles},
	}
}

// Files makes every file of the profile's targets, sorted by path. Images are what
// the image lock says of the profile's own; own are the user's
// files that its system's definition reads (engine.NixOwn, GuixOwn), beside those that the profile names.
func Files(p *profile.Profile, images engine.Images, own ...string) ([]File, error) {
	from := newSource(p, images, ownFiles(p, own))
	var out []File
	for _, t := range Targets() {
		reason := t.absent(p)
		switch {
		case slices.Contains(p.Targets, t.Name) && reason != "":
			return nil, fmt.Errorf("target %s: %s", t.Name, reason)
		case reason != "" || !p.Wants(t.Name):
			continue
		}
		files, err := t.files(from)
		if err != nil {
			return nil, fmt.Errorf("target %s: %w", t.Name, err)
		}
		out = append(out, files...)
	}
	if len(out) == 0 {
		return nil, errors.New("no target applies to this host, runner and guest; vmloom targets PROFILE shows why")
	}
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	seal(out, p.Secrets())
	return out, nil
}

// Absent says why the target makes nothing for p; empty: it applies.
func (t Target) Absent(p *profile.Profile) string { return t.absent(p) }

// ownFiles are the user's files that the flake or the Guix definition reads, sorted.
func ownFiles(p *profile.Profile, found []string) []string {
	all, named := slices.Clone(found), p.Nix.OwnFiles()
	if p.System().SetUp == profile.ByGuix {
		named = p.Guix.OwnFiles()
	}
	for _, own := range named {
		all = append(all, path.Clean(own.File))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// always is the reason of targets that every set-up has.
func always(*profile.Profile) string { return "" }

// render makes one file from a template.
func render(to, template string, view any) (File, error) {
	data, err := templates.Render(template, view)
	if err != nil {
		return File{}, err
	}
	mode := fs.FileMode(0o644)
	if path.Ext(to) == ".sh" {
		mode = 0o755
	}
	return File{Path: to, Mode: mode, Data: data}, nil
}

// text renders a fragment that becomes a value inside another file.
func text(template string, view any) (string, error) {
	data, err := templates.Render(template, view)
	return string(data), err
}
